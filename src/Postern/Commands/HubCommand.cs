using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;
using Postern.Hosting;
using Postern.Operations;

namespace Postern.Commands;

/// <summary><c>postern hub</c>: the daemon inside.</summary>
internal static class HubCommand
{
    public static Command Build() => new("hub", "The hub daemon, inside the organization, and the hubs that share its directory.") { Run(), SiteVerbs.List(), SiteVerbs.Identity(), SiteVerbs.Remove() };

    private static Command Run()
    {
        Option<string> fqdn = Arguments.Fqdn("the hub's name; its first label is part of the names of its accounts on the edges");
        Option<string> config = new("--config") { HelpName = "FILE", Description = "site and sources: docs/hub-json.md", Required = true };
        Option<bool> noSchedule = new("--no-schedule") { Description = "run cycles by hand only (`postern sync start`)" };
        Option<IPEndPoint?> https = Arguments.Https();
        Option<string> logLevel = EdgeCommand.LogLevelOption();
        Command command = new("run", "Runs the hub in the foreground until SIGTERM or Ctrl-C; logs JSON lines to stdout.") { fqdn, config, noSchedule, https, logLevel };
        Option<string?> data = command.AddData("data folder; made if missing");
        return command.Does(async context =>
        {
            HubSettings settings = await Failures.TranslateAsync(() => Task.FromResult(HubSettingsReader.Read(context.Get(config))));
            HubHostOptions options = new(Path.GetFullPath(context.Get(data)!), context.Get(fqdn), settings) { Https = context.Get(https) };
            using ILoggerFactory log = DaemonLog.ToStandardOutput(EdgeCommand.LevelOf(context.Get(logLevel)));
            return await Daemon.RunAsync(
                async cancellation =>
                {
                    HubHost host = await HubHost.StartAsync(options, log, TimeProvider.System, cancellation);
                    if (!context.Get(noSchedule))
                    {
                        host.StartSchedule();
                    }

                    return host;
                },
                log, context);
        });
    }
}

using System.CommandLine;
using System.Net;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.EdgeSync;
using Postern.EdgeSync.Rotation;
using Postern.Hosting;
using Postern.Transport;

namespace Postern.Commands;

/// <summary><c>postern edge</c>: the daemon on the perimeter.</summary>
internal static class EdgeCommand
{
    public const string UnixPrefix = "unix:";

    public static Command Build() => new("edge", "The edge daemon, beside the mail gateway.") { Run() };

    /// <summary>ADDR:PORT or unix:PATH.</summary>
    public static Option<string?> SocketmapOption(string defaultValue) => new("--socketmap")
    {
        HelpName = "ADDR:PORT|unix:PATH",
        Description = $"where Postfix asks (default {defaultValue})",
    };

    /// <exception cref="CommandFailure">Neither form.</exception>
    public static SocketmapEndpoint ParseSocketmap(string? text, string dataFolder)
    {
        text ??= UnixPrefix + new EdgePaths(dataFolder).SocketmapSocket;
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal) && text.Length > UnixPrefix.Length)
        {
            text = UnixPrefix + Path.GetFullPath(text[UnixPrefix.Length..]);
        }

        try
        {
            return SocketmapEndpoint.Parse(text);
        }
        catch (FormatException e)
        {
            throw CommandFailure.WrongUsage($"--socketmap: {e.Message}", "see: postern edge run --help");
        }
    }

    private static Command Run()
    {
        Option<string> fqdn = Arguments.Fqdn("the name under which hubs reach this edge; its first label is the edge's name");
        Option<IPEndPoint> ldaps = Arguments.Listen("--ldaps", "0.0.0.0:50636", "where hubs synchronize");
        Option<IPEndPoint> ldap = Arguments.Listen("--ldap", "127.0.0.1:50389", "where programs on this machine log on without TLS");
        Option<string?> socketmap = SocketmapOption("unix:DIR/socketmap.sock");
        Option<string> key = Arguments.Choice(
            "--key-algorithm", "key of Edge-Cert, which is made at the first start (default ecdsaP256)", [.. KeyAlgorithms.Keys]);
        Option<bool> anonymousLookup = new("--anonymous-lookup")
        {
            Description = "let every program on this machine read recipients and domains on --ldap without logging on",
        };
        Option<int> days = Arguments.Number(
            "--certificate-days", "N", new CertificateTimetable().Lifetime.Days, CertificateTimetable.ShortestLifetime.Days, CertificateTimetable.LongestLifetime.Days,
            "life of the certificates that the edge makes; each has a successor after two thirds of it (default 365)");
        Option<IPEndPoint?> https = Arguments.Https();
        Option<string> logLevel = LogLevelOption();
        Command command = new("run", "Runs the edge in the foreground until SIGTERM or Ctrl-C; logs JSON lines to stdout.")
        {
            fqdn, ldaps, ldap, socketmap, key, days, anonymousLookup, https, logLevel,
        };
        Option<string?> data = command.AddData("data folder; made if missing");
        return command.Does(async context =>
        {
            string folder = Path.GetFullPath(context.Get(data)!);
            EdgeHostOptions options = new(folder, context.Get(fqdn), context.Get(ldaps), context.Get(ldap), ParseSocketmap(context.Get(socketmap), folder))
            {
                KeyAlgorithm = KeyAlgorithms.GetValueOrDefault(context.Get(key) ?? ""),
                Certificates = new CertificateTimetable { Lifetime = TimeSpan.FromDays(context.Get(days)) },
                Https = context.Get(https),
                AnonymousLookup = context.Get(anonymousLookup),
            };
            SocketCompletions.RunInline();
            using ILoggerFactory log = DaemonLog.ToStandardOutput(LevelOf(context.Get(logLevel)));
            return await Daemon.RunAsync(
                async cancellation => await EdgeHost.StartAsync(options, log, TimeProvider.System, cancellation), log, context);
        });
    }

    public static Option<string> LogLevelOption() => Arguments.Choice(
        "--log-level", "least important event that is logged (default information)", "debug", "information", "warning", "error");

    public static LogLevel LevelOf(string? word) => word is null ? LogLevel.Information : Enum.Parse<LogLevel>(word, ignoreCase: true);

    private static Dictionary<string, KeyAlgorithm> KeyAlgorithms { get; } = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ecdsaP256"] = KeyAlgorithm.EcdsaP256,
        ["ecdsaP384"] = KeyAlgorithm.EcdsaP384,
        ["rsa2048"] = KeyAlgorithm.Rsa2048,
        ["rsa3072"] = KeyAlgorithm.Rsa3072,
        ["rsa4096"] = KeyAlgorithm.Rsa4096,
    };
}

using System.CommandLine;
using Postern.Control;
using Postern.Operations.Status;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern status</c>: what runs here.</summary>
internal static class StatusCommand
{
    public static Command Build()
    {
        Command command = new("status", "Shows what the daemon of a data folder is, where it listens and what it last synchronized.");
        Option<string?> data = command.AddDaemon("data folder of an edge or a hub");
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            StatusResult status = await daemon.SendAsync(
                ControlRoutes.Status, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.StatusResult, context.Cancellation);
            context.Output.Result(status, PosternJson.Default.StatusResult, Tables.Status);
            return ExitCode.Done;
        });
    }
}

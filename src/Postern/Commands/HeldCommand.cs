using System.CommandLine;
using System.Text.Json.Serialization.Metadata;
using Postern.Control;
using Postern.Operations.Synchronization;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern sync held</c>: what the guard held back, and what is to become of it.</summary>
internal static class HeldCommand
{
    private const string DataDescription = "data folder of the hub";

    public static Command Build() => new("held", "What the guard holds back until somebody decides.")
    {
        List(),
        Show(),
        Approve(),
        Decide("reject", "Keeps what is held, until its source shows it again.", ControlRoutes.HeldReject),
    };

    private static Command List()
    {
        Option<string?> edge = new("--edge") { HelpName = "NAME", Description = "only this edge (default: all)" };
        Command command = new("list", "Lists edges and types where something waits: exit code 0 when there are none, 4 when there are.") { edge };
        Option<string?> data = command.AddDaemon(DataDescription);
        return command.Does(async context =>
        {
            HeldList list = await context.Daemon(data).SendAsync(
                ControlRoutes.HeldList, new OfEdge(context.Get(edge)), PosternJson.Default.OfEdge, PosternJson.Default.HeldList, context.Cancellation);
            context.Output.Result(list, PosternJson.Default.HeldList, AnswerTables.Held);
            return list.Held.Any(one => one.Count > 0 || one.Reason.Length > 0) ? ExitCode.RefusedByGuard : ExitCode.Done;
        });
    }

    private static Command Show()
    {
        Command command = new("show", "Shows the entries that wait, by id, with what each would lose and the last decision about it.");
        return WithPlace(command, (context, daemon, place) => SendAsync(
            context, daemon, ControlRoutes.HeldShow, place, PosternJson.Default.HeldEntries, AnswerTables.HeldEntries, _ => ExitCode.Done));
    }

    private static Command Approve()
    {
        Option<bool> rejected = new("--rejected") { Description = "what was rejected before, in place of what is held" };
        Command command = new("approve", "Lets go what is held now, and nothing else that the guard would hold.") { rejected };
        return WithPlace(command, (context, daemon, place) => SendAsync(
            context, daemon, ControlRoutes.HeldApprove, place with { Rejected = context.Get(rejected) }, PosternJson.Default.IReadOnlyListSyncCycleResult, Tables.Cycles, SyncCommand.ExitCodeOf));
    }

    private static Command Decide(string name, string description, string route) => WithPlace(new Command(name, description), (context, daemon, place) => SendAsync(
        context, daemon, route, place, PosternJson.Default.IReadOnlyListSyncCycleResult, Tables.Cycles, SyncCommand.ExitCodeOf));

    private static Command WithPlace(Command command, Func<VerbContext, ControlClient, HeldOf, Task<int>> body)
    {
        Option<string> edge = new("--edge") { HelpName = "NAME", Description = "the edge", Required = true };
        Option<string> type = Arguments.Choice("--type", "what kind of entries", "recipients", "configuration");
        type.DefaultValueFactory = _ => "recipients";
        command.Add(edge);
        command.Add(type);
        Option<string?> data = command.AddDaemon(DataDescription);
        return command.Does(context => body(context, context.Daemon(data), new HeldOf(context.Get(edge), context.Get(type))));
    }

    private static async Task<int> SendAsync<T>(
        VerbContext context, ControlClient daemon, string route, HeldOf place, JsonTypeInfo<T> shape, Action<TextWriter, T> print, Func<T, int> exitCode)
    {
        T result = await daemon.SendAsync(route, place, PosternJson.Default.HeldOf, shape, context.Cancellation);
        context.Output.Result(result, shape, print);
        return exitCode(result);
    }
}

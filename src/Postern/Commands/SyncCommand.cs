using System.CommandLine;
using Postern.Control;
using Postern.Operations.Synchronization;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern sync</c>: a cycle by hand.</summary>
internal static class SyncCommand
{
    public static Command Build() => new("sync", "Synchronization from the sources to the edges.") { Start(), Apply(), SyncAnswerVerbs.Status(), SyncAnswerVerbs.Test(), HeldCommand.Build() };

    /// <summary>The worst of the results: a failure weighs more than a guard, a guard more than success.</summary>
    public static int ExitCodeOf(IReadOnlyList<SyncCycleResult> results) => results switch
    {
        _ when results.Any(one => one.Failed) => ExitCode.Failed,
        _ when results.Any(one => one.HeldByGuard) => ExitCode.RefusedByGuard,
        _ when results.Any(one => one.Pending) => ExitCode.ChangesPending,
        _ => ExitCode.Done,
    };

    private static Command Start()
    {
        Option<string?> edge = new("--edge") { HelpName = "NAME", Description = "only this edge (default: all)" };
        Option<bool> full = new("--full") { Description = "send every entry again, whatever the edge holds" };
        Option<bool> approve = new("--approve-deletes") { Description = "let the deletes through that the guard would hold back, this once" };
        Option<bool> dryRun = new("--dry-run") { Description = "change nothing: say what would be done, checked by the edge; exit code 5 when there is something to do" };
        Option<bool> changes = new("--changes") { Description = "with --dry-run: name every change" };
        Command command = new("start", "Runs one cycle now; one result per edge and type.") { edge, full, approve, dryRun, changes };
        command.Validators.Add(result =>
        {
            if (result.GetResult(changes) is { Implicit: false } && result.GetResult(dryRun) is not { Implicit: false })
            {
                result.AddError("--changes names the changes of a dry run: give --dry-run too");
            }
        });
        Option<string?> data = command.AddDaemon("data folder of the hub");
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            StartSync request = new(context.Get(edge), context.Get(full), context.Get(approve), context.Get(dryRun), context.Get(changes));
            IReadOnlyList<SyncCycleResult> results;
            using (SyncProgressLine progress = new(context.Output.Error))
            {
                results = await daemon.StreamAsync(
                    ControlRoutes.SyncStart, request, PosternJson.Default.StartSync, PosternJson.Default.SyncStreamLine, progress, context.Cancellation);
            }

            context.Output.Result(results, PosternJson.Default.IReadOnlyListSyncCycleResult, Tables.Cycles);
            return ExitCodeOf(results);
        });
    }

    private static Command Apply()
    {
        Argument<string> id = new("PLAN") { Description = "of a dry run" };
        Command command = new("apply", "Does what a dry run planned, once, if nothing was synchronized since.") { id };
        Option<string?> data = command.AddDaemon("data folder of the hub");
        return command.Does(async context =>
        {
            IReadOnlyList<SyncCycleResult> results = await context.Daemon(data).SendAsync(
                ControlRoutes.SyncApply, new ApplyPlan(context.Get(id)), PosternJson.Default.ApplyPlan, PosternJson.Default.IReadOnlyListSyncCycleResult, context.Cancellation);
            context.Output.Result(results, PosternJson.Default.IReadOnlyListSyncCycleResult, Tables.Cycles);
            return ExitCodeOf(results);
        });
    }
}

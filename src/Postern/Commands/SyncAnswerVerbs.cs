using System.CommandLine;
using Postern.Control;
using Postern.EdgeSync.Answers;
using Postern.EdgeSync.Records;
using Postern.Operations.Synchronization;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern sync status</c>, <c>sync test</c>, <c>audit verify</c>: how synchronization stands.</summary>
internal static class SyncAnswerVerbs
{
    private const string DataDescription = "data folder of the hub";

    public static Command Status()
    {
        Option<string?> edge = new("--edge") { HelpName = "NAME", Description = "only this edge (default: all)" };
        Command command = new("status", "Shows how far each type of each edge is: exit code 0 when all is well, 4 when deletions are held, 1 when an edge or its last cycle failed.") { edge };
        Option<string?> data = command.AddDaemon(DataDescription);
        return command.Does(async context =>
        {
            SyncStatusList list = await context.Daemon(data).SendAsync(
                ControlRoutes.SyncStatus, new OfEdge(context.Get(edge)), PosternJson.Default.OfEdge, PosternJson.Default.SyncStatusList, context.Cancellation);
            context.Output.Result(list, PosternJson.Default.SyncStatusList, AnswerTables.Status);
            return list.Reports.Any(one => one.IsFailing) ? ExitCode.Failed : list.Reports.Any(one => one.HeldReason.Length > 0) ? ExitCode.RefusedByGuard : ExitCode.Done;
        });
    }

    public static Command Test()
    {
        Option<string?> edge = new("--edge") { HelpName = "NAME", Description = "only this edge (default: all)" };
        Option<bool> full = new("--full") { Description = "compare every object with its source, both ways (default: ask the sources what has changed)" };
        Option<bool> exclude = new("--exclude-recipients") { Description = "only the configuration" };
        Option<string?> recipient = new("--recipient") { HelpName = "ADDRESS", Description = "compare only the recipient with this address" };
        Option<int> most = new("--max-report")
        {
            HelpName = "N",
            Description = "objects out of step that are listed at most",
            DefaultValueFactory = _ => SyncTestStart.DefaultMaxReportSize,
        };
        most.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError("--max-report: at least 1");
            }
        });
        Command command = new("test", "Tells whether the edges are what the sources say: exit code 0 when they are, 1 when not or when it cannot be told.") { edge, full, exclude, recipient, most };
        Option<string?> data = command.AddDaemon(DataDescription);
        command.Validators.Add(result =>
        {
            if (result.GetResult(recipient) is { Implicit: false } && (result.GetResult(full) is { Implicit: false } || result.GetResult(exclude) is { Implicit: false }))
            {
                result.AddError("--recipient goes with neither --full nor --exclude-recipients");
            }
        });
        return command.Does(async context =>
        {
            SyncTestList list = await context.Daemon(data).SendAsync(
                ControlRoutes.SyncTest, new TestSync(context.Get(edge), context.Get(full), context.Get(exclude), context.Get(most), context.Get(recipient)),
                PosternJson.Default.TestSync, PosternJson.Default.SyncTestList, context.Cancellation);
            context.Output.Result(list, PosternJson.Default.SyncTestList, AnswerTables.Test);
            return list.IsNormal ? ExitCode.Done : ExitCode.Failed;
        });
    }

    public static Command Audit()
    {
        Command verify = new("verify", "Checks the hash chain of the audit record: exit code 0 when nothing was changed, 1 when something was.");
        Option<string?> data = verify.AddData(DataDescription);
        verify.Does(async context =>
        {
            AuditVerification result = await context.Daemon(data).SendAsync(
                ControlRoutes.AuditVerify, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.AuditVerification, context.Cancellation);
            context.Output.Result(result, PosternJson.Default.AuditVerification, AnswerTables.Audit);
            return result.Faults.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        });
        return new Command("audit", "The record of every decision about an entry of an edge.") { verify };
    }
}

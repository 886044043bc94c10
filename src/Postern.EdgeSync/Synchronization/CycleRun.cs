using Postern.EdgeSync.Synchronization.Cycle;
using Postern.EdgeSync.Synchronization.Planning;

namespace Postern.EdgeSync.Synchronization;

/// <summary>What was done for one result: a cycle, sometimes two; or a plan made, or one applied.</summary>
internal sealed class CycleRun
{
    public List<SyncCycle> Cycles { get; } = [];

    public PlanResult? Plan { get; set; }

    /// <summary>Of a plan that was applied.</summary>
    public BatchPipeline? Applied { get; set; }

    /// <summary>See <see cref="SyncResult.AskAgainUtc"/>.</summary>
    public DateTimeOffset? AskAgain { get; set; }

    public bool HasStarted => Cycles.Count > 0 || Applied is not null;

    /// <summary>Nothing was sent that could have taken effect.</summary>
    public bool HasSentNothing => Applied is null && Cycles.All(cycle => cycle.Pipeline?.BatchesSent is null or 0);

    private IEnumerable<BatchPipeline> Pipelines => Cycles.Select(cycle => cycle.Pipeline).Append(Applied).OfType<BatchPipeline>();

    public SyncResult ToResult(SyncOutcome outcome, SyncType type, string edge, string details, DateTimeOffset started, DateTimeOffset ended)
    {
        OperationCounts planned = Plan?.Counts ?? default;
        return new SyncResult(
            outcome,
            type,
            edge,
            details,
            started,
            ended,
            Pipelines.Sum(pipeline => pipeline.Confirmed.Added) + planned.Added,
            Pipelines.Sum(pipeline => pipeline.Confirmed.Deleted) + planned.Deleted,
            Pipelines.Sum(pipeline => pipeline.Confirmed.Updated) + planned.Updated,
            Cycles.Sum(cycle => cycle.Scanned),
            Cycles.Sum(cycle => cycle.TargetScanned))
        {
            Skipped = Cycles.Sum(cycle => cycle.Notes.Skipped),
            Conflicts = Cycles.Sum(cycle => cycle.Notes.Conflicts),
            Details = [.. Cycles.SelectMany(cycle => cycle.Notes.Details)],
            DeletesHeld = Cycles.LastOrDefault()?.DeletesHeld ?? 0,
            BatchesSent = Pipelines.Sum(pipeline => pipeline.BatchesSent),
            OperationsSent = Pipelines.Sum(pipeline => pipeline.OperationsSent),
            BytesSent = Pipelines.Sum(pipeline => pipeline.BytesSent),
            ReadWhole = [.. Cycles.SelectMany(cycle => cycle.Whole).Select(whole => $"{whole.Source}: {whole.Because}")],
            AskAgainUtc = AskAgain,
            PlanId = Plan?.Plan?.Id,
            PlanExpiresUtc = Plan?.Plan?.Expires,
            Changes = Plan?.Changes ?? [],
        };
    }
}

using System.Text.Json.Serialization;
using Postern.EdgeSync.Synchronization;
using Postern.Operations.Subscriptions;

namespace Postern.Operations.Synchronization;

/// <summary>One cycle now.</summary>
/// <param name="Edge">Name of one edge; null: all.</param>
/// <param name="Full">Send everything again, whatever the digests say.</param>
/// <param name="ApproveDeletes">Let the deletes through that the guard would hold back; for this cycle only.</param>
/// <param name="DryRun">Change nothing: make a plan and have the edge check it.</param>
/// <param name="ListChanges">Of a dry run: name every change.</param>
public sealed record StartSync(string? Edge, bool Full, bool ApproveDeletes, bool DryRun = false, bool ListChanges = false);

/// <summary>A plan of a dry run, to be applied once.</summary>
public sealed record ApplyPlan(string Id);

/// <summary>What one cycle of one type did to one edge; field names of fact sheet 4.5.</summary>
/// <param name="Result"><c>success</c>, <c>couldNotConnect</c>, ...: the outcomes of the engine, camelCase.</param>
/// <param name="Type"><c>recipients</c> or <c>configuration</c>.</param>
/// <param name="Name">The edge.</param>
/// <param name="FailureDetails">Empty on success.</param>
/// <param name="Scanned">Source entries looked at.</param>
/// <param name="TargetScanned">Entries of the edge looked at.</param>
public sealed record SyncCycleResult(
    string Result, string Type, string Name, string FailureDetails, DateTimeOffset StartUtc, DateTimeOffset EndUtc,
    long Added, long Deleted, long Updated, long Scanned, long TargetScanned)
{
    [JsonIgnore]
    public bool HeldByGuard => Result == "heldByGuard";

    [JsonIgnore]
    public bool Failed => Result is not ("success" or "heldByGuard" or "heldByOtherHub" or "pendingChanges");

    [JsonIgnore]
    public bool Pending => Result == "pendingChanges";

    /// <summary>Source entries without an address that may be replicated.</summary>
    public long Skipped { get; init; }

    /// <summary>Ids and addresses that more than one source entry claims; the first owner keeps them.</summary>
    public long Conflicts { get; init; }

    /// <summary>Deletions that the guard held back; 0 unless the result is <c>heldByGuard</c>.</summary>
    public long DeletesHeld { get; init; }

    public long BatchesSent { get; init; }

    public long OperationsSent { get; init; }

    /// <summary>Octets of the update operations sent, before TLS.</summary>
    public long BytesSent { get; init; }

    /// <summary>Conflicts, refusals and skipped values in words, the first 100; without readable addresses.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>Of a dry run with something to do: what <c>sync apply</c> takes.</summary>
    public string? PlanId { get; init; }

    public DateTimeOffset? PlanExpiresUtc { get; init; }

    /// <summary>Of a dry run that was asked for them; 100,000 at most.</summary>
    public IReadOnlyList<PlannedChange>? Changes { get; init; }
}

/// <summary>How far a running cycle is.</summary>
/// <param name="Phase">approaching (of an import), connecting, readingTarget, readingSource, deleting, finishing, done.</param>
/// <param name="Scanned">Source entries read so far.</param>
/// <param name="Sent">Operations sent so far.</param>
/// <param name="Confirmed">Operations that the edge has made durable.</param>
public sealed record SyncProgressView(string Name, string Type, string Phase, long TargetScanned, long Scanned, long Sent, long Confirmed)
{
    /// <summary>Of an import: the step of the way to the edge that was taken just now.</summary>
    public SubscriptionStep? Step { get; init; }
}

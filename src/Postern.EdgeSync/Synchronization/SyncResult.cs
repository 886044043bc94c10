using Postern.EdgeSync.Records;

namespace Postern.EdgeSync.Synchronization;

public enum SyncType
{
    Configuration,
    Recipients,
}

public enum SyncOutcome
{
    Success,

    /// <summary>Everything was applied except entries that the edge refused; they are named and tried again next time.</summary>
    Incomplete,

    /// <summary>Additions and updates were applied, deletions were not: too many of them.</summary>
    HeldByGuard,

    /// <summary>No session: name, network, TLS or the pinned certificate.</summary>
    CouldNotConnect,

    /// <summary>The edge refused the replication account.</summary>
    InvalidCredentials,

    /// <summary>A source could not be read to its end. Nothing was deleted.</summary>
    SourceFailed,

    /// <summary>The edge refused a batch or the session broke. What was confirmed stays; the next cycle goes on.</summary>
    TargetFailed,

    Canceled,

    /// <summary>Another hub synchronizes the edge; nothing was done, and nothing is wrong.</summary>
    HeldByOtherHub,

    /// <summary>Nothing was done; there is something to do. <see cref="SyncResult.PlanId"/> applies it.</summary>
    PendingChanges,

    /// <summary>Another hub took the edge over during the cycle. What was confirmed stays; the next cycle begins anew.</summary>
    LeaseLost,
}

/// <summary>One change of a plan.</summary>
/// <param name="Id">Of the entry, 32 hexadecimal digits.</param>
/// <param name="Source">Empty: an operator decided.</param>
public sealed record PlannedChange(AuditAction Action, string Id, string Source, string Reason);

/// <summary>One cycle of one type with one edge; the fields of Start-EdgeSynchronization (fact sheet 4.5) and a few of ours.</summary>
/// <param name="Name">The edge.</param>
/// <param name="FailureDetails">What failed, on which object, what to do; empty on success.</param>
/// <param name="Added">Entries added on the edge, confirmed.</param>
/// <param name="Scanned">Source entries looked at.</param>
/// <param name="TargetScanned">Entries found on the edge.</param>
public sealed record SyncResult(
    SyncOutcome Result,
    SyncType Type,
    string Name,
    string FailureDetails,
    DateTimeOffset StartUtc,
    DateTimeOffset EndUtc,
    long Added,
    long Deleted,
    long Updated,
    long Scanned,
    long TargetScanned)
{
    /// <summary>Source entries without an address that may be replicated.</summary>
    public long Skipped { get; init; }

    /// <summary>Ids and addresses claimed by more than one source entry; the first owner keeps them.</summary>
    public long Conflicts { get; init; }

    /// <summary>The first conflicts, refusals and skipped values in words; at most 100, without readable addresses.</summary>
    public IReadOnlyList<string> Details { get; init; } = [];

    /// <summary>Deletions that the guard held back.</summary>
    public long DeletesHeld { get; init; }

    /// <summary>Another hub synchronizes the edge: when this one may ask again, because the lock that it saw has ended by then; null otherwise.</summary>
    public DateTimeOffset? AskAgainUtc { get; init; }

    /// <summary>Of a dry run: names the plan that <see cref="HubSynchronizer.ApplyPlanAsync"/> applies; null: there is nothing to apply. The
    /// counts are of what it would do.</summary>
    public string? PlanId { get; init; }

    /// <summary>Until when the plan can be applied.</summary>
    public DateTimeOffset? PlanExpiresUtc { get; init; }

    /// <summary>Of a dry run that was asked to list them: every change, 100,000 at most.</summary>
    public IReadOnlyList<PlannedChange> Changes { get; init; } = [];

    /// <summary>Sources that were read whole, each with the reason.</summary>
    public IReadOnlyList<string> ReadWhole { get; init; } = [];

    public long BatchesSent { get; init; }

    public long OperationsSent { get; init; }

    /// <summary>Octets of the update operations sent, before TLS.</summary>
    public long BytesSent { get; init; }

    public bool Succeeded => Result == SyncOutcome.Success;
}

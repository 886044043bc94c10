using Postern.EdgeSync.Synchronization.Planning;

namespace Postern.EdgeSync.Synchronization;

/// <summary>What to synchronize, and how.</summary>
public sealed record SyncStart
{
    /// <summary>One edge; null is all.</summary>
    public string? EdgeName { get; init; }

    /// <summary>One type; null is configuration, then recipients.</summary>
    public SyncType? Type { get; init; }

    /// <summary>Sends every entry again, whatever its digest says.</summary>
    public bool Full { get; init; }

    /// <summary>Started by a person: another hub's option is not waited for (its lock is). Fact sheet 4.3.</summary>
    public bool ByHand { get; init; }

    /// <summary>Only these sources are read; what the others said stands. Null is all.</summary>
    public IReadOnlySet<string>? Sources { get; init; }

    /// <summary>Lets this one cycle take away more than the guard allows.</summary>
    public bool ApproveDeletes { get; init; }

    /// <summary>What waits on the edge for a decision goes; anything else passes the guard as ever.</summary>
    public bool ApproveHeld { get; init; }

    /// <summary>What was rejected on the edge goes.</summary>
    public bool ApproveRejected { get; init; }

    /// <summary>Changes nothing: makes a plan and has the edge check it.</summary>
    public bool DryRun { get; init; }

    /// <summary>To be applied in place of a cycle.</summary>
    internal PlanHeader? Plan { get; init; }

    /// <summary>With <see cref="DryRun"/>: the result names every change.</summary>
    public bool ListChanges { get; init; }

    /// <summary>What the guard holds stays on the edge, and is not asked about again until its source shows it once more.</summary>
    public bool RejectDeletes { get; init; }
}

public enum SyncPhase
{
    Connecting,
    ReadingTarget,
    ReadingSource,
    Deleting,
    Finishing,
    Done,
}

/// <summary>Where a cycle stands. Sent at every change of phase and now and then within one.</summary>
/// <param name="Scanned">Source entries read so far.</param>
/// <param name="Sent">Operations sent so far.</param>
/// <param name="Confirmed">Operations that the edge has made durable.</param>
public sealed record SyncProgress(
    string Name, SyncType Type, SyncPhase Phase, long TargetScanned, long Scanned, long Sent, long Confirmed);

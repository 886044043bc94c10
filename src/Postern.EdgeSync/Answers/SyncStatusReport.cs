using System.Text.Json.Serialization;
using Postern.EdgeSync.Synchronization;

namespace Postern.EdgeSync.Answers;

/// <summary>How one type stands with one edge: what the edge says, and what this hub last did.</summary>
/// <param name="Failure">Why the edge could not be asked; empty when it answered. Then only what this hub knows is there.</param>
public sealed record SyncStatusReport(string Edge, SyncType Type, string Failure)
{
    /// <summary>When a cycle last ended complete, by whatever hub; null: never.</summary>
    public DateTimeOffset? LastSynchronizedUtc { get; init; }

    /// <summary>Since then.</summary>
    public TimeSpan? Lag { get; init; }

    /// <summary>Entries that the edge holds.</summary>
    public long Entries { get; init; }

    public IReadOnlyList<SourceProgress> Sources { get; init; } = [];

    /// <summary>Why the next cycle reads everything; empty: it need not.</summary>
    public string WholeBecause { get; init; } = "";

    /// <summary>Entries that wait for a decision.</summary>
    public int HeldDeletes { get; init; }

    /// <summary>Of those: entries that stay, but would lose an address or mail from outside.</summary>
    public int HeldUpdates { get; init; }

    public DateTimeOffset? HeldSinceUtc { get; init; }

    public string HeldReason { get; init; } = "";

    /// <summary>Entries that keep what they have because an operator said so, until the source shows it again.</summary>
    public int RejectedDeletes { get; init; }

    /// <summary>Addresses that more than one entry claims.</summary>
    public int Contested { get; init; }

    /// <summary>Source entries that were left out, by id and reason.</summary>
    public IReadOnlyList<LeftOutObject> LeftOut { get; init; } = [];

    /// <summary>Null: no hub.</summary>
    public string? LeaseHolder { get; init; }

    public LeaseKind LeaseType { get; init; }

    public DateTimeOffset? LeaseExpiryUtc { get; init; }

    /// <summary>Of this hub since its start; null: none yet.</summary>
    public SyncOutcome? LastResult { get; init; }

    public string LastFailure { get; init; } = "";

    /// <summary>The edge did not answer, or the last cycle of this hub failed. Held deletions are no failure, nor is another hub that synchronizes.</summary>
    [JsonIgnore]
    public bool IsFailing => Failure.Length > 0 || LastResult is not (null or SyncOutcome.Success or SyncOutcome.HeldByGuard or SyncOutcome.HeldByOtherHub);
}

/// <summary>Fact sheet 4.6: LeaseType.</summary>
public enum LeaseKind
{
    None,

    /// <summary>The holder gave its lock back, and is preferred until the option ends.</summary>
    Option,

    /// <summary>The holder synchronizes, nobody else may.</summary>
    Lock,
}

/// <summary>How far one source has been read for one edge.</summary>
/// <param name="CookieTakenAt">Null: it has no change feed, or was never read to its end.</param>
/// <param name="WholeAt">When everything was last compared.</param>
public sealed record SourceProgress(string Name, DateTimeOffset? CookieTakenAt, DateTimeOffset? WholeAt, long Entries);

/// <param name="Id">Of the source entry, 32 hexadecimal digits.</param>
/// <param name="ByEdge">The edge refused it; otherwise nothing of it may be replicated.</param>
public sealed record LeftOutObject(string Id, string Source, string Reason, bool ByEdge);

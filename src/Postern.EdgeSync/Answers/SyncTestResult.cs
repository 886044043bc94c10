namespace Postern.EdgeSync.Answers;

/// <summary>What to test, Test-EdgeSynchronization of fact sheet 4.6.</summary>
public sealed record SyncTestStart
{
    /// <summary>Null: all edges.</summary>
    public string? EdgeName { get; init; }

    /// <summary>Compare every object; otherwise only whether the sources have changes that the edge does not have yet.</summary>
    public bool Full { get; init; }

    public bool ExcludeRecipients { get; init; }

    /// <summary>Compare this one recipient and nothing else (-VerifyRecipient); an SMTP address. Null: all.</summary>
    public string? Recipient { get; init; }

    /// <summary>Objects out of step that are listed at most. Default 1000, fact sheet 4.6.</summary>
    public int MaxReportSize { get; init; } = DefaultMaxReportSize;

    public const int DefaultMaxReportSize = 1000;
}

public enum SyncVerdict
{
    Normal,

    /// <summary>Not everything could be looked at: a source did not answer to its end. Or nobody has the address asked for.</summary>
    Inconclusive,

    /// <summary>Something is out of step, or the edge did not answer.</summary>
    Failed,
}

public enum PartStatus
{
    Skipped,
    Synchronized,
    NotSynchronized,

    /// <summary>The source was not read to its end.</summary>
    Unknown,
}

/// <summary>One object that is not the same on both sides.</summary>
/// <param name="What">Of the part, in words: <c>recipients</c>, ...</param>
/// <param name="Id">32 hexadecimal digits; the name of the entry on the edge.</param>
public sealed record OutOfStep(string What, string Id, string Source, OutOfStepKind Kind);

public enum OutOfStepKind
{
    MissingOnEdge,
    DifferentOnEdge,

    /// <summary>The source does not have it (any more).</summary>
    OnlyOnEdge,
}

/// <summary>How one part stands.</summary>
/// <param name="What">For people: <c>recipients</c>, <c>accepted domains</c>.</param>
/// <param name="Source">Objects that the sources have for it; with <c>Full</c> only.</param>
/// <param name="Edge">Objects that the edge has.</param>
public sealed record PartComparison(string What, PartStatus Status, long Source, long Edge, long Missing, long Different, long Extra)
{
    /// <summary>Of those that differ: entries that want an address which another one has. They are as they should be.</summary>
    public long Contested { get; init; }

    /// <summary>Of the extra and the different ones: held by the guard, or rejected by an operator.</summary>
    public long Held { get; init; }
}

/// <summary>The answer for one edge; names of fact sheet 4.6 where it has one.</summary>
public sealed record SyncTestResult(string Name, SyncVerdict SyncStatus, DateTimeOffset UtcNow, string FailureDetail)
{
    public string? LeaseHolder { get; init; }

    public LeaseKind LeaseType { get; init; }

    public DateTimeOffset? LeaseExpiryUtc { get; init; }

    public DateTimeOffset? LastSynchronizedUtc { get; init; }

    public IReadOnlyList<PartComparison> Parts { get; init; } = [];

    /// <summary>Sources that have a cookie on the edge.</summary>
    public int CookieRecords { get; init; }

    /// <summary>The first <see cref="SyncTestStart.MaxReportSize"/> of them.</summary>
    public IReadOnlyList<OutOfStep> OutOfSync { get; init; } = [];

    /// <summary>All of them.</summary>
    public long OutOfSyncCount { get; init; }
}

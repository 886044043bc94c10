using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>How a search differs from what its request alone says: what controls ask for.</summary>
internal sealed record SearchPlan
{
    public static SearchPlan Plain { get; } = new();

    /// <summary>Only entries past this id, in the order of ids; null when the order is of no matter.</summary>
    public long? After { get; init; }

    /// <summary>The order of what is returned; it is made before the first entry is.</summary>
    public SortOrder? Sort { get; init; }

    /// <summary>Of a sorted search: only what comes after this place.</summary>
    public SortPlace? SortAfter { get; init; }

    /// <summary>Of a sorted search: entries that are wanted at most; 0 is all.</summary>
    public long SortedEntries { get; init; }

    /// <summary>Entries that earlier pages have returned; they count for the size limit.</summary>
    public int Returned { get; init; }

    /// <summary>Returned values must match one of these items, RFC 3876.</summary>
    public IReadOnlyList<Filter>? ValueFilter { get; init; }

    /// <summary>What must be true of the base entry, in the same snapshot, RFC 4528.</summary>
    public Filter? Assertion { get; init; }

    /// <summary>Ids that may match, in place of what the indexes say; null asks the indexes.</summary>
    public Func<ReadSession, IReadOnlyList<long>?>? Candidates { get; init; }
}

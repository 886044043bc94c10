using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>A source and what becomes of its entries.</summary>
/// <param name="Fingerprint">Of everything in the settings that changes what is read or what becomes of it: another one, and everything
/// is read and compared.</param>
internal sealed record SyncSource(ISource Source, Func<IProjection> Projection, string Fingerprint)
{
    /// <summary>Everything is read and compared this often even where the source has a change feed. Default 1 day.</summary>
    public TimeSpan FullCompareInterval { get; init; } = TimeSpan.FromDays(1);

    public string Name => Source.Name;
}

/// <summary>What a type is made of.</summary>
/// <param name="StateDn">Its synchronization state on the edge.</param>
/// <param name="What">For messages: <c>recipients</c>, <c>configuration objects</c>.</param>
/// <param name="Parts">What its projections may yield.</param>
/// <param name="Sources">In the order of precedence: who is read first keeps what two claim.</param>
internal sealed record SyncContent(
    string StateDn, string What, IReadOnlyList<SyncPart> Parts, IReadOnlyList<SyncSource> Sources, DeleteGuard Guard)
{
    public int IndexOf(SyncPart part)
    {
        for (int i = 0; i < Parts.Count; i++)
        {
            if (Parts[i] == part)
            {
                return i;
            }
        }

        throw new InvalidOperationException($"{part.What} are no part of the {What}");
    }
}

/// <summary>When a cycle reads everything, and how much it gathers.</summary>
internal sealed record CycleLimits
{
    /// <summary>An older cookie is not used any more: sources forget deletions. CookieValidDuration, fact sheet 4.2: 21 days.</summary>
    public TimeSpan CookieValidity { get; init; } = TimeSpan.FromDays(21);

    /// <summary>How often a cycle without changes says on the edge that it was there. Ours.</summary>
    public TimeSpan IdleStateInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Changes that are gathered in memory; with more of them everything is read. Default 50,000.</summary>
    public int MostChanges { get; init; } = 50_000;

    /// <summary>From this many changes on it is cheaper to read all that the edge has than to ask for each entry. Ours.</summary>
    public int MostAskedFor { get; init; } = 2_000;
}

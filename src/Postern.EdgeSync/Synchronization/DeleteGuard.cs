using System.Globalization;

namespace Postern.EdgeSync.Synchronization;

/// <summary>Stops a cycle that would take away so much that a fault of a source is the likelier reason: entries, addresses of entries that
/// stay, or their mail from outside. What went the time before counts as well, so that many small cycles do not do what one large one may
/// not.</summary>
/// <param name="Share">Of what the edge holds of a part, 0 to 1; 1 turns it off.</param>
/// <param name="Minimum">Fewer entries than this are never held by the share.</param>
/// <param name="HoldWhenEmpty">Hold when a source has nothing to replicate at all although the edge holds some of it.</param>
internal sealed record DeleteGuard(double Share, int Minimum, bool HoldWhenEmpty)
{
    /// <summary>How far back losses count. Default 1 hour.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Nothing is ever too much of a share.</summary>
    public bool IsOff => Share >= 1;

    /// <summary>Why these losses are too many, or null.</summary>
    /// <param name="deletes">Entries to be deleted now, held ones included.</param>
    /// <param name="updates">Entries that stay, but would lose an address or mail from outside.</param>
    /// <param name="before">Entries that lost something within the window.</param>
    /// <param name="count">What the edge holds now.</param>
    public string? Check(long deletes, long updates, long before, long count, string what)
    {
        long all = deletes + updates + before;
        long of = count + before;
        if (deletes + updates == 0 || all < Minimum || all <= of * Share)
        {
            return null;
        }

        string share = ((double)all / of).ToString("P1", CultureInfo.InvariantCulture);
        string most = Share.ToString("P0", CultureInfo.InvariantCulture);
        string earlier = before > 0 ? string.Create(CultureInfo.InvariantCulture, $", {before} of them changed within the last {Window.TotalMinutes:0} minutes,") : "";
        return updates == 0
            ? $"{all} of the {of} {what} that the edge holds ({share}){earlier} are in no source any more; at most {most} may go at once"
            : $"{all} of the {of} {what} that the edge holds ({share}){earlier} would lose something: {updates} an address that nobody else gets, or mail from outside, {deletes} are in no source any more; at most {most} may at once";
    }

    /// <summary>Why a kind of objects does not vanish as a whole, or null. The last one of them may go.</summary>
    public static string? CheckVanishing(long deletes, long count, string what) =>
        deletes > 1 && deletes >= count ? $"the source has no {what} any more, but the edge holds {count}" : null;

    public static string CheckEmpty(string source, long held, string what) =>
        $"source {source} returned no entry with an address, but the edge holds {held} {what} of it";

    public static string CheckFirst(string what) => $"the sources have no {what} at all, and this edge has never had any";

    public static string Explain(string why) =>
        $"{why}. Nothing of that was taken away; everything else was applied. Check the sources (base, filter, map, permissions); if it is right, run 'postern sync held approve', or 'postern sync start --approve-deletes' once.";

    public static string ExplainFirst(string why) =>
        $"{why}: as long as nobody says that this is right, the edge asks for patience in place of calling every address unknown. Check the sources (base, filter, map, permissions, path); if it is right, run 'postern sync held approve'.";
}

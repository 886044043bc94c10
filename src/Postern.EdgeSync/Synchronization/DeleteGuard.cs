using System.Globalization;

namespace Postern.EdgeSync.Synchronization;

/// <summary>Stops a cycle that would delete so much that a fault of a source is the likelier reason. Deletions of the time before count as
/// well, so that many small cycles do not do what one large one may not.</summary>
/// <param name="Share">Of what the edge holds of a part, 0 to 1; 1 turns it off.</param>
/// <param name="Minimum">Fewer deletions than this are never held by the share.</param>
/// <param name="HoldWhenEmpty">Hold when a source has nothing to replicate at all although the edge holds some of it.</param>
internal sealed record DeleteGuard(double Share, int Minimum, bool HoldWhenEmpty)
{
    /// <summary>How far back deletions count. Default 1 hour.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Why these deletions are too many, or null.</summary>
    /// <param name="deletes">Wanted now, held ones included.</param>
    /// <param name="before">Made within the window.</param>
    /// <param name="count">What the edge holds now.</param>
    public string? Check(long deletes, long before, long count, string what)
    {
        long all = deletes + before;
        long of = count + before;
        if (deletes == 0 || all < Minimum || all <= of * Share)
        {
            return null;
        }

        string share = ((double)all / of).ToString("P1", CultureInfo.InvariantCulture);
        string most = Share.ToString("P0", CultureInfo.InvariantCulture);
        string earlier = before > 0 ? string.Create(CultureInfo.InvariantCulture, $", {before} of them deleted within the last {Window.TotalMinutes:0} minutes,") : "";
        return $"{all} of the {of} {what} that the edge holds ({share}){earlier} are in no source any more; at most {most} may go at once";
    }

    /// <summary>Why a kind of objects does not vanish as a whole, or null. The last one of them may go.</summary>
    public static string? CheckVanishing(long deletes, long count, string what) =>
        deletes > 1 && deletes >= count ? $"the source has no {what} any more, but the edge holds {count}" : null;

    public static string CheckEmpty(string source, long held, string what) =>
        $"source {source} returned no entry with an address, but the edge holds {held} {what} of it";

    public static string Explain(string why) =>
        $"{why}. Additions and updates were applied, nothing was deleted. Check the sources (base, filter, permissions); if the deletions are right, run 'postern sync start --approve-deletes' once.";
}

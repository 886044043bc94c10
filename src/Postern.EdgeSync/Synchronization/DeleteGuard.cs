using System.Globalization;

namespace Postern.EdgeSync.Synchronization;

/// <summary>Stops a cycle that would delete so much that a fault of a source is the likelier reason.</summary>
/// <param name="Share">Of what the edge holds, 0 to 1.</param>
/// <param name="Minimum">Fewer deletions than this are never held by the share.</param>
/// <param name="HoldWhenEmpty">Hold when a source has nothing to replicate at all although the edge holds some of it.</param>
internal sealed record DeleteGuard(double Share, int Minimum, bool HoldWhenEmpty)
{
    /// <summary>For what the organization directory itself is the source of: what is not there was deleted by an administrator.</summary>
    public static DeleteGuard None { get; } = new(1, 0, HoldWhenEmpty: false);

    /// <returns>Why nothing may be deleted, or null.</returns>
    public string? Check(TargetTable table, IReadOnlyList<(string Source, long Found)> sources, string what)
    {
        foreach ((string source, long found) in sources)
        {
            if (HoldWhenEmpty && found == 0 && table.UnseenOf(source) is > 0 and long unseen)
            {
                return Explain($"source {source} returned no entry with an address, but the edge holds {unseen} {what} of it");
            }
        }

        if (table.Unseen >= Minimum && table.Unseen > table.Count * Share)
        {
            string share = ((double)table.Unseen / table.Count).ToString("P1", CultureInfo.InvariantCulture);
            string most = Share.ToString("P0", CultureInfo.InvariantCulture);
            return Explain($"{table.Unseen} of the {table.Count} {what} that the edge holds ({share}) are in no source any more; at most {most} may go at once");
        }

        return null;
    }

    private static string Explain(string why) =>
        $"{why}. Additions and updates were applied, nothing was deleted. Check the sources (base, filter, permissions); if the deletions are right, run 'postern sync start --approve-deletes' once.";
}

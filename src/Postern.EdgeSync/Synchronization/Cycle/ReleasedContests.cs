using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.State;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>Whether changes would free an address that another entry waits for. That entry is not among the changes, so that only a whole
/// compare finds it; it goes in place of the changes, or the address would be unknown until it was done.</summary>
internal static class ReleasedContests
{
    /// <param name="shown">The changed entries by id, as they would be on the edge; null: gone.</param>
    /// <param name="mayBeBehind">The state was read from the edge: a hub that died may have written data that the state does not speak of.
    /// What changed then is among the changes again, but the edge shows nothing of it any more.</param>
    /// <returns>Why everything must be compared, in words; null: it need not.</returns>
    public static string? Find(
        CycleFrame frame, StateDocument document, ChangePlan plan, LossPlan deletes, IReadOnlyDictionary<EntryId, ProjectedEntry?> shown, bool mayBeBehind)
    {
        // Asked for before, and a source failed: then what there is must do.
        bool tried = document.WholeBecause is not null || frame.Start.Full;
        if (tried || frame.AllWhole)
        {
            return null;
        }

        if (mayBeBehind && document.Contests.Count > 0 && frame.Reads.Any(read => read.IsWhole))
        {
            return "the edge may be ahead of what its state says of contested addresses";
        }

        bool changes = plan.Touched.Count > 0 || deletes.Deletes.Count > 0;
        if (document.MoreContests && (changes || (mayBeBehind && shown.Count > 0)))
        {
            return "more contested addresses than the state remembers";
        }

        return document.Contests.Any(contest => IsReleased(contest, plan, deletes, shown)) ? "the owner of a contested address has changed" : null;
    }

    private static bool IsReleased(Contest contest, ChangePlan plan, LossPlan deletes, IReadOnlyDictionary<EntryId, ProjectedEntry?> shown)
    {
        if (!EntryId.TryParse(contest.Owner, out EntryId owner))
        {
            return false;
        }

        if (deletes.Deletes.Contains(owner))
        {
            return true;
        }

        // Both sources have the id: only that it goes matters.
        bool spokenOf = shown.TryGetValue(owner, out ProjectedEntry? entry);
        if (contest.Owner == contest.Loser || (!spokenOf && !plan.Touched.Contains(owner)))
        {
            return false;
        }

        return entry is null
            || !EntryId.TryParse(contest.Hash, out EntryId hash)
            || !Array.Exists(entry.Claims, claim => claim.High == hash.Value);
    }
}

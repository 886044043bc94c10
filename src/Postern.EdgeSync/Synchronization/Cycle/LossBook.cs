using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.State;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>What a recipient has on the edge.</summary>
internal sealed record EdgeContent(AddressHash[] Hashes, bool InternalOnly);

/// <summary>What entries that stay would lose by their updates: addresses, or mail from outside.</summary>
internal sealed class LossBook
{
    private readonly Dictionary<EntryId, (AddressHash[] Addresses, bool Outside)> _noted = [];
    private readonly Dictionary<EntryId, Loss> _keptAtOnce = [];

    /// <summary>Some were kept before it was known how many they are.</summary>
    public bool KeptAtOnce => _keptAtOnce.Count > 0;

    /// <param name="content">Before the update.</param>
    public void Note(ProjectedEntry entry, EdgeContent content)
    {
        AddressHash[] addresses = [.. content.Hashes.Where(hash => Array.BinarySearch(entry.Claims, hash) < 0)];
        bool outside = !content.InternalOnly && entry.IsInternalOnly;
        if (addresses.Length > 0 || outside)
        {
            _noted[entry.Id] = (addresses, outside);
        }
        else
        {
            _noted.Remove(entry.Id);
        }
    }

    /// <summary>Of an entry whose update waits: at most, since others may take some of it. Null: nothing.</summary>
    public Loss? Of(EntryId id) => _noted.TryGetValue(id, out (AddressHash[] Addresses, bool Outside) noted) ? new Loss(false, noted.Addresses.Length, noted.Outside) : null;

    public bool IsKeptAtOnce(EntryId id) => _keptAtOnce.ContainsKey(id);

    /// <summary>All losses, without what other entries of this cycle take over.</summary>
    public IEnumerable<(EntryId Id, Loss Loss)> Net(ClaimBook claims)
    {
        foreach ((EntryId id, (AddressHash[] addresses, bool outside)) in _noted)
        {
            Loss loss = new(false, addresses.Count(hash => !claims.IsWanted(hash)), outside);
            if (loss.Addresses > 0 || outside)
            {
                yield return (id, loss);
            }
        }

        foreach ((EntryId id, Loss loss) in _keptAtOnce)
        {
            yield return (id, loss);
        }
    }

    /// <summary>The update takes nothing away but what another entry was granted.</summary>
    public void Keep(ProjectedEntry entry, ClaimBook claims)
    {
        if (_noted.TryGetValue(entry.Id, out (AddressHash[] Addresses, bool Outside) noted))
        {
            entry.Keep([.. noted.Addresses.Where(hash => !claims.IsGranted(hash))], noted.Outside);
        }
    }

    /// <summary>The update takes nothing away, and nobody gets what it might have given up.</summary>
    /// <param name="held">To be listed with what is held.</param>
    public void KeepAll(ProjectedEntry entry, bool held)
    {
        if (_noted.Remove(entry.Id, out (AddressHash[] Addresses, bool Outside) noted))
        {
            entry.Keep(noted.Addresses, noted.Outside);
            if (held)
            {
                _keptAtOnce[entry.Id] = new Loss(false, noted.Addresses.Length, noted.Outside);
            }
        }
    }

    /// <summary>The update goes as it is, and counts as nothing.</summary>
    public void Forget(EntryId id) => _noted.Remove(id);
}

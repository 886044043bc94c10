using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>An address that an entry claims and did not get.</summary>
/// <param name="Owner">Null: an entry of this cycle, forgotten which.</param>
internal readonly record struct LostClaim(AddressHash Hash, EntryId? Owner, EntryId Loser);

/// <summary>
/// Decides who gets an address: who had it, then who was read first. What nobody else has a say in is decided at once; what another entry
/// has on the edge waits until it is known what becomes of that one, so that entries that swap addresses come out right.
/// </summary>
/// <param name="mostWaiting">Entries that wait at most; further ones lose what others have, and the next whole compare tries again.</param>
internal sealed class ClaimBook(int mostWaiting)
{
    /// <summary>Grants whose owner is remembered. Beyond, the owner of a lost address is asked from the edge.</summary>
    private const int MostRemembered = 100_000;

    /// <summary>Kept in words; all of them count.</summary>
    private const int MostLost = 10_000;

    private readonly ClaimSet _granted = new();
    private readonly Dictionary<UInt128, EntryId> _grantedTo = [];
    private readonly HashSet<UInt128> _wanted = [];
    private readonly HashSet<EntryId> _involved = [];
    private readonly List<Waiting> _waiting = [];
    private readonly List<LostClaim> _lost = [];
    private readonly Dictionary<EntryId, List<AddressHash>> _gains = [];

    /// <summary>The first of them; see <see cref="Overflowed"/>.</summary>
    public List<LostClaim> Lost => _lost;

    /// <summary>More waited or lost than is kept: only a whole compare finds them again.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Whether an entry of this cycle wants an address that another one has on the edge, or has given up.</summary>
    public bool IsWanted(AddressHash hash) => _wanted.Contains(hash.High);

    /// <summary>Whether an entry of this cycle got it.</summary>
    public bool IsGranted(AddressHash hash) => _granted.Contains(hash.High);

    /// <summary>After <see cref="Settle"/>: addresses that the entry takes over from others.</summary>
    public IReadOnlyList<AddressHash> GainsOf(EntryId id) => _gains.TryGetValue(id, out List<AddressHash>? gains) ? gains : [];

    /// <param name="owners">Who has its claims on the edge; null: nobody has anything there.</param>
    /// <param name="again">The entry was decided on before in this cycle: what the edge says it has, it has.</param>
    /// <returns>False: it waits, and comes with <see cref="Settle"/>.</returns>
    public bool TryDecide(ProjectedEntry entry, IReadOnlyDictionary<UInt128, List<EntryId>>? owners, bool again = false)
    {
        List<AddressHash> kept = new(entry.Claims.Length);
        List<(AddressHash Hash, List<EntryId> Owners)>? contested = null;
        bool full = _waiting.Count >= mostWaiting;
        foreach (AddressHash hash in entry.Claims)
        {
            List<EntryId>? holders = null;
            owners?.TryGetValue(hash.High, out holders);
            bool own = holders is [var only] && only == entry.Id;
            if (own || (holders is null && !_wanted.Contains(hash.High)))
            {
                if (Grant(hash, entry.Id) || (again && own))
                {
                    kept.Add(hash);
                }
                else
                {
                    Lose(hash, null, entry.Id);
                }
            }
            else if (full)
            {
                Overflowed = true;
                Lose(hash, holders?.Find(holder => holder != entry.Id), entry.Id);
            }
            else
            {
                (contested ??= []).Add((hash, holders ?? []));
                _wanted.Add(hash.High);
                _involved.UnionWith(holders ?? []);
            }
        }

        if (contested is null && (full || !_involved.Contains(entry.Id)))
        {
            Decide(entry, kept);
            return true;
        }

        _waiting.Add(new Waiting(entry, kept, contested ?? []));
        return false;
    }

    /// <summary>Decides on all that wait, in the order in which they came.</summary>
    /// <param name="releases">Whether an entry gives up what it has on the edge and was not granted anew.</param>
    public IEnumerable<ProjectedEntry> Settle(Func<EntryId, bool> releases)
    {
        foreach (Waiting one in _waiting)
        {
            foreach ((AddressHash hash, List<EntryId> owners) in one.Contested)
            {
                int standing = owners.FindIndex(owner => owner != one.Entry.Id && !releases(owner));
                if (standing >= 0)
                {
                    Lose(hash, owners[standing], one.Entry.Id);
                }
                else if (Grant(hash, one.Entry.Id))
                {
                    one.Kept.Add(hash);
                    if (!owners.Contains(one.Entry.Id))
                    {
                        (_gains.TryGetValue(one.Entry.Id, out List<AddressHash>? gains) ? gains : _gains[one.Entry.Id] = []).Add(hash);
                    }
                }
                else
                {
                    Lose(hash, null, one.Entry.Id);
                }
            }

            Decide(one.Entry, one.Kept);
            yield return one.Entry;
        }

        _waiting.Clear();
    }

    private static void Decide(ProjectedEntry entry, List<AddressHash> kept)
    {
        if (kept.Count < entry.Claims.Length)
        {
            kept.Sort();
            entry.Grant([.. kept]);
        }
    }

    private bool Grant(AddressHash hash, EntryId owner)
    {
        bool granted = _granted.Add(hash.High);
        if (granted && _grantedTo.Count < MostRemembered)
        {
            _grantedTo.Add(hash.High, owner);
        }

        return granted;
    }

    private void Lose(AddressHash hash, EntryId? owner, EntryId loser)
    {
        if (_lost.Count >= MostLost)
        {
            Overflowed = true;
            return;
        }

        _lost.Add(new LostClaim(hash, owner ?? (_grantedTo.TryGetValue(hash.High, out EntryId known) ? known : null), loser));
    }

    private sealed record Waiting(ProjectedEntry Entry, List<AddressHash> Kept, List<(AddressHash Hash, List<EntryId> Owners)> Contested);
}

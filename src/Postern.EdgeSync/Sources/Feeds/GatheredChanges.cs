using Postern.Ldap;

namespace Postern.EdgeSync.Sources.Feeds;

/// <summary>Changes that are known to be complete before the first one is handed on: the last word on each entry, in the order of first mention.</summary>
/// <param name="limit">Entries; a reading of changes that has more becomes a whole one.</param>
internal sealed class GatheredChanges(int limit)
{
    /// <summary>Entries of one reading of changes: beyond that, a stream that is compared costs less than changes in memory.</summary>
    public const int DefaultLimit = 50_000;

    private readonly Dictionary<EntryId, int> _places = [];
    private readonly List<SourceChange> _changes = [];

    public IReadOnlyList<SourceChange> Changes => _changes;

    /// <returns>False: there is no room for another entry.</returns>
    public bool TryAdd(EntryId id, LdapEntry? entry)
    {
        if (_places.TryGetValue(id, out int place))
        {
            _changes[place] = new SourceChange(id, entry);
            return true;
        }

        if (_changes.Count == limit)
        {
            return false;
        }

        _places.Add(id, _changes.Count);
        _changes.Add(new SourceChange(id, entry));
        return true;
    }
}

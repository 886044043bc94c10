namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>What a feed says has happened since a cookie: only which objects, since neither feed tells how they are now.</summary>
internal sealed class ChangedObjects
{
    private readonly Dictionary<EntryId, bool> _objects = [];

    public int Count => _objects.Count;

    /// <summary>Each object once, and whether it is gone.</summary>
    public IEnumerable<(EntryId Id, bool Deleted)> All => _objects.Select(pair => (pair.Key, pair.Value));

    /// <summary>What is said last counts: an object may have been deleted and brought back.</summary>
    public void Note(EntryId id, bool deleted) => _objects[id] = deleted;
}

/// <summary>More has changed than is worth asking for one by one.</summary>
internal sealed class TooManyChangesException(int limit) : Exception($"more than {limit} objects have changed");

namespace Postern.Directory.Storage;

/// <summary>
/// Entries that searches fetched by id, for the next one that wants them: most of a directory of recipients fits, and a look-up that finds its
/// entry here reads only the index. Each is good for the period in which it was read. A commit that changes or removes entries ends the period
/// before it takes effect and begins a new one after; adding does not. A reader belongs to a period only if it was the same one before and
/// after it took its snapshot (as with <see cref="TreePlaces"/>).
/// </summary>
/// <param name="entries">Entries kept at most; a power of two. 0 keeps none.</param>
internal sealed class RowCache(int entries)
{
    /// <summary>Larger entries are read anew: the bound is on entries, so each must be small. Octets of attributes.</summary>
    private const int MaxEntryBytes = 1024;

    // One place for each id: ids are given in sequence, so those in use at the same time hardly ever share one.
    private readonly Kept?[] _kept = new Kept?[entries];
    private volatile object? _period = new();

    /// <summary>Null while a commit is changing entries.</summary>
    public object? Period => _period;

    public void BeginChange() => _period = null;

    public void EndChange() => _period = new object();

    public EntryRow? Find(object period, long id) =>
        _kept.Length > 0 && Volatile.Read(ref _kept[Place(id)]) is { } kept && ReferenceEquals(kept.Period, period) && kept.Row.Id == id ? kept.Row : null;

    public void Keep(object period, EntryRow row)
    {
        if (_kept.Length > 0 && row.Attributes.Length <= MaxEntryBytes)
        {
            Volatile.Write(ref _kept[Place(row.Id)], new Kept(period, row));
        }
    }

    private long Place(long id) => id & (_kept.Length - 1);

    private sealed record Kept(object Period, EntryRow Row);
}

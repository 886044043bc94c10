using Postern.Directory.Storage;

namespace Postern.Directory.Synchronization;

/// <summary>What became of an entry.</summary>
internal enum ChangeKind
{
    /// <summary>Added, modified or renamed.</summary>
    Written = 0,

    /// <summary>Deleted.</summary>
    Gone = 1,

    /// <summary>Renamed or moved; told in addition to <see cref="Written"/>, for what stands below it.</summary>
    Moved = 2,
}

/// <param name="Entry">The entry's id, also when it is gone.</param>
internal readonly record struct Change(long Csn, ChangeKind Kind, long Entry);

/// <summary>How far the store is, in one snapshot.</summary>
/// <param name="Csn">The last change number given.</param>
/// <param name="GoneFrom">Deletes up to this change number may be forgotten.</param>
/// <param name="MovedFrom">Renames up to this change number may be forgotten.</param>
internal readonly record struct StoreState(long Csn, byte[] Instance, long GoneFrom, long MovedFrom);

/// <summary>Questions about changes to one read connection; prepared when a synchronization first uses it.</summary>
internal sealed class ChangeStatements(Database database)
{
    private readonly Statement _state = database.Prepare("SELECT csn, instance, gone_from, moved_from FROM state");

    // Each part comes in the order of its index; SQLite merges them and stops at the limit.
    private readonly Statement _changes = database.Prepare(
        """
        SELECT csn, 0, id FROM entry WHERE csn > ?1 AND csn <= ?2
        UNION ALL SELECT csn, 1, entry FROM gone WHERE csn > ?1 AND csn <= ?2
        UNION ALL SELECT csn, 2, entry FROM moved WHERE csn > ?1 AND csn <= ?2
        ORDER BY 1 LIMIT ?3
        """);

    private readonly Statement _gone = database.Prepare("SELECT uuid, dn FROM gone WHERE csn = ?");
    private readonly Statement _goneAfter = database.Prepare("SELECT uuid FROM gone WHERE csn > ?");
    private readonly Statement _moves = database.Prepare("SELECT entry FROM moved WHERE csn > ?");
    private readonly Statement _below = database.Prepare(
        "WITH RECURSIVE below(id) AS (SELECT entry FROM tree WHERE parent = ? UNION ALL SELECT t.entry FROM below b JOIN tree t ON t.parent = b.id) SELECT id FROM below");

    public StoreState State()
    {
        _state.Step();
        StoreState state = new(_state.Integer(0), _state.Blob(1).ToArray(), _state.Integer(2), _state.Integer(3));
        _state.Reset();
        return state;
    }

    /// <summary>Changes after one number and up to another, in order. A change number's rows are never torn apart.</summary>
    /// <param name="max">At most this many; fewer mean that there are no more.</param>
    public List<Change> Between(long after, long upTo, int max)
    {
        List<Change> changes = [];
        _changes.Bind(1, after).Bind(2, upTo).Bind(3, max);
        while (_changes.Step())
        {
            changes.Add(new Change(_changes.Integer(0), (ChangeKind)_changes.Integer(1), _changes.Integer(2)));
        }

        _changes.Reset();
        if (changes.Count == max && changes[0].Csn != changes[^1].Csn)
        {
            long last = changes[^1].Csn;
            changes.RemoveAll(c => c.Csn == last);
        }

        return changes;
    }

    public (Guid Uuid, string Dn)? Gone(long csn)
    {
        _gone.Bind(1, csn);
        (Guid, string)? found = _gone.Step() ? (new Guid(_gone.Blob(0), bigEndian: true), _gone.Text(1)) : null;
        _gone.Reset();
        return found;
    }

    public List<Guid> GoneAfter(long csn)
    {
        List<Guid> gone = [];
        _goneAfter.Bind(1, csn);
        while (_goneAfter.Step())
        {
            gone.Add(new Guid(_goneAfter.Blob(0), bigEndian: true));
        }

        _goneAfter.Reset();
        return gone;
    }

    /// <summary>Entries that were renamed or moved after a change number.</summary>
    public HashSet<long> MovedAfter(long csn)
    {
        HashSet<long> moved = [];
        _moves.Bind(1, csn);
        while (_moves.Step())
        {
            moved.Add(_moves.Integer(0));
        }

        _moves.Reset();
        return moved;
    }

    /// <summary>All below an entry, parents before children.</summary>
    public List<long> Below(long entry)
    {
        List<long> ids = [];
        _below.Bind(1, entry);
        while (_below.Step())
        {
            ids.Add(_below.Integer(0));
        }

        _below.Reset();
        return ids;
    }
}

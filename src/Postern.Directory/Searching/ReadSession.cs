using Postern.Directory.Storage;
using Postern.Directory.Synchronization;
using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>A read connection with its statements; one search uses it at a time, over one snapshot.</summary>
internal sealed class ReadSession : IDisposable
{
    private const long NoSnapshot = -1;

    private readonly Database _database;
    private readonly TreePlaces _places;
    private readonly RowCache _rows;
    private object? _period;
    private readonly Statement _snapshot;
    private long _standsAt = NoSnapshot;
    private ChangeStatements? _changes;

    public ReadSession(Database database, TreePlaces places, RowCache rows, IReadOnlyList<DistinguishedName> suffixes)
    {
        (_database, _places, _rows) = (database, places, rows);
        Entries = new EntryTable(database, suffixes);
        _snapshot = database.Prepare("SELECT id FROM state");
        Children = database.Prepare($"SELECT {EntryRow.Columns} FROM tree t JOIN entry e ON e.id = t.entry WHERE t.parent = ? AND t.entry > ? ORDER BY t.entry");
        ChildIds = database.Prepare("SELECT entry FROM tree WHERE parent = ? LIMIT ?");
        ById = database.Prepare($"SELECT {EntryRow.Columns} FROM entry e WHERE e.id > ? ORDER BY e.id");
        ByKey = database.Prepare("SELECT entry FROM fresh WHERE key = ?1 UNION ALL SELECT entry FROM key WHERE key = ?1 LIMIT ?2");
        ByKeys = database.Prepare(
            "SELECT entry FROM fresh WHERE key BETWEEN ?1 AND ?2 UNION ALL SELECT entry FROM key WHERE key BETWEEN ?1 AND ?2 LIMIT ?3");
        ByText = database.Prepare("SELECT entry FROM text WHERE attribute = ? AND value >= ? AND value <= ? LIMIT ?");
        ByPrefix = database.Prepare("SELECT entry FROM text WHERE attribute = ? AND value >= ? AND value < ? LIMIT ?");
        ByAnyText = database.Prepare("SELECT entry FROM text WHERE attribute = ? LIMIT ?");
    }

    public EntryTable Entries { get; }

    /// <summary>For synchronizations, prepared with the first one that uses this connection.</summary>
    public ChangeStatements Changes => _changes ??= new ChangeStatements(_database);

    public TreeCache Places { get; private set; } = new();

    /// <summary>What is given back with the session: the count it was taken from.</summary>
    public SemaphoreSlim? Place { get; set; }

    /// <summary>Children of an entry past an id, in the order of ids.</summary>
    public Statement Children { get; }

    public Statement ChildIds { get; }

    /// <summary>Every entry past an id, in the order of ids.</summary>
    public Statement ById { get; }

    public Statement ByKey { get; }

    public Statement ByKeys { get; }

    public Statement ByText { get; }

    public Statement ByPrefix { get; }

    public Statement ByAnyText { get; }

    /// <summary>Takes the snapshot, or goes on with the one at hand when nothing was committed since. A statement that stands on its row
    /// holds it, for all statements of the connection; a BEGIN and a COMMIT around them would say the same and cost a fifth of a look-up,
    /// and taking and dropping the log's locks each time would cost four system calls.</summary>
    /// <param name="commits">Commits so far, read before the call.</param>
    public void Begin(long commits)
    {
        if (_standsAt == commits)
        {
            return;
        }

        DropSnapshot();
        TreeCache? before = _places.Current;
        object? period = _rows.Period;
        _snapshot.Step();
        Places = before is not null && ReferenceEquals(before, _places.Current) ? before : new TreeCache();
        _period = ReferenceEquals(period, _rows.Period) ? period : null;
        _standsAt = commits;
    }

    /// <summary>An entry by its id, perhaps as an earlier search read it.</summary>
    public EntryRow? Fetch(long id)
    {
        if (_period is null)
        {
            return Entries.Fetch(id);
        }

        if (_rows.Find(_period, id) is { } known)
        {
            return known;
        }

        EntryRow? row = Entries.Fetch(id);
        if (row is not null)
        {
            _rows.Keep(_period, row);
        }

        return row;
    }

    /// <summary>The search is done. The snapshot stays for the next one.</summary>
    public void End()
    {
        Children.Reset();
        ById.Reset();
    }

    /// <summary>Lets go of the log: as long as a snapshot stands, the log behind it cannot be copied and begun anew.</summary>
    public void DropSnapshot()
    {
        _standsAt = NoSnapshot;
        _snapshot.Reset();
    }

    public void Dispose() => _database.Dispose();
}

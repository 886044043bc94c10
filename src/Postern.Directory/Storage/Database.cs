using SQLitePCL;

namespace Postern.Directory.Storage;

/// <summary>One SQLite connection, used by one thread at a time. A thin cover over the C functions: no command objects, no boxing.</summary>
internal sealed class Database : IDisposable
{
    /// <summary>How long SQLite itself waits for a lock. Only a checkpoint and the recovery of a log ever hold one. Milliseconds.</summary>
    private const int BusyTimeout = 5000;

    /// <summary>SQLITE_DBSTATUS_CACHE_WRITE, https://sqlite.org/c3ref/c_dbstatus_options.html.</summary>
    private const int CacheWrite = 9;

    /// <summary>SQLITE_DBCONFIG_ENABLE_QPSG, https://sqlite.org/c3ref/c_dbconfig_defensive.html.</summary>
    private const int EnableStablePlans = 1007;

    /// <summary>SQLITE_FCNTL_HAS_MOVED, https://sqlite.org/c3ref/c_fcntl_begin_atomic_write.html.</summary>
    private const int HasMovedControl = 20;

    private readonly sqlite3 _handle;
    private readonly List<Statement> _statements = [];

    static Database() => Batteries_V2.Init();

    private Database(sqlite3 handle) => _handle = handle;

    /// <exception cref="StoreFailureException">The file cannot be opened.</exception>
    public static Database Open(string path, bool readOnly)
    {
        // NOMUTEX: each connection belongs to one thread at a time, SQLite's own lock per connection would be paid for nothing.
        int flags = raw.SQLITE_OPEN_NOMUTEX | (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE);
        int code = raw.sqlite3_open_v2(path, out sqlite3 handle, flags, null);
        Database database = new(handle);
        if (code != raw.SQLITE_OK)
        {
            using (database)
            {
                throw database.Failure(code);
            }
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        raw.sqlite3_busy_timeout(handle, BusyTimeout);

        // Without this, SQLite compiles a statement anew when a value bound to a range changes: half of a look-up's time.
        raw.sqlite3_db_config(handle, EnableStablePlans, 1, out _);
        return database;
    }

    /// <summary>Called when SQLite finds the file damaged.</summary>
    public Action? OnDamage { get; set; }

    public void Execute(string sql)
    {
        int code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK)
        {
            throw Failure(code);
        }
    }

    /// <summary>Kept until this connection closes.</summary>
    public Statement Prepare(string sql)
    {
        int code = raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt handle);
        if (code != raw.SQLITE_OK)
        {
            throw Failure(code);
        }

        Statement statement = new(this, handle);
        _statements.Add(statement);
        return statement;
    }

    public long QueryInteger(string sql)
    {
        using Statement statement = Prepare(sql);
        _statements.Remove(statement);
        return statement.Step() ? statement.Integer(0) : throw new InvalidOperationException($"no row: {sql}");
    }

    public List<string> QueryTexts(string sql)
    {
        using Statement statement = Prepare(sql);
        _statements.Remove(statement);
        List<string> rows = [];
        while (statement.Step())
        {
            rows.Add(statement.Text(0));
        }

        return rows;
    }

    /// <summary>Whether the file's name no longer leads to the file that this connection has open. Costs one stat(2).</summary>
    public bool HasMoved => NativeMethods.sqlite3_file_control(_handle.DangerousGetHandle(), 0, HasMovedControl, out int moved) == raw.SQLITE_OK && moved != 0;

    /// <summary>Rows that the last insert, update or delete changed.</summary>
    public int LastChanges => raw.sqlite3_changes(_handle);

    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    /// <summary>Pages that this connection wrote to the log since the last call.</summary>
    public int TakeWrittenPages()
    {
        raw.sqlite3_db_status(_handle, CacheWrite, out int pages, out _, resetFlg: 1);
        return pages;
    }

    /// <summary>Copies what no reader needs any more from the log into the file, without waiting for anybody.</summary>
    /// <returns>Pages in the log, and how many of them are in the file now.</returns>
    public (int Logged, int Copied) Checkpoint(int mode)
    {
        int code = raw.sqlite3_wal_checkpoint_v2(_handle, null, mode, out int logged, out int copied);
        return code is raw.SQLITE_OK or raw.SQLITE_BUSY ? (logged, copied) : throw Failure(code);
    }

    /// <summary>Copies this database page by page into another one, as it is in the transaction that is open.</summary>
    /// <param name="progress">Pages copied, and all pages.</param>
    /// <exception cref="OperationCanceledException">The copy is useless then.</exception>
    public void CopyTo(Database target, Action<int, int> progress, CancellationToken cancellationToken)
    {
        const int pagesPerStep = 1024;
        using sqlite3_backup backup = raw.sqlite3_backup_init(target._handle, "main", _handle, "main");
        if (backup.IsInvalid)
        {
            throw target.Failure(raw.sqlite3_errcode(target._handle));
        }

        int code;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            code = raw.sqlite3_backup_step(backup, pagesPerStep);
            int all = raw.sqlite3_backup_pagecount(backup);
            progress(all - raw.sqlite3_backup_remaining(backup), all);
        }
        while (code == raw.SQLITE_OK);
        if (code != raw.SQLITE_DONE)
        {
            // The error is kept with the target when the copy ends, whichever side it came from.
            _ = raw.sqlite3_backup_finish(backup);
            throw target.Failure(code);
        }
    }

    public StoreFailureException Failure(int code)
    {
        bool sameError = _handle is { IsInvalid: false } && (raw.sqlite3_errcode(_handle) & 0xff) == (code & 0xff);
        int extended = sameError ? raw.sqlite3_extended_errcode(_handle) : code;
        string message = (sameError ? raw.sqlite3_errmsg(_handle) : raw.sqlite3_errstr(code)).utf8_to_string();
        StoreFailureException failure = new(extended, sameError ? NativeMethods.sqlite3_system_errno(_handle.DangerousGetHandle()) : 0, message);
        if (failure.Fault == StoreFault.Damaged)
        {
            OnDamage?.Invoke();
        }

        return failure;
    }

    public void Dispose()
    {
        foreach (Statement statement in _statements)
        {
            statement.Dispose();
        }

        _statements.Clear();
        _handle.Dispose();
    }
}

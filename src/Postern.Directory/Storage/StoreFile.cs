using System.Globalization;
using SQLitePCL;

namespace Postern.Directory.Storage;

/// <summary>The file itself: locked against other processes, made or migrated, and the connections to it.</summary>
internal sealed class StoreFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Octets. SQLite's default; larger pages make a commit of scattered index rows write more.</summary>
    private const int PageBytes = 4096;

    private readonly DirectoryOptions _options;
    private readonly FileStream _lock;
    private readonly Lock _anchorGate = new();

    /// <summary>Knows which file was opened; connections are opened by name, and names can be moved.</summary>
    private Database? _anchor;
    private volatile bool _isSuspect;

    private StoreFile(DirectoryOptions options, FileStream fileLock)
    {
        _options = options;
        _lock = fileLock;
    }

    public string Path => _options.Path;

    /// <summary>Whether the opening read the whole file: it was not closed well, or somebody changed it since.</summary>
    public bool WasCheckedInFull { get; private set; }

    /// <exception cref="DirectoryStoreException">The file cannot be used; the message says why and what to do.</exception>
    public static StoreFile Open(DirectoryOptions options)
    {
        FileStream fileLock = AcquireLock(options.Path);
        StoreFile file = new(options, fileLock);
        try
        {
            file.CreateOrMigrate();
            file._anchor = Database.Open(options.Path, readOnly: false);
            return file;
        }
        catch (StoreFailureException e)
        {
            file.Dispose();
            throw Explain(options.Path, e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public static DirectoryStoreException Explain(string path, StoreFailureException e) => new(
        e.Fault,
        e.Fault switch
        {
            StoreFault.Damaged => $"{path} is damaged or not a directory of Postern: {e.Message}; restore it from a copy, or move it away and synchronize anew",
            StoreFault.Full => $"{path}: there is no room on the disk, or the file is at its limit: {e.Message}; make room and start again",
            StoreFault.ReadOnly => $"{path} cannot be written: {e.Message}; check that the file, its folder and the disk are writable for this user",
            StoreFault.Replaced => $"{path} was removed or replaced while it is in use: put it back, or stop and restore a backup",
            StoreFault.Locked => $"{path} is in use by another program: {e.Message}; end that one first",
            _ => $"{path} cannot be opened: {e.Message}; check that the file and its folder belong to this user and can be written",
        },
        e);

    /// <summary>Without this, writes to a file that was removed or replaced would be acknowledged, and gone with the process.</summary>
    /// <exception cref="StoreFailureException">The name no longer leads to the file that was opened.</exception>
    public void EnsureInPlace()
    {
        bool moved;
        lock (_anchorGate)
        {
            moved = _anchor is { HasMoved: true };
        }

        if (moved)
        {
            throw new StoreFailureException(StoreFailureException.Moved, 0, "the file was removed or replaced");
        }
    }

    /// <summary>The one connection that writes.</summary>
    public Database OpenWriter()
    {
        Database database = OpenInPlace();
        try
        {
            // FULL: every commit is an fsync of the log; only then are callers answered. The checkpoints are the engine's own affair,
            // so that a commit never pays for one by surprise. mmap stays off: a disk error would be a SIGBUS, not a result code.
            Configure(database, _options.WriterCacheKiB);
            database.Execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0");
            database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA journal_size_limit = {(long)_options.CheckpointKiB * 1024}"));
            if (_options.MaxFileKiB > 0)
            {
                database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {Math.Max(1, _options.MaxFileKiB * 1024 / PageBytes)}"));
            }

            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public Database OpenReader()
    {
        Database database = OpenInPlace();
        try
        {
            Configure(database, _options.ReaderCacheKiB);
            database.Execute("PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>After every connection is closed.</summary>
    public void Dispose()
    {
        lock (_anchorGate)
        {
            if (_anchor is { HasMoved: false } && !_isSuspect)
            {
                _anchor.Dispose();
                CleanMark.Write(Path);
            }

            _anchor?.Dispose();
            _anchor = null;
        }

        _lock.Dispose();
    }

    /// <summary>Not a file that stands in the place of the first.</summary>
    private Database OpenInPlace()
    {
        EnsureInPlace();
        Database database = Database.Open(Path, readOnly: false);
        database.OnDamage = () => _isSuspect = true;
        try
        {
            EnsureInPlace();
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private static void Configure(Database database, int cacheKiB) =>
        database.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA cache_size = -{cacheKiB}; PRAGMA temp_store = MEMORY"));

    private void CreateOrMigrate()
    {
        if (!File.Exists(Path))
        {
            // Made before SQLite sees it, so that the file and the log and shared memory beside it are the owner's from the first moment.
            Create(Path).Dispose();
        }

        WasCheckedInFull = !CleanMark.IsValid(Path);
        using Database database = OpenWriter();
        int version = VersionOf(Path, database);
        bool isNew = version == 0;
        database.Execute("PRAGMA journal_mode = WAL");
        CleanMark.Remove(Path);
        if (isNew || version < StoreLayout.Version)
        {
            database.Execute("BEGIN IMMEDIATE");
            if (isNew)
            {
                database.Execute(StoreLayout.Tables);
                database.Execute(string.Create(
                    CultureInfo.InvariantCulture, $"PRAGMA application_id = {StoreLayout.ApplicationId}; PRAGMA user_version = {StoreLayout.Version}"));
            }
            else
            {
                StoreMigrations.Run(database, version);
            }

            database.Execute("COMMIT");
        }

        // Structure without contents: finds a cut-off or overwritten file now instead of in the middle of somebody's search. It reads the
        // whole file, which a file that nobody touched since it was closed well does not need.
        if (WasCheckedInFull && database.QueryTexts("PRAGMA quick_check(1)") is var faults and not ["ok"])
        {
            throw new StoreFailureException(raw.SQLITE_CORRUPT, 0, faults[0].Trim());
        }
    }

    /// <summary>The version of a directory's tables; 0 when there are none yet.</summary>
    /// <exception cref="DirectoryStoreException">Another program's database, or a newer version.</exception>
    public static int VersionOf(string path, Database database)
    {
        long applicationId = database.QueryInteger("PRAGMA application_id");
        int version = (int)database.QueryInteger("PRAGMA user_version");
        bool isNew = database.QueryInteger("SELECT count(*) FROM sqlite_schema") == 0;
        if (!isNew && applicationId != StoreLayout.ApplicationId)
        {
            throw new DirectoryStoreException(
                StoreFault.Damaged, $"{path} is a SQLite database, but not a directory of Postern; name another file, or move this one away");
        }

        if (!isNew && version > StoreLayout.Version)
        {
            throw new DirectoryStoreException(
                StoreFault.NewerVersion,
                $"{path} has version {version}, this Postern knows versions up to {StoreLayout.Version}; start the newer Postern that wrote it");
        }

        return isNew ? 0 : version;
    }

    /// <summary>Keeps every other engine away from the file while it is held.</summary>
    /// <exception cref="DirectoryStoreException">Somebody else holds it, or its folder cannot be written.</exception>
    public static FileStream AcquireLock(string path)
    {
        string lockPath = path + ".lock";
        try
        {
            // An advisory lock (flock) that the system drops with the process, however that ends.
            return Create(lockPath);
        }
        catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException or UnauthorizedAccessException)
        {
            throw new DirectoryStoreException(
                StoreFault.Unavailable, $"{path} cannot be opened: {e.Message}; check that its folder exists and belongs to this user", e);
        }
        catch (IOException e) when (e.HResult == StoreFailureException.ReadOnlyDisk)
        {
            throw new DirectoryStoreException(StoreFault.ReadOnly, $"{path} cannot be written: {e.Message}; the directory needs a disk that it can write", e);
        }
        catch (IOException e) when (File.Exists(lockPath))
        {
            throw new DirectoryStoreException(
                StoreFault.Locked, $"{path} is in use by another process ({lockPath} is locked); end that one first", e);
        }
        catch (IOException e)
        {
            throw new DirectoryStoreException(StoreFault.Unavailable, $"{path} cannot be opened: {e.Message}", e);
        }
    }

    /// <summary>Opens a file for this process alone; made with mode 0600 when missing.</summary>
    public static FileStream Create(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return new FileStream(path, options);
    }
}

using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Ldap.Codec;

namespace Postern.Directory;

/// <summary>
/// A directory's file, read beside the engine that may have it open in another process: SQLite's snapshots work between processes as they
/// do within one. Nothing is written. While a snapshot is held the engine's write-ahead log grows by what is written meanwhile.
/// </summary>
public sealed class DirectoryFile : IDisposable
{
    private const int EntriesPerReport = 1000;

    private readonly Database _database;

    private DirectoryFile(string path, Database database, int version)
    {
        (Path, _database, Version) = (path, database, version);
    }

    public string Path { get; }

    /// <summary>Of the tables.</summary>
    public int Version { get; }

    /// <exception cref="DirectoryStoreException">There is none, it is damaged, no directory of Postern, or newer than this one.</exception>
    public static DirectoryFile Open(string path)
    {
        if (!File.Exists(path))
        {
            throw new DirectoryStoreException(StoreFault.Unavailable, $"there is no directory at {path}");
        }

        Database? database = null;
        try
        {
            database = Database.Open(path, readOnly: false);
            database.Execute("PRAGMA query_only = 1; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY");
            int version = StoreFile.VersionOf(path, database);
            return version > 0
                ? new DirectoryFile(path, database, version)
                : throw new DirectoryStoreException(StoreFault.Damaged, $"{path} is empty, and no directory of Postern");
        }
        catch (StoreFailureException e)
        {
            database?.Dispose();
            throw StoreFile.Explain(path, e);
        }
        catch
        {
            database?.Dispose();
            throw;
        }
    }

    /// <summary>The names of the entries without a parent, normalized.</summary>
    public IReadOnlyList<string> ReadSuffixes() =>
        Read(() => _database.QueryTexts($"SELECT coalesce(norm, rdn) FROM entry WHERE parent = {StoreLayout.NoParent}"));

    public long CountEntries() => Read(() => _database.QueryInteger("SELECT count(*) FROM entry"));

    /// <summary>Copies the directory as it is now into an empty file and reads the copy back.</summary>
    /// <returns>Entries in the copy.</returns>
    /// <exception cref="DirectoryStoreException">One of the two cannot be read or written; the copy is useless then.</exception>
    public long CopyTo(string target, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        long entries = Read(() =>
        {
            _database.Execute("BEGIN");
            try
            {
                // The first read takes the snapshot that all of the copy is made of.
                long count = _database.QueryInteger("SELECT count(*) FROM entry");
                CopySnapshot(target, progress, cancellationToken);
                return count;
            }
            finally
            {
                _database.Execute("COMMIT");
            }
        });
        return entries;
    }

    /// <summary>Compares entries, tree and indexes, and SQLite's own structure, over one snapshot.</summary>
    /// <returns>What does not fit, one line each, at most 100; empty when all is well.</returns>
    public DirectoryCheck Check(DirectorySchema schema, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        EnsureCurrent();
        return Read(() =>
        {
            ConsistencyCheck check = new(_database, schema, IndexSet.Read(_database, schema), Limits)
            {
                Progress = (done, all) => progress?.Report(new MaintenanceProgress("checking", done, all)),
            };
            IReadOnlyList<string> faults = check.Run(cancellationToken);
            return new DirectoryCheck(check.Entries, faults);
        });
    }

    /// <summary>All entries of one snapshot, parents before children.</summary>
    /// <param name="operational">With entryUUID, createTimestamp, modifyTimestamp and entryCSN.</param>
    /// <param name="secrets">With the stored forms of passwords.</param>
    public IEnumerable<LdapEntry> ReadEntries(bool operational, bool secrets, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        EnsureCurrent();
        Read(() =>
        {
            _database.Execute("BEGIN");
            return 0;
        });
        try
        {
            long all = Read(() => _database.QueryInteger("SELECT count(*) FROM entry"));
            long done = 0;
            using EntryWalk walk = Read(() => new EntryWalk(_database));
            while (Read(walk.Next) is { } next)
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return Read(() => ToEntry(next.Dn, next.Row, operational, secrets));
                if (++done % EntriesPerReport == 0)
                {
                    progress?.Report(new MaintenanceProgress("reading", done, all));
                }
            }
        }
        finally
        {
            _database.Execute("COMMIT");
        }
    }

    public void Dispose() => _database.Dispose();

    private static LdapLimits Limits => new() { MaxMessageBytes = int.MaxValue, MaxAttributes = int.MaxValue, MaxValues = int.MaxValue };

    private void CopySnapshot(string target, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            using Database copy = Database.Open(target, readOnly: false);

            // Whoever asked makes the file durable once it is whole; until then nobody would use it.
            copy.Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
            _database.CopyTo(copy, (done, all) => progress?.Report(new MaintenanceProgress("copying", done, all)), cancellationToken);

            // One file without a log beside it.
            copy.Execute("PRAGMA journal_mode = DELETE");
            progress?.Report(new MaintenanceProgress("checking", 0, 0));
            if (copy.QueryTexts("PRAGMA quick_check(1)") is var faults and not ["ok"])
            {
                throw new StoreFailureException(SQLitePCL.raw.SQLITE_CORRUPT, 0, faults[0].Trim());
            }
        }
        catch (StoreFailureException e) when (e.Fault is not StoreFault.Damaged)
        {
            throw new DirectoryStoreException(e.Fault, $"the copy to {target} failed: {e.Message}", e);
        }
    }

    private static LdapEntry ToEntry(string dn, EntryRow row, bool operational, bool secrets)
    {
        IEnumerable<LdapAttribute> attributes = AttributeListCodec.Decode(row.Attributes, Limits).Where(a => secrets || !SchemaWords.IsSecret(a.Description));
        return new LdapEntry(dn, [.. attributes, .. operational ? EntryStamps.Of(row) : []]);
    }

    private void EnsureCurrent()
    {
        if (Version != StoreLayout.Version)
        {
            throw new DirectoryStoreException(
                StoreFault.OlderVersion, $"{Path} has version {Version} and this Postern reads version {StoreLayout.Version}; start its daemon once, which brings it up to date");
        }
    }

    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (StoreFailureException e)
        {
            throw StoreFile.Explain(Path, e);
        }
        catch (LdapProtocolException e)
        {
            throw new DirectoryStoreException(StoreFault.Damaged, $"{Path} is damaged: attributes of an entry cannot be read: {e.Message}", e);
        }
    }
}

/// <param name="Faults">What does not fit, one line each, at most 100.</param>
public sealed record DirectoryCheck(long Entries, IReadOnlyList<string> Faults);

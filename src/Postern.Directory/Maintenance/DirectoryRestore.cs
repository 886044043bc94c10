using System.Globalization;
using Postern.Directory.Storage;

namespace Postern.Directory;

/// <summary>Puts a backup in the place of a directory's file, after the backup was checked in full as it will be used.</summary>
public static class DirectoryRestore
{
    private const string WorkSuffix = ".restoring";

    /// <param name="path">The directory's file; there may be none yet, but its folder.</param>
    /// <param name="open">Opens the engine of this directory on another file.</param>
    /// <exception cref="DirectoryStoreException">An engine runs on the directory; the backup is damaged, of a newer Postern, or none at all.
    /// The directory is as it was then.</exception>
    public static async Task<RestoredDirectory> RunAsync(
        string backup, string path, Func<string, DirectoryEngine> open, TimeProvider time, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        using FileStream held = StoreFile.AcquireLock(path);
        string work = path + WorkSuffix;
        try
        {
            RemoveAll(work);
            await Task.Run(() => Copy(backup, work, progress, cancellationToken), cancellationToken).ConfigureAwait(false);
            DirectoryCheck check = await CheckAsync(backup, work, open, progress, cancellationToken).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            return new RestoredDirectory(check.Entries, Replace(work, path, time));
        }
        finally
        {
            RemoveAll(work);
        }
    }

    private static void Copy(string backup, string work, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        StoreFile.Create(work).Dispose();
        using DirectoryFile source = DirectoryFile.Open(backup);
        source.CopyTo(work, progress, cancellationToken);
        if (source.Version != StoreLayout.Version)
        {
            // The opening brings it up to date, and makes it an instance of its own.
            return;
        }

        // The change numbers after the backup will be given again: whoever remembers one must not mistake it for the new one.
        using Database database = Database.Open(work, readOnly: false);
        StoreInstance.Renew(database);
    }

    /// <summary>Opens the copy as the daemon will: with its schema and indexes, and brought up to date when it is older.</summary>
    private static async Task<DirectoryCheck> CheckAsync(
        string backup, string work, Func<string, DirectoryEngine> open, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        await using (DirectoryEngine engine = open(work))
        {
            progress?.Report(new MaintenanceProgress("checking", 0, 0));
            IReadOnlyList<string> faults = await engine.CheckAsync(cancellationToken).ConfigureAwait(false);
            if (faults.Count > 0)
            {
                throw new DirectoryStoreException(
                    StoreFault.Damaged, $"{backup} is not restored: it has {faults.Count} faults, the first: {faults[0]}; the directory is as it was");
            }
        }

        using DirectoryFile closed = DirectoryFile.Open(work);
        return new DirectoryCheck(closed.CountEntries(), []);
    }

    private static string? Replace(string work, string path, TimeProvider time)
    {
        using (FileStream file = new(work, FileMode.Open, FileAccess.ReadWrite))
        {
            file.Flush(flushToDisk: true);
        }

        CleanMark.Remove(path);
        if (!File.Exists(path))
        {
            File.Move(work, path);
            return null;
        }

        string kept = path + time.GetUtcNow().ToString("'.before-restore-'yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        EndLog(path, kept);

        // A link to the old file and a rename over it: at every moment there is a directory under the name.
        File.Replace(work, path, kept);
        return kept;
    }

    /// <summary>A log that stays behind would be taken for the new file's. What is in it goes into the old file, or beside it when that is damaged.</summary>
    private static void EndLog(string path, string kept)
    {
        try
        {
            using Database old = Database.Open(path, readOnly: false);
            old.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (StoreFailureException)
        {
            // Damaged: perhaps the reason for restoring.
        }

        if (File.Exists(path + "-wal"))
        {
            File.Move(path + "-wal", kept + "-wal");
        }

        File.Delete(path + "-shm");
    }

    private static void RemoveAll(string work)
    {
        foreach (string suffix in (string[])["", "-wal", "-shm", "-journal", ".lock", ".clean"])
        {
            File.Delete(work + suffix);
        }
    }
}

/// <param name="KeptAs">Where the directory lies that was there before; null when there was none.</param>
public sealed record RestoredDirectory(long Entries, string? KeptAs);

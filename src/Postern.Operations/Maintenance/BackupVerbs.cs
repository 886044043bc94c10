using Postern.Certificates;
using Postern.Directory;
using Postern.Ldap;

namespace Postern.Operations.Maintenance;

/// <summary>
/// Backup, restore and check of a data folder's directory. They work on the file itself: backup and check also while a daemon has it open,
/// restore only while none has.
/// </summary>
public static class BackupVerbs
{
    /// <param name="file">Made new with mode 0600; there is no half file under this name, whatever happens.</param>
    /// <exception cref="OperationException">No directory, the name is taken, no room, ...</exception>
    public static Task<DirectoryBackedUp> BackupAsync(
        string dataFolder, string file, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            DirectoryPlace place = DirectoryPlace.Find(dataFolder);
            using NewPrivateFile target = NewPrivateFile.Begin(file);
            long entries = await Task.Run(
                () =>
                {
                    using DirectoryFile directory = DirectoryFile.Open(place.File);
                    return directory.CopyTo(target.Temporary, progress, cancellationToken);
                },
                cancellationToken);
            target.Finish();
            string path = Path.GetFullPath(file);
            return new DirectoryBackedUp(path, place.Side, place.File, entries, new FileInfo(path).Length);
        });

    /// <exception cref="OperationException">A daemon runs, or the backup cannot be used; the directory is as it was then.</exception>
    public static Task<DirectoryRestored> RestoreAsync(
        string dataFolder, string file, TimeProvider time, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            DirectoryPlace place = PlaceFor(dataFolder, file);
            place.MakeFolders();
            RestoredDirectory done;
            try
            {
                done = await DirectoryRestore.RunAsync(file, place.File, place.Open, time, progress, cancellationToken);
            }
            catch (DirectoryStoreException e) when (e.Fault == StoreFault.Locked)
            {
                throw place.IsRunning("stop it, restore, and start it again", e);
            }

            place.GiveToOwner();
            FolderSync.Flush(Path.GetDirectoryName(place.File)!);
            return new DirectoryRestored(Path.GetFullPath(file), place.Side, place.File, done.Entries, done.KeptAs, Next(place, done));
        });

    public static Task<DirectoryChecked> CheckAsync(string dataFolder, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            DirectoryPlace place = DirectoryPlace.Find(dataFolder);
            DirectoryCheck check = await Task.Run(
                () =>
                {
                    using DirectoryFile directory = DirectoryFile.Open(place.File);
                    return directory.Check(place.Schema, progress, cancellationToken);
                },
                cancellationToken);
            return new DirectoryChecked(place.Side, place.File, check.Faults.Count == 0, check.Entries, check.Faults, Hint(check.Faults));
        });

    private static DirectoryPlace PlaceFor(string dataFolder, string file)
    {
        if (!File.Exists(file))
        {
            throw new OperationException(
                FailureCategory.NotFound, "fileNotFound", $"there is no file {Path.GetFullPath(file)}", "give the file that `postern directory backup` wrote");
        }

        IReadOnlyList<string> suffixes;
        using (DirectoryFile backup = DirectoryFile.Open(file))
        {
            suffixes = backup.ReadSuffixes();
        }

        if (suffixes.Count == 0)
        {
            throw new OperationException(FailureCategory.Failed, "storeDamaged", $"{Path.GetFullPath(file)} holds no entries", "restore another backup");
        }

        DirectoryPlace wanted = DirectoryPlace.ForSuffix(dataFolder, DistinguishedName.Parse(suffixes[0]), file);
        return DirectoryPlace.TryFind(dataFolder) is { } there && there.Side != wanted.Side
            ? throw new OperationException(
                FailureCategory.BadRequest, "wrongSide", $"{Path.GetFullPath(file)} is the backup of {Article(wanted.Side)}, {there.Root} the data folder of {Article(there.Side)}",
                "give --data the folder that the backup belongs to")
            : wanted;
    }

    private static List<string> Next(DirectoryPlace place, RestoredDirectory done)
    {
        List<string> next = [$"start the {place.Side}: postern {place.Side} run --data {place.Root} ..."];
        if (place.Side == "edge")
        {
            next.Add("on the hub, bring it up to date: postern sync start --edge NAME --full");
            next.Add("if the hub's login is refused, its account is newer than the backup: postern subscription new --force, and import the file on the hub");
        }
        else
        {
            next.Add("on the hub, see that its edges take it: postern sync start; subscribe an edge anew when it refuses the login");
        }

        if (done.KeptAs is not null)
        {
            next.Add($"when all is well, delete what was there before: {done.KeptAs}");
        }

        return next;
    }

    private static string Hint(IReadOnlyList<string> faults) => faults switch
    {
        [] => "",
        _ when faults.Any(fault => fault.StartsWith("file:", StringComparison.Ordinal)) =>
            "the file itself is damaged: stop the daemon and restore a backup (postern directory restore FILE), then look after the disk",
        _ => "entries and indexes differ: export with secrets, stop the daemon, move the file away and import it again (docs/directory.md), or restore a backup",
    };

    private static string Article(string side) => side == "edge" ? "an edge" : "a hub";
}

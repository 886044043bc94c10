using System.Security.Cryptography;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.Ldap;

namespace Postern.Operations.Maintenance;

/// <summary>
/// Backup and restore of a whole hub: the private keys that edges have pinned, and the organization directory with subscriptions, pins and
/// sealed credentials. With it a lost hub goes on without a visit to any edge. Sealed with a passphrase, because who has it is the hub.
/// </summary>
public static class HubBackupVerbs
{
    /// <summary>Characters. The file can be guessed at in peace, and it opens every edge: NIST SP 800-63B asks for 8 where guesses are counted.</summary>
    public const int MinPassphrase = 12;

    /// <summary>The keys are read again when one was changed meanwhile; a node changes them once in months.</summary>
    private const int Attempts = 5;

    /// <summary>Octets: what a seal adds to its content.</summary>
    private const int SealBytes = 64 * 1024;

    /// <summary>While the daemon runs or not.</summary>
    /// <param name="file">Made new with mode 0600.</param>
    /// <exception cref="OperationException">No hub, the name is taken, a passphrase that is too short, ...</exception>
    public static Task<HubBackedUp> BackUpAsync(string dataFolder, string file, string passphrase, TimeProvider time, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(() => Task.Run(
            () =>
            {
                HubPaths paths = HubAt(dataFolder);
                CheckNew(passphrase);
                using NewPrivateFile target = NewPrivateFile.Begin(file);

                // The directory first: what is sealed in it is sealed for keys that were there before.
                (byte[]? organization, long? entries) = ReadOrganization(paths, cancellationToken);
                List<(string, byte[])> keys = ReadKeys(paths.KeysFolder);
                HubBackupContent content = new(time.GetUtcNow(), keys, organization);
                byte[] clear = content.ToBytes();
                try
                {
                    if (clear.Length > SealedData.MaxContent)
                    {
                        throw new OperationException(
                            FailureCategory.Failed, "backupFile", $"the hub has {clear.Length} octets to back up; at most {SealedData.MaxContent} are sealed",
                            "back up the folder keys/ and the directory apart (`postern directory backup`), and encrypt both");
                    }

                    target.Content.Write(SealedData.Seal(clear, passphrase));
                }
                finally
                {
                    Forget(clear, keys);
                }

                target.Finish();
                string path = Path.GetFullPath(file);
                return new HubBackedUp(path, paths.Root, content.MadeUtc, keys.Count, entries, new FileInfo(path).Length);
            },
            cancellationToken));

    /// <summary>Into a folder where no hub is, while no daemon runs there. What fails leaves no hub behind.</summary>
    /// <exception cref="OperationException">There is one already; the backup is damaged, newer, or sealed with another passphrase.</exception>
    public static Task<HubRestored> RestoreAsync(string dataFolder, string file, string passphrase, TimeProvider time, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            HubPaths paths = new(Path.GetFullPath(dataFolder));
            RefuseOccupied(paths);
            HubBackupContent content = Open(file, passphrase);
            bool isNew = !System.IO.Directory.Exists(paths.Root);
            PrivateFile.CreateFolder(paths.Root);
            using HubRestoring work = new(paths, isNew);
            work.WriteKeys(content.Keys);
            long? entries = content.Organization is { } ldif ? await work.ImportAsync(ldif, cancellationToken) : null;
            await work.FinishAsync(time, cancellationToken);
            Forget([], content.Keys);
            return new HubRestored(
                Path.GetFullPath(file), paths.Root, content.MadeUtc, content.Keys.Count, entries,
                [
                    "stop the old hub for good if it still runs: two hubs with one key take the lease of the edges from each other",
                    $"start the hub: postern hub run --data {paths.Root} ... (with its hub.json, which is not in the backup)",
                    "see that the edges take it: postern doctor, then postern sync start; what was subscribed after the backup is subscribed anew",
                ]);
        });

    private static HubPaths HubAt(string dataFolder)
    {
        HubPaths paths = new(Path.GetFullPath(dataFolder));
        if (System.IO.Directory.Exists(new EdgePaths(paths.Root).Private))
        {
            throw new OperationException(
                FailureCategory.BadRequest, "wrongSide", $"{paths.Root} is the data folder of an edge, and this is the backup of a hub",
                "an edge that is lost is subscribed anew, which takes minutes; its directory alone is backed up by `postern directory backup`");
        }

        return System.IO.Directory.Exists(paths.KeysFolder) ? paths : throw new OperationException(
            FailureCategory.NotFound, "noDirectory", $"there is no hub in the data folder {paths.Root}", "check --data; `postern hub run` makes one");
    }

    private static void CheckNew(string passphrase)
    {
        if (passphrase.Length < MinPassphrase)
        {
            throw new OperationException(
                FailureCategory.BadRequest, "passphrase", $"the passphrase has {passphrase.Length} characters; {MinPassphrase} are the least",
                "who opens the backup is the hub to every edge: take several words, or `openssl rand -base64 24`");
        }
    }

    private static void RefuseOccupied(HubPaths paths)
    {
        bool isEdge = System.IO.Directory.Exists(new EdgePaths(paths.Root).Private);
        bool isHub = File.Exists(paths.DatabaseFile) || (System.IO.Directory.Exists(paths.KeysFolder) && System.IO.Directory.EnumerateFileSystemEntries(paths.KeysFolder).Any());
        if (isEdge || isHub)
        {
            throw new OperationException(
                FailureCategory.Conflict, "dataFolder", $"{paths.Root} is the data folder of {(isEdge ? "an edge" : "a hub")} already",
                isEdge ? "give --data another folder" : "stop that hub and move the folder away, or give --data another one: a restore overwrites no keys");
        }
    }

    private static HubBackupContent Open(string file, string passphrase)
    {
        string path = Path.GetFullPath(file);
        if (!File.Exists(path))
        {
            throw new OperationException(FailureCategory.NotFound, "fileNotFound", $"there is no file {path}", "give the file that `postern backup` wrote");
        }

        byte[] clear = [];
        try
        {
            long length = new FileInfo(path).Length;
            if (length > SealedData.MaxContent + SealBytes)
            {
                throw new InvalidDataException($"it has {length} octets, more than any backup");
            }

            clear = SealedData.Open(File.ReadAllBytes(path), passphrase);
            return HubBackupContent.Read(clear);
        }
        catch (SealingException e) when (e.Fault == SealingFault.WrongPassphrase)
        {
            throw new OperationException(FailureCategory.Failed, "passphrase", $"{path}: {e.Message}", "blanks and letters' case count; without the passphrase nobody opens the backup", e);
        }
        catch (NotSupportedException e)
        {
            throw new OperationException(FailureCategory.Failed, "backupFile", $"{path}: {e.Message}", "restore it with the Postern that wrote it, or with a newer one", e);
        }
        catch (Exception e) when (e is SealingException or InvalidDataException)
        {
            throw new OperationException(FailureCategory.Failed, "backupFile", $"{path} is no whole backup of a hub: {e.Message}", "take another copy of it, or another backup", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(clear);
        }
    }

    private static (byte[]? Ldif, long? Entries) ReadOrganization(HubPaths paths, CancellationToken cancellationToken)
    {
        if (!File.Exists(paths.DatabaseFile))
        {
            return (null, null);
        }

        using MemoryStream ldif = new();
        long entries = 0;
        using (StreamWriter text = LdifVerbs.WriterOn(ldif))
        using (DirectoryFile directory = DirectoryFile.Open(paths.DatabaseFile))
        {
            LdifWriter writer = new(text);
            foreach (LdapEntry entry in directory.ReadEntries(operational: true, secrets: true, progress: null, cancellationToken))
            {
                writer.Write(entry);
                entries++;
            }
        }

        return (ldif.ToArray(), entries);
    }

    /// <summary>All files of the folder as they were at one moment: pairs of certificates change by a pointer from one to another.</summary>
    private static List<(string Name, byte[] Content)> ReadKeys(string folder)
    {
        for (int attempt = 1; ; attempt++)
        {
            string before = Stamp(folder);
            List<(string, byte[])> keys = [];
            try
            {
                foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles().Where(file => HubBackupContent.IsFileName(file.Name)).OrderBy(file => file.Name, StringComparer.Ordinal))
                {
                    if (file.Length > PrivateFile.MaxBytes || keys.Count == HubBackupContent.MaxKeys)
                    {
                        throw new OperationException(
                            FailureCategory.Failed, "dataFolder", $"{file.FullName}: a folder of keys has at most {HubBackupContent.MaxKeys} files of {PrivateFile.MaxBytes} octets",
                            "move away what does not belong there");
                    }

                    keys.Add((file.Name, File.ReadAllBytes(file.FullName)));
                }
            }
            catch (FileNotFoundException) when (attempt < Attempts)
            {
                continue;
            }

            if (Stamp(folder) == before || attempt == Attempts)
            {
                return keys.Count > 0 ? keys : throw new OperationException(
                    FailureCategory.NotFound, "noDirectory", $"there are no keys in {folder}", "check --data; `postern hub run` makes them");
            }
        }
    }

    private static string Stamp(string folder) => string.Join('|', new DirectoryInfo(folder).EnumerateFiles()
        .Select(file => $"{file.Name} {file.Length} {file.LastWriteTimeUtc.Ticks}").Order(StringComparer.Ordinal));

    private static void Forget(byte[] clear, IReadOnlyList<(string Name, byte[] Content)> keys)
    {
        CryptographicOperations.ZeroMemory(clear);
        foreach ((_, byte[] content) in keys)
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}

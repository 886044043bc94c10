using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync;

namespace Postern.Operations.Maintenance;

/// <summary>A restore on its way, under names that no hub reads; what is not finished is removed.</summary>
internal sealed class HubRestoring(HubPaths paths, bool isNew) : IDisposable
{
    private const int BatchSize = 1000;

    private readonly string _keys = paths.KeysFolder + ".restoring";
    private readonly string _ldif = paths.DatabaseFile + ".ldif";
    private readonly string _database = paths.DatabaseFile + ".importing";
    private bool _imported;
    private bool _done;

    public void WriteKeys(IReadOnlyList<(string Name, byte[] Content)> keys)
    {
        Clean();
        PrivateFile.CreateFolder(_keys);
        foreach ((string name, byte[] content) in keys)
        {
            PrivateFile.CreateNew(Path.Combine(_keys, name), content);
        }
    }

    /// <summary>Entries keep their entryUUIDs: by the one of its top entry edges know whose they are.</summary>
    public async Task<long> ImportAsync(byte[] ldif, CancellationToken cancellationToken)
    {
        PrivateFile.CreateNew(_ldif, ldif);
        await using DirectoryEngine engine = PosternDirectories.OpenOrganizationFile(_database, TimeProvider.System, NullLoggerFactory.Instance);
        ImportDirectory request = new(_ldif, NewUuids: false, SkipExisting: false, GoOn: false, Atomic: false, BatchSize);
        LdifImport import = new(engine.As(Principal.System), PosternSchema.Organization, request, progress: null);
        await import.RunAsync(cancellationToken);
        _imported = true;
        return import.Imported;
    }

    /// <summary>The keys first: a hub with its keys and without its directory can be restored again, one that made new keys is a stranger to its edges.</summary>
    public async Task FinishAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        if (System.IO.Directory.Exists(paths.KeysFolder))
        {
            System.IO.Directory.Delete(paths.KeysFolder);
        }

        System.IO.Directory.Move(_keys, paths.KeysFolder);
        FileOwner.InheritFromFolder(paths.KeysFolder);
        foreach (string file in System.IO.Directory.EnumerateFiles(paths.KeysFolder))
        {
            FileOwner.InheritFromFolder(file);
        }

        FolderSync.Flush(paths.Root);
        try
        {
            if (_imported)
            {
                await DirectoryRestore.RunAsync(
                    _database, paths.DatabaseFile, file => PosternDirectories.OpenOrganizationFile(file, time, NullLoggerFactory.Instance), time, progress: null, cancellationToken);
                DirectoryPlace.Find(paths.Root).GiveToOwner();
            }
        }
        catch
        {
            System.IO.Directory.Move(paths.KeysFolder, _keys);
            throw;
        }

        FolderSync.Flush(paths.Root);
        _done = true;
    }

    public void Dispose()
    {
        Clean();
        if (!_done && isNew && System.IO.Directory.Exists(paths.Root))
        {
            System.IO.Directory.Delete(paths.Root, recursive: true);
        }
    }

    private void Clean()
    {
        if (System.IO.Directory.Exists(_keys))
        {
            System.IO.Directory.Delete(_keys, recursive: true);
        }

        File.Delete(_ldif);
        foreach (string suffix in (string[])["", "-wal", "-shm", "-journal", ".lock", ".clean"])
        {
            File.Delete(_database + suffix);
        }
    }
}

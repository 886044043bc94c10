using Microsoft.Extensions.Logging;
using Postern.Directory.Storage;
using SQLitePCL;

namespace Postern.Directory.Updates;

/// <summary>
/// Copies the write-ahead log into the database file. The bulk of it on a thread of its own, while commits go on; then the writer copies the
/// little that came in meanwhile, so that the log starts anew. Past <see cref="DirectoryOptions.MaxLogKiB"/> the writer does all of it.
/// </summary>
internal sealed class LogCheckpoint : IDisposable
{
    private const int PageBytes = 4096;

    private readonly StoreFile _file;
    private readonly Action _dropIdleSnapshots;
    private readonly ILogger _log;
    private readonly long _wantedPages;
    private readonly long _forcedPages;
    private readonly SemaphoreSlim _signal = new(0);
    private readonly Thread _thread;
    private long _pages;
    private volatile bool _copying;
    private volatile bool _copied;
    private volatile bool _stopping;

    /// <param name="dropIdleSnapshots">Called before each copy, see <see cref="Searching.ReaderPool.DropIdleSnapshots"/>.</param>
    public LogCheckpoint(StoreFile file, DirectoryOptions options, Action dropIdleSnapshots, ILogger log)
    {
        (_file, _dropIdleSnapshots, _log) = (file, dropIdleSnapshots, log);
        _wantedPages = options.CheckpointKiB * 1024L / PageBytes;
        _forcedPages = Math.Max(_wantedPages, options.MaxLogKiB * 1024L / PageBytes);
        _thread = new Thread(Run) { IsBackground = true, Name = "directory checkpoint" };
    }

    public void Start() => _thread.Start();

    /// <summary>The writer says that it committed; called on its thread, outside any transaction.</summary>
    public void Committed(Database writer)
    {
        _pages += writer.TakeWrittenPages();
        if (_pages < _wantedPages)
        {
            return;
        }

        if (_copied || _pages >= _forcedPages)
        {
            Finish(writer);
        }
        else if (!_copying)
        {
            _copying = true;
            _signal.Release();
        }
    }

    public void Dispose()
    {
        _stopping = true;
        _signal.Release();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }

        _signal.Dispose();
    }

    private void Finish(Database writer)
    {
        try
        {
            _dropIdleSnapshots();
            (int logged, int copied) = writer.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE);

            // A reader with an old snapshot keeps its part of the log: what could not be copied counts towards the next time.
            _pages = logged == copied ? 0 : Math.Min(_wantedPages, logged - copied);
            _copied = false;
        }
        catch (StoreFailureException e)
        {
            // Nothing is lost, the log still has it. Typically there is no room for the database to grow.
            Log.CheckpointFailed(_log, e.Message);
            _pages = 0;
        }
    }

    private void Run()
    {
        Database? database = null;
        while (true)
        {
            _signal.Wait();
            if (_stopping)
            {
                break;
            }

            try
            {
                _dropIdleSnapshots();
                database ??= _file.OpenWriter();
                database.Checkpoint(raw.SQLITE_CHECKPOINT_PASSIVE);
                _copied = true;
            }
            catch (StoreFailureException e)
            {
                Log.CheckpointFailed(_log, e.Message);
                database?.Dispose();
                database = null;
            }

            _copying = false;
        }

        database?.Dispose();
    }
}

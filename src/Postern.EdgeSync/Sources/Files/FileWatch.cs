using Postern.EdgeSync.Sources.Feeds;

namespace Postern.EdgeSync.Sources.Files;

/// <summary>Rings when a file has become another one and has come to rest. Change notifications make it quick; a look every second makes
/// it sure, where a file system sends none or loses some.</summary>
internal sealed class FileWatch(string path, Bell bell, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Between two looks.</summary>
    public static readonly TimeSpan Poll = TimeSpan.FromSeconds(1);

    /// <summary>So long a file must stay as it is before it counts as written to its end.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _noticed = new(0, 1);
    private FileStamp? _seen;
    private Task? _running;

    /// <summary>A reading has begun with the file in this state.</summary>
    public void Seen(FileStamp stamp)
    {
        lock (_gate)
        {
            _seen = stamp;
        }
    }

    public void Start()
    {
        lock (_gate)
        {
            if (_running is null && !_end.IsCancellationRequested)
            {
                _seen ??= FileStamp.Of(path);
                FileSystemWatcher? watcher = Watch();
                _running = Task.Run(() => RunAsync(watcher, _end.Token));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task? running;
        lock (_gate)
        {
            _end.Cancel();
            running = _running;
        }

        if (running is not null)
        {
            await running;
        }

        _end.Dispose();
        _noticed.Dispose();
    }

    private async Task RunAsync(FileSystemWatcher? watcher, CancellationToken cancellationToken)
    {
        using FileSystemWatcher? watching = watcher;
        try
        {
            while (true)
            {
                // Two files of one length that were written within one tick of the file system's clock have one stamp: a notification
                // counts whatever the stamp says.
                bool noticed = await NoticedAsync(cancellationToken);
                if (FileStamp.Of(path) is { } stamp && (noticed || IsNews(stamp)) && await AtRestAsync(stamp, cancellationToken) is { } now)
                {
                    Seen(now);
                    bell.Ring();
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    /// <summary>True for a notification, false when it is time to look.</summary>
    private async Task<bool> NoticedAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource poll = new(Poll, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(poll.Token, cancellationToken);
        try
        {
            await _noticed.WaitAsync(either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>The state of the file once nobody writes to it any more; null when it is gone by then.</summary>
    private async Task<FileStamp?> AtRestAsync(FileStamp now, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Rest, time, cancellationToken);
            if (FileStamp.Of(path) is not { } later)
            {
                return null;
            }

            if (later == now)
            {
                return now;
            }

            now = later;
        }
    }

    private bool IsNews(FileStamp stamp)
    {
        lock (_gate)
        {
            return _seen != stamp;
        }
    }

    /// <summary>Null where the system has no notifications to give: too many watches, or no such folder.</summary>
    private FileSystemWatcher? Watch()
    {
        try
        {
            FileSystemWatcher watcher = new(Path.GetDirectoryName(path)!, Path.GetFileName(path));
            watcher.Changed += (_, _) => Notice();
            watcher.Created += (_, _) => Notice();
            watcher.Renamed += (_, _) => Notice();
            watcher.EnableRaisingEvents = true;
            return watcher;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private void Notice()
    {
        try
        {
            _noticed.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // Noticed already, or nobody watches any more.
        }
    }
}

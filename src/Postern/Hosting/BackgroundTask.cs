namespace Postern.Hosting;

/// <summary>Work beside the requests, cancelled and awaited when disposed.</summary>
internal sealed class BackgroundTask : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _task;

    private BackgroundTask(Func<CancellationToken, Task> work) => _task = Task.Run(() => work(_stop.Token));

    public static BackgroundTask Start(Func<CancellationToken, Task> work) => new(work);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        // The loops catch and log what can go wrong; shutting down goes on whatever ended one.
        await _task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }
}

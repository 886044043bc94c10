using Microsoft.Extensions.Logging;

namespace Postern.Hosting;

/// <summary>Work beside the requests, cancelled and awaited when disposed. Its loops catch and log what can go wrong; one that ends all the
/// same says so, loudly: the daemon goes on without it.</summary>
internal sealed partial class BackgroundTask : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _task;

    private BackgroundTask(string name, Func<CancellationToken, Task> work, ILogger logger) => _task = Task.Run(async () =>
    {
        try
        {
            await work(_stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // That is how it ends.
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Ended(logger, name, e);
        }
    });

    /// <param name="name">For people: <c>the schedule</c>.</param>
    public static BackgroundTask Start(string name, Func<CancellationToken, Task> work, ILogger logger) => new(name, work, logger);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();

        // Shutting down goes on whatever ended it.
        await _task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    [LoggerMessage(4002, LogLevel.Critical, "{Work} ended, and the daemon goes on without it until it is started again")]
    private static partial void Ended(ILogger logger, string work, Exception e);
}

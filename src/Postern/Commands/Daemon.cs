using Microsoft.Extensions.Logging;

namespace Postern.Commands;

/// <summary>A host in the foreground: starts, waits for a signal, stops gracefully.</summary>
internal static partial class Daemon
{
    /// <returns><see cref="ExitCode.Done"/> after a signal; a host that cannot start throws, and says so on stderr.</returns>
    public static async Task<int> RunAsync(Func<CancellationToken, Task<IAsyncDisposable>> start, ILoggerFactory log, VerbContext context)
    {
        ILogger logger = log.CreateLogger("Postern.Daemon");
        await using (IAsyncDisposable host = await start(context.Cancellation))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.Cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Stopping(logger);
        }

        Stopped(logger);
        return ExitCode.Done;
    }

    [LoggerMessage(4010, LogLevel.Information, "stopping: a signal came")]
    private static partial void Stopping(ILogger logger);

    [LoggerMessage(4011, LogLevel.Information, "stopped")]
    private static partial void Stopped(ILogger logger);
}

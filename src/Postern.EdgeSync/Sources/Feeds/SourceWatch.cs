using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Sources.Connecting;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.Feeds;

/// <summary>Keeps the bell of an LDAP source hanging: one connection, made again with growing pauses when it breaks. Runs from the first
/// time that somebody waits for the bell.</summary>
internal sealed class SourceWatch(FeedContext context, Func<ServerOffer, IEnumerable<ISourceFeed>> feeds, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    // A server without a bell today may have one after its next restart.
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private Task? _running;
    private int _failures;

    public void Start()
    {
        lock (_gate)
        {
            if (!_end.IsCancellationRequested)
            {
                _running ??= Task.Run(() => RunAsync(_end.Token));
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
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan pause;
            try
            {
                await WatchAsync(cancellationToken);
                pause = LookAgain;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                pause = PauseAfter(++_failures);
                if (_failures == 1)
                {
                    SourceLog.BellLost(log, context.Name, e.Message, pause);
                }
                else if (e is not (SourceException or LdapConnectionException))
                {
                    SourceLog.BellFailed(log, e, context.Name);
                }
            }

            try
            {
                await Task.Delay(pause, context.Time, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        await using LdapConnection connection = await context.Connection.OpenAsync(cancellationToken);
        ServerOffer offer = await ServerOffer.ReadAsync(connection, cancellationToken);
        if (feeds(offer).FirstOrDefault() is { } feed)
        {
            await feed.WatchAsync(connection, offer, Healthy, cancellationToken);
        }
    }

    private void Healthy()
    {
        if (_failures > 0)
        {
            _failures = 0;
            SourceLog.BellBack(log, context.Name);
        }
    }

    /// <summary>Doubled each time, and up to a fifth shorter, so that many hubs do not come back at one moment.</summary>
    private static TimeSpan PauseAfter(int failures)
    {
        TimeSpan pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 16));
        return (pause < LongestPause ? pause : LongestPause) * (1 - 0.2 * Random.Shared.NextDouble());
    }
}

using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;

namespace Postern.EdgeSync.Synchronization;

/// <summary>Starts a cycle of each type when its interval has passed; sooner after a failure. A manual run restarts the timer (fact sheet 4.1).</summary>
public sealed class HubSchedule(HubSynchronizer synchronizer, HubSettings settings, TimeProvider time, ILoggerFactory loggerFactory)
{
    /// <summary>The first wait after a failure; each further one doubles it, up to the interval. Ours.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(15);

    private readonly ILogger _log = loggerFactory.CreateLogger<HubSchedule>();
    private readonly Timetable _configuration = new(settings.ConfigurationSyncInterval);
    private readonly Timetable _recipients = new(settings.RecipientSyncInterval);

    /// <summary>Runs until cancelled. The first cycles start at once.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        RunAsync(SyncType.Configuration, _configuration, cancellationToken),
        RunAsync(SyncType.Recipients, _recipients, cancellationToken));

    /// <summary>A cycle now, by hand.</summary>
    public async Task<IReadOnlyList<SyncResult>> StartNowAsync(SyncStart start, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<SyncResult> results = await synchronizer.StartAsync(start with { ByHand = true }, progress, cancellationToken);
        foreach (SyncType type in results.Select(result => result.Type).Distinct())
        {
            Timetable timetable = type == SyncType.Configuration ? _configuration : _recipients;
            timetable.Note(time.GetUtcNow(), Failed(results, type));
        }

        return results;
    }

    private async Task RunAsync(SyncType type, Timetable timetable, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                // A manual run moves the due time while we wait, so look again after every wait.
                while (timetable.Due - time.GetUtcNow() is { Ticks: > 0 } wait)
                {
                    await Task.Delay(wait, time, cancellationToken);
                }

                await RunOnceAsync(type, timetable, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task RunOnceAsync(SyncType type, Timetable timetable, CancellationToken cancellationToken)
    {
        bool failed = true;
        try
        {
            failed = Failed(await synchronizer.StartAsync(new SyncStart { Type = type }, progress: null, cancellationToken), type);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            SyncLog.NotStarted(_log, e, type);
        }

        TimeSpan delay = timetable.Note(time.GetUtcNow(), failed);
        if (failed)
        {
            SyncLog.BackOff(_log, type, delay);
        }
    }

    /// <summary>A held cycle does not get better by trying more often.</summary>
    private static bool Failed(IReadOnlyList<SyncResult> results, SyncType type) => results.Any(
        result => result.Type == type && result.Result is not (SyncOutcome.Success or SyncOutcome.HeldByGuard or SyncOutcome.Incomplete or SyncOutcome.Canceled or SyncOutcome.HeldByOtherHub));

    /// <summary>When a type is due next.</summary>
    private sealed class Timetable(TimeSpan interval)
    {
        private readonly Lock _lock = new();
        private DateTimeOffset _due = DateTimeOffset.MinValue;
        private int _failures;

        public DateTimeOffset Due
        {
            get
            {
                lock (_lock)
                {
                    return _due;
                }
            }
        }

        public TimeSpan Note(DateTimeOffset now, bool failed)
        {
            lock (_lock)
            {
                _failures = failed ? Math.Min(_failures + 1, 16) : 0;
                TimeSpan delay = failed ? TimeSpan.FromTicks(Math.Min(interval.Ticks, FirstRetry.Ticks << (_failures - 1))) : interval;
                _due = now + delay;
                return delay;
            }
        }
    }
}

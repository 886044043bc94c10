using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Subscriptions;

namespace Postern.EdgeSync.Synchronization;

/// <summary>
/// Starts a cycle of each edge and type when its interval has passed, sooner after a failure, and at once when a source rings; one that
/// rings during a cycle has one more after it. An edge that another hub has is asked for again when the lock that was seen there ends: a
/// fail-over takes one lock, whatever the interval. A manual run restarts the timer (fact sheet 4.1). Every edge goes its own way: one that
/// is down or slow keeps no other waiting.
/// </summary>
public sealed class HubSchedule(HubSynchronizer synchronizer, HubSettings settings, TimeProvider time, ILoggerFactory loggerFactory)
{
    /// <summary>What failed though nothing of it should is tried again after this long: a bell, the list of edges, the wait for a cycle.</summary>
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(15);

    /// <summary>A source is listened to again even while an edge is down.</summary>
    private static readonly TimeSpan LongestRing = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = loggerFactory.CreateLogger<HubSchedule>();
    private readonly ConcurrentDictionary<(string Edge, SyncType Type), Worker> _workers = new();
    private readonly ConcurrentDictionary<string, LeftEdge> _left = new();
    private TaskCompletionSource _topology = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the organization directory may have changed: then subscriptions are looked at. Null: nobody can tell.</summary>
    public Func<CancellationToken, Task>? OrganizationChange { get; init; }

    /// <summary>0 to 1. For tests.</summary>
    internal Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    /// <summary>Runs until cancelled. The first cycles start at once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task> work = [FollowTopologyAsync(stop.Token)];
        foreach (SyncType type in Enum.GetValues<SyncType>())
        {
            work.AddRange(synchronizer.SourcesOf(type).Select(source => ListenAsync(type, source, stop.Token)));
        }

        try
        {
            await await Task.WhenAny(work);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll([.. work, .. _workers.Values.Select(worker => worker.Work)]);
        }
    }

    /// <summary>A cycle now, by hand.</summary>
    public async Task<IReadOnlyList<SyncResult>> StartNowAsync(SyncStart start, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<SyncResult> results = await synchronizer.StartAsync(start with { ByHand = true }, progress, cancellationToken);
        foreach (SyncResult result in results)
        {
            if (_workers.TryGetValue(Key(result.Name, result.Type), out Worker? worker))
            {
                worker.Timetable.Note(all: true, HasFailed(result), IsDown(result), result.AskAgainUtc);
            }
            else
            {
                // A new edge, or the schedule is not running.
                _topology.TrySetResult();
            }
        }

        return results;
    }

    /// <summary>An edge that the caller is about to subscribe and to synchronize itself: until this is disposed of, no cycle of the schedule comes
    /// before the caller's own, whose result would be that there was nothing left to do.</summary>
    public IDisposable Leave(string edge) => new LeftEdge(this, edge.ToUpperInvariant());

    private async Task FollowTopologyAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                // Asked for before looking.
                using CancellationTokenSource heard = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                Task change = OrganizationChange?.Invoke(heard.Token) ?? Task.Delay(Timeout.Infinite, heard.Token);
                IReadOnlyList<HubSubscription> edges = await synchronizer.FindEdgesAsync(cancellationToken);
                await FollowAsync(edges, cancellationToken);
                await WaitAsync(change, cancellationToken);
                await heard.CancelAsync();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                SyncLog.NoTopology(_log, e);
                await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitAsync(Task change, CancellationToken cancellationToken)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_topology.Task, change, Task.Delay(settings.TopologyInterval, time, either.Token));
        await either.CancelAsync();
        Interlocked.Exchange(ref _topology, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task FollowAsync(IReadOnlyList<HubSubscription> edges, CancellationToken cancellationToken)
    {
        foreach ((string Edge, SyncType Type) key in _workers.Keys)
        {
            if (!edges.Any(edge => string.Equals(edge.Name, key.Edge, StringComparison.OrdinalIgnoreCase)) && _workers.TryRemove(key, out Worker? gone))
            {
                await gone.DisposeAsync();
            }
        }

        foreach (HubSubscription edge in edges.Where(edge => !_left.ContainsKey(edge.Name.ToUpperInvariant())))
        {
            foreach (SyncType type in Enum.GetValues<SyncType>())
            {
                if (!_workers.ContainsKey(Key(edge.Name, type)))
                {
                    TimeSpan interval = type == SyncType.Configuration ? settings.ConfigurationSyncInterval : settings.RecipientSyncInterval;
                    Worker worker = new(new EdgeTimetable(interval, time, Jitter), cancellationToken);
                    _workers[Key(edge.Name, type)] = worker;
                    worker.Start(stop => WorkAsync(edge.Name, type, worker.Timetable, stop));
                }
            }
        }
    }

    private async Task WorkAsync(string edge, SyncType type, EdgeTimetable timetable, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                IReadOnlySet<string>? sources = await timetable.NextAsync(cancellationToken);
                await RunOnceAsync(edge, type, sources, timetable, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A worker that ended would be an edge that is not synchronized any more.
                SyncLog.NotStarted(_log, e, type);
                await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task RunOnceAsync(string edge, SyncType type, IReadOnlySet<string>? sources, EdgeTimetable timetable, CancellationToken cancellationToken)
    {
        SyncResult? result = null;
        try
        {
            result = (await synchronizer.StartAsync(new SyncStart { EdgeName = edge, Type = type, Sources = sources }, progress: null, cancellationToken))[0];
        }
        catch (SubscriptionException)
        {
            _topology.TrySetResult();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            SyncLog.NotStarted(_log, e, type);
        }

        long begun = timetable.BegunAt;
        bool failed = result is null || HasFailed(result);
        TimeSpan delay = timetable.Note(sources is null, failed, result is null || IsDown(result), result?.AskAgainUtc);
        if (failed)
        {
            SyncLog.BackOff(_log, type, delay);
        }

        if (result is { Added: > 0 } or { Updated: > 0 } or { Deleted: > 0 })
        {
            RingOthers(type, sources, begun, timetable);
        }
    }

    /// <summary>A source may have rung before another edge began to read and changed after it: who began earlier reads once more.</summary>
    private void RingOthers(SyncType type, IReadOnlySet<string>? sources, long begun, EdgeTimetable own)
    {
        foreach (((string _, SyncType otherType), Worker other) in _workers)
        {
            if (otherType == type && other.Timetable != own && other.Timetable.BegunAt != 0 && other.Timetable.BegunAt < begun)
            {
                foreach (ISource source in synchronizer.SourcesOf(type).Where(source => sources?.Contains(source.Name) ?? true))
                {
                    _ = other.Timetable.Ring(source.Name);
                }
            }
        }
    }

    private async Task ListenAsync(SyncType type, ISource source, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await source.WaitForBellAsync(cancellationToken);
                Task[] begun = [.. _workers.Where(worker => worker.Key.Type == type).Select(worker => worker.Value.Timetable.Ring(source.Name))];

                // Not again at once: a bell may ring until the source is read.
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(begun.Length > 0 ? Task.WhenAll(begun) : Task.Delay(LongestRing, time, either.Token), Task.Delay(LongestRing, time, either.Token));
                await either.CancelAsync();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                SyncLog.NoBell(_log, e, source.Name);
                await Task.Delay(Retry, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>A held cycle does not get better by trying more often.</summary>
    private static bool HasFailed(SyncResult result) =>
        result.Result is not (SyncOutcome.Success or SyncOutcome.HeldByGuard or SyncOutcome.Incomplete or SyncOutcome.Canceled or SyncOutcome.HeldByOtherHub);

    private static bool IsDown(SyncResult result) => HasFailed(result) && result.Result != SyncOutcome.SourceFailed;

    private static (string Edge, SyncType Type) Key(string edge, SyncType type) => (edge.ToUpperInvariant(), type);

    private sealed class LeftEdge : IDisposable
    {
        private readonly HubSchedule _schedule;
        private readonly string _edge;

        public LeftEdge(HubSchedule schedule, string edge)
        {
            (_schedule, _edge) = (schedule, edge);
            schedule._left[edge] = this;
        }

        public void Dispose()
        {
            // Only its own: the same edge may be imported twice at once.
            if (_schedule._left.TryRemove(new KeyValuePair<string, LeftEdge>(_edge, this)))
            {
                _schedule._topology.TrySetResult();
            }
        }
    }

    /// <summary>One edge and type.</summary>
    private sealed class Worker(EdgeTimetable timetable, CancellationToken cancellationToken) : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        public EdgeTimetable Timetable => timetable;

        public Task Work { get; private set; } = Task.CompletedTask;

        public void Start(Func<CancellationToken, Task> work) => Work = work(_stop.Token);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Work;
            _stop.Dispose();
        }
    }
}

using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Synchronization.State;

namespace Postern.EdgeSync.Synchronization;

/// <summary>What operators watch, as instruments of one meter: docs/metrics.md. Where another hub synchronizes an edge, that
/// one has the numbers.</summary>
internal sealed class SyncMetrics : IDisposable
{
    public const string MeterName = "Postern.EdgeSync";
    public const string Cycles = "postern.edgesync.cycles";
    public const string Duration = "postern.edgesync.cycle.duration";
    public const string Changes = "postern.edgesync.changes";
    public const string HeldDeletes = "postern.edgesync.deletes.held";
    public const string LeftOut = "postern.edgesync.objects.left_out";
    public const string Age = "postern.edgesync.last_success.age";
    public const string LeaseHeld = "postern.edgesync.lease.held";

    private readonly EdgeLeases _leases;
    private readonly TimeProvider _time;
    private readonly Counter<long> _cycles;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _changes;
    private readonly ConcurrentDictionary<(string Edge, SyncType Type), Standing> _standings = new();

    public SyncMetrics(EdgeLeases leases, TimeProvider time)
    {
        (_leases, _time) = (leases, time);
        Meter = new Meter(MeterName);
        _cycles = Meter.CreateCounter<long>(Cycles, "{cycle}", "Cycles, by edge, type and outcome.");
        _duration = Meter.CreateHistogram<double>(Duration, "s", "How long cycles took.");
        _changes = Meter.CreateCounter<long>(Changes, "{entry}", "Entries that the edge confirmed, by action: add, update, delete.");
        Meter.CreateObservableGauge(HeldDeletes, () => Observe(standing => standing.Held), "{entry}", "Deletions that wait for a decision.");
        Meter.CreateObservableGauge(LeftOut, () => Observe(standing => standing.LeftOut), "{object}", "Source objects that were left out, or refused by the edge; 100 at most.");
        Meter.CreateObservableGauge(Age, ObserveAge, "s", "Time since a cycle last read all its sources to their end.");
        Meter.CreateObservableGauge(LeaseHeld, ObserveLeases, "{lease}", "1 while this hub has the lock of the edge.");
    }

    /// <summary>For tests: there may be several of one name in a process.</summary>
    public Meter Meter { get; }

    /// <summary>A cycle has ended that was no dry run.</summary>
    /// <param name="known">The edge's state after it; null: not known, and the last one counts.</param>
    public void Note(SyncResult result, EdgeState? known)
    {
        KeyValuePair<string, object?> edge = Edge(result.Name);
        KeyValuePair<string, object?> type = Type(result.Type);
        _cycles.Add(1, edge, type, new KeyValuePair<string, object?>("outcome", CycleRecord.OutcomeName(result.Result)));
        _duration.Record((result.EndUtc - result.StartUtc).TotalSeconds, edge, type);
        Count("add", result.Added);
        Count("update", result.Updated);
        Count("delete", result.Deleted);

        (string, SyncType) key = (result.Name, result.Type);
        if (result.Result is SyncOutcome.HeldByOtherHub or SyncOutcome.LeaseLost)
        {
            _standings.TryRemove(key, out _);
            return;
        }

        DateTimeOffset? good = result.Result is SyncOutcome.Success or SyncOutcome.HeldByGuard or SyncOutcome.Incomplete ? result.EndUtc : known?.LastSync;
        _standings.AddOrUpdate(
            key,
            _ => new Standing(known?.Held.Held.Count ?? 0, known?.Document.LeftOut.Count ?? 0, good),
            (_, before) => new Standing(known?.Held.Held.Count ?? before.Held, known?.Document.LeftOut.Count ?? before.LeftOut, good > before.Good || before.Good is null ? good : before.Good));

        void Count(string action, long count)
        {
            if (count > 0)
            {
                _changes.Add(count, edge, type, new KeyValuePair<string, object?>("action", action));
            }
        }
    }

    /// <summary>The edge is no longer subscribed.</summary>
    public void Forget(string edge)
    {
        foreach ((string Edge, SyncType Type) key in _standings.Keys)
        {
            if (string.Equals(key.Edge, edge, StringComparison.OrdinalIgnoreCase))
            {
                _standings.TryRemove(key, out _);
            }
        }
    }

    public void Dispose() => Meter.Dispose();

    private IEnumerable<Measurement<long>> Observe(Func<Standing, long> value) =>
        _standings.Select(one => new Measurement<long>(value(one.Value), Edge(one.Key.Edge), Type(one.Key.Type)));

    private IEnumerable<Measurement<double>> ObserveAge()
    {
        DateTimeOffset now = _time.GetUtcNow();
        return _standings.Where(one => one.Value.Good is not null)
            .Select(one => new Measurement<double>((now - one.Value.Good!.Value).TotalSeconds, Edge(one.Key.Edge), Type(one.Key.Type)));
    }

    private IEnumerable<Measurement<long>> ObserveLeases()
    {
        DateTimeOffset now = _time.GetUtcNow();
        return _leases.Views.Select(view => new Measurement<long>(view.IsOurs && view.LockUntil > now ? 1 : 0, Edge(view.Edge)));
    }

    private static KeyValuePair<string, object?> Edge(string name) => new("edge", name);

    private static KeyValuePair<string, object?> Type(SyncType type) => new("type", CycleRecord.TypeName(type));

    /// <param name="Good">When a cycle last read everything to its end; null: this hub does not know.</param>
    private sealed record Standing(long Held, long LeftOut, DateTimeOffset? Good);
}

using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Postern.EdgeSync.Leases;

/// <summary>The leases of one hub: one object per edge for the life of the process.</summary>
public sealed class EdgeLeases(string hub, LeaseSettings settings, TimeProvider time, ILoggerFactory loggerFactory) : IDisposable
{
    private readonly string _process = Guid.NewGuid().ToString("N");
    private readonly ILogger _log = loggerFactory.CreateLogger<EdgeLeases>();
    private readonly ConcurrentDictionary<string, EdgeLease> _leases = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Those that were asked for, as they were seen last, in the order of the edges' names.</summary>
    public IReadOnlyList<LeaseView> Views => [.. _leases.Values.Select(lease => lease.View).OrderBy(view => view.Edge, StringComparer.OrdinalIgnoreCase)];

    public EdgeLease For(string edge) => _leases.GetOrAdd(edge, name => new EdgeLease(name, hub, _process, settings, time, _log));

    /// <summary>Renews the lock while the session lives.</summary>
    /// <param name="another">Opens another session with the same fence, for when this one breaks.</param>
    public LeaseKeeper Keep(EdgeLease lease, FencedDirectory session, Func<CancellationToken, Task<LeaseLine>> another) =>
        LeaseKeeper.Start(lease, session, another, time, _log);

    /// <summary>The edge is no longer subscribed.</summary>
    public void Forget(string edge)
    {
        if (_leases.TryRemove(edge, out EdgeLease? lease))
        {
            lease.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (EdgeLease lease in _leases.Values)
        {
            lease.Dispose();
        }
    }
}

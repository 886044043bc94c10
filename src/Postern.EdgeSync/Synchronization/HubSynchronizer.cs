using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization;

/// <summary>Runs cycles. Two cycles of one edge and type never overlap: the second waits.</summary>
public sealed class HubSynchronizer(
    HubSubscriptions subscriptions, IDirectory organization, HubSettings settings, TimeProvider time, ILoggerFactory loggerFactory)
{
    /// <summary>One result per edge and type, configuration first. Failures are results, not exceptions.</summary>
    /// <exception cref="SubscriptionException">The edge asked for is not subscribed.</exception>
    public Task<IReadOnlyList<SyncResult>> StartAsync(SyncStart start, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException($"{subscriptions}{organization}{settings}{time}{loggerFactory}");

    /// <summary>The last result of each edge and type since the process started.</summary>
    public IReadOnlyList<SyncResult> LastResults => throw new NotImplementedException();
}

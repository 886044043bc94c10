using Microsoft.Extensions.Logging;
using Postern.Ldap;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>The hub's side of its Edge Subscriptions: entries in the organization directory, secrets in the keys folder.</summary>
/// <param name="hubName">Short name of this hub; part of the replication accounts' names (fact sheet 3.1).</param>
public sealed class HubSubscriptions(
    IDirectory organization, HubPaths paths, string hubName, TimeProvider time, ILoggerFactory loggerFactory)
{
    /// <summary>Makes the fixed entries of the organization directory if they are missing.</summary>
    public Task EnsureStructureAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Subscribes an edge: checks the file, dials the edge with the exact pin, exchanges the bootstrap account for a replication
    /// account. All or nothing: after a failure the hub is as it was. Subscribing again replaces.</summary>
    /// <param name="address">host:port to dial instead of the name and port in the file.</param>
    /// <exception cref="SubscriptionException">With a hint.</exception>
    public Task<HubSubscription> ImportAsync(SubscriptionFile file, string site, string? address = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException($"{organization}{paths}{hubName}{time}{loggerFactory}");

    public Task<IReadOnlyList<HubSubscription>> ListAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<HubSubscription?> FindAsync(string name, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Ends a subscription. Tries to delete this hub's accounts on the edge; the result says when it could not.</summary>
    /// <exception cref="SubscriptionException">No such subscription.</exception>
    public Task<SubscriptionRemoval> RemoveAsync(string name, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}

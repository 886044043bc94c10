using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Answers;

/// <summary>Which deletions wait on an edge for a decision.</summary>
public sealed class HeldDeletes(HubSubscriptions subscriptions)
{
    /// <returns>Ids that wait, and ids that an operator rejected; 32 hexadecimal digits each, sorted.</returns>
    /// <exception cref="SubscriptionException">The edge is not subscribed, or refused the accounts.</exception>
    /// <exception cref="LdapConnectionException">It does not answer.</exception>
    public async Task<(IReadOnlyList<string> Held, IReadOnlyList<string> Rejected)> ReadAsync(string edge, SyncType type, CancellationToken cancellationToken = default)
    {
        HubSubscription one = (await subscriptions.SelectAsync(edge, cancellationToken))[0];
        await using LdapConnection connection = await subscriptions.OpenAsync(one, cancellationToken);
        string state = type == SyncType.Configuration ? EdgeLayout.ConfigurationState : EdgeLayout.RecipientsState;
        HeldIds held = await HeldIds.ReadAsync(connection, SyncStateEntry.TypeOf(state), cancellationToken);
        return ([.. held.Held.Select(id => id.ToString()).Order(StringComparer.Ordinal)], [.. held.Rejected.Select(id => id.ToString()).Order(StringComparer.Ordinal)]);
    }
}

using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Answers;

/// <summary>An entry that waits for a decision, or was rejected.</summary>
/// <param name="Id">32 hexadecimal digits.</param>
/// <param name="Deletion">It would go as a whole.</param>
/// <param name="Addresses">Otherwise: how many it would give up that no other entry takes.</param>
/// <param name="InternalOnly">And whether it would take mail from inside only.</param>
public sealed record HeldLoss(string Id, bool Deletion, int Addresses, bool InternalOnly);

/// <summary>What waits on an edge for a decision.</summary>
public sealed class HeldDeletes(HubSubscriptions subscriptions)
{
    /// <returns>What waits, and what an operator rejected; each sorted by id.</returns>
    /// <exception cref="SubscriptionException">The edge is not subscribed, or refused the accounts.</exception>
    /// <exception cref="LdapConnectionException">It does not answer.</exception>
    public async Task<(IReadOnlyList<HeldLoss> Held, IReadOnlyList<HeldLoss> Rejected)> ReadAsync(string edge, SyncType type, CancellationToken cancellationToken = default)
    {
        HubSubscription one = (await subscriptions.SelectAsync(edge, cancellationToken))[0];
        await using LdapConnection connection = await subscriptions.OpenAsync(one, cancellationToken);
        string state = type == SyncType.Configuration ? EdgeLayout.ConfigurationState : EdgeLayout.RecipientsState;
        HeldIds held = await HeldIds.ReadAsync(connection, SyncStateEntry.TypeOf(state), cancellationToken);
        return (List(held.Held), List(held.Rejected));
    }

    private static IReadOnlyList<HeldLoss> List(IReadOnlyDictionary<EntryId, Loss> losses) =>
        [.. losses.OrderBy(one => one.Key.Value).Select(one => new HeldLoss(one.Key.ToString(), one.Value.IsDeletion, one.Value.Addresses, one.Value.Outside))];
}

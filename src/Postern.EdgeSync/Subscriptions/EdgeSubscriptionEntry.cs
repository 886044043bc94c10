using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>The edge's own half of its subscription (posternEdgeSubscription, cn=subscription,o=edge). Further values of cn are the edge's
/// short and full name.</summary>
internal static class EdgeSubscriptionEntry
{
    public const string Exported = "exported";

    public const string Subscribed = "subscribed";

    private const string RdnValue = "subscription";

    public static AddRequest ToAdd(string name, string fqdn)
    {
        string[] names = [.. new[] { RdnValue, name, fqdn }.Distinct(StringComparer.OrdinalIgnoreCase)];
        return new AddRequest(
            EdgeLayout.Subscription,
            new LdapAttribute("objectClass", PosternClasses.EdgeSubscription),
            new LdapAttribute("cn", names),
            new LdapAttribute(PosternAttributes.State, Exported));
    }

    public static EdgeSubscription Read(LdapEntry entry, DateTimeOffset? bootstrapExpires, IReadOnlyList<ReplicationState> replication)
    {
        string[] names = [.. entry.Strings("cn").Where(value => value != RdnValue)];
        string name = names.FirstOrDefault(value => !value.Contains('.', StringComparison.Ordinal)) ?? RdnValue;
        return new EdgeSubscription(
            name,
            names.FirstOrDefault(value => value.Contains('.', StringComparison.Ordinal)) ?? name,
            string.Equals(entry.FirstString(PosternAttributes.State), Subscribed, StringComparison.OrdinalIgnoreCase) ? SubscriptionState.Subscribed : SubscriptionState.Exported,
            entry.FirstString(PosternAttributes.Hub),
            entry.FirstString(PosternAttributes.Site),
            SyncStateEntry.ReadTime(entry, PosternAttributes.SubscribedTime),
            bootstrapExpires,
            replication);
    }
}

using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>A hub's subscription as an entry of the organization directory (posternSubscription).</summary>
internal static class HubSubscriptionEntry
{
    private const string Pairing = "pairing";

    private const string Subscribed = "subscribed";

    public static string Dn(string name) => $"cn={DistinguishedName.EscapeValue(name)},{OrganizationLayout.Subscriptions}";

    public static AddRequest ToAdd(HubSubscription subscription)
    {
        List<LdapAttribute> attributes =
        [
            new("objectClass", PosternClasses.Subscription),
            new("cn", subscription.Name),
            new(PosternAttributes.EdgeFqdn, subscription.EdgeFqdn),
            new(PosternAttributes.EdgeAddress, subscription.EdgeAddress),
            new(PosternAttributes.Site, subscription.Site),
            new(PosternAttributes.EdgeCertificate, [subscription.CertificateDer]),
            new(PosternAttributes.State, subscription.State == SubscriptionState.Subscribed ? Subscribed : Pairing),
        ];
        attributes.AddRange(Pins(subscription.Pins).Where(one => one.Description != PosternAttributes.EdgeCertificate));
        if (subscription.SubscribedTime is { } subscribed)
        {
            attributes.Add(new LdapAttribute(PosternAttributes.SubscribedTime, SyncStateEntry.PrintTime(subscribed)));
        }

        return new AddRequest(Dn(subscription.Name), attributes);
    }

    public static ModifyRequest ToSubscribed(string name, DateTimeOffset now) => new(
        Dn(name),
        new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.State, Subscribed)),
        new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.SubscribedTime, SyncStateEntry.PrintTime(now))));

    /// <summary>Fails when another hub has changed them meanwhile: its look at the edge was as good.</summary>
    public static ModifyRequest ToMove(string name, EdgePins before, EdgePins after) => new(
        Dn(name),
        [
            .. Pins(before).Select(one => new Modification(ModificationType.Delete, one)),
            .. Pins(after).Select(one => new Modification(ModificationType.Add, one)),
        ]);

    private static IEnumerable<LdapAttribute> Pins(EdgePins pins)
    {
        yield return new LdapAttribute(PosternAttributes.EdgeCertificate, [pins.Current]);
        if (!pins.Next.IsEmpty)
        {
            yield return new LdapAttribute(PosternAttributes.NextCertificate, [pins.Next]);
        }

        if (!pins.Previous.IsEmpty)
        {
            yield return new LdapAttribute(PosternAttributes.PreviousCertificate, [pins.Previous]);
        }

        if (pins.Since is { } since)
        {
            yield return new LdapAttribute(PosternAttributes.CertificateTime, SyncStateEntry.PrintTime(since));
        }
    }

    public static ModifyRequest ToAddress(string name, string address) =>
        new(Dn(name), new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.EdgeAddress, address)));

    public static HubSubscription Read(LdapEntry entry) => new(
        entry.FirstString("cn") ?? entry.Dn,
        entry.FirstString(PosternAttributes.EdgeFqdn) ?? "",
        entry.FirstString(PosternAttributes.EdgeAddress) ?? "",
        entry.FirstString(PosternAttributes.Site) ?? "",
        entry.Find(PosternAttributes.EdgeCertificate) is { Values: [{ } der, ..] } ? der.ToArray() : default,
        string.Equals(entry.FirstString(PosternAttributes.State), Subscribed, StringComparison.OrdinalIgnoreCase) ? SubscriptionState.Subscribed : SubscriptionState.Pairing,
        SyncStateEntry.ReadTime(entry, PosternAttributes.SubscribedTime))
    {
        NextCertificateDer = EdgeAnnouncements.Value(entry, PosternAttributes.NextCertificate),
        PreviousCertificateDer = EdgeAnnouncements.Value(entry, PosternAttributes.PreviousCertificate),
        CertificateTime = SyncStateEntry.ReadTime(entry, PosternAttributes.CertificateTime),
    };
}

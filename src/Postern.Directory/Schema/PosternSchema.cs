using Postern.Ldap;
using Postern.Mail;

namespace Postern.Directory;

/// <summary>The schemas of the two embedded directories: the standard words, and Postern's own.</summary>
/// <remarks>
/// Our arc is 2.25.N, with N the UUID c0f4a1d7-93f2-4a55-8f6c-6a0f5d3b7e21 as a number (ITU-T X.667): ours without asking anybody. Attribute
/// types are numbered below .1, object classes below .2. A number is never given twice, and never changes its meaning.
/// </remarks>
public static class PosternSchema
{
    /// <summary>The arc of Postern's own attribute types and object classes.</summary>
    public const string Arc = "2.25.256481978171974681550175430638571322913";

    private static readonly IReadOnlyList<AttributeType> Attributes =
    [
        Own(1, PosternAttributes.AddressHash, MatchingRule.OctetString, single: false, "HMAC-SHA-256 of one normalised address, under the edge's key"),
        Own(2, PosternAttributes.Digest, MatchingRule.OctetString, single: true, "digest of the projected entry"),
        Own(3, PosternAttributes.Source, MatchingRule.CaseIgnore, single: true, "the source that owns the entry"),
        Own(4, PosternAttributes.DomainName, MatchingRule.CaseIgnore, single: true, "an accepted domain, as A-labels"),
        Own(5, PosternAttributes.DomainType, MatchingRule.CaseIgnore, single: true, "authoritative, internalRelay or externalRelay"),
        Own(6, PosternAttributes.Cookie, MatchingRule.OctetString, single: true, "how far the hub has read its source"),
        Own(7, PosternAttributes.LastSync, MatchingRule.GeneralizedTime, single: true, "when a synchronization last ended complete"),
        Own(8, PosternAttributes.Hub, MatchingRule.CaseIgnore, single: true, "name of the hub"),
        Own(9, PosternAttributes.Role, MatchingRule.CaseIgnore, single: true, "bootstrap, replication, lookup or operator"),
        Own(10, PosternAttributes.EffectiveTime, MatchingRule.GeneralizedTime, single: true, "from when the account may bind"),
        Own(11, PosternAttributes.ExpirationTime, MatchingRule.GeneralizedTime, single: true, "from when the account may no longer bind"),
        Own(12, PosternAttributes.UsedTime, MatchingRule.GeneralizedTime, single: true, "when the bootstrap account had its one use"),
        Own(13, PosternAttributes.CreatedBy, MatchingRule.CaseIgnore, single: true, "cn of the bootstrap account that made this one"),
        Own(14, PosternAttributes.EdgeFqdn, MatchingRule.CaseIgnore, single: true, "fully qualified name of the edge"),
        Own(15, PosternAttributes.EdgeAddress, MatchingRule.CaseIgnore, single: true, "host:port that the hub dials"),
        Own(16, PosternAttributes.Site, MatchingRule.CaseIgnore, single: true, "the site of hubs that the edge is subscribed to"),
        Own(17, PosternAttributes.EdgeCertificate, MatchingRule.OctetString, single: true, "the pinned Edge-Cert, DER"),
        Own(18, PosternAttributes.SubscribedTime, MatchingRule.GeneralizedTime, single: true, "when the subscription was made"),
        Own(19, PosternAttributes.State, MatchingRule.CaseIgnore, single: true, "how far the subscription is"),
        Own(20, PosternAttributes.CertificateSha256, MatchingRule.OctetString, single: true, "SHA-256 of the certificate that the account may log on with"),
    ];

    private static readonly ObjectClass Recipient = Own(
        1, PosternClasses.Recipient, ["cn"], [PosternAttributes.AddressHash, PosternAttributes.Digest, PosternAttributes.Source]);

    private static readonly ObjectClass AcceptedDomain = Own(
        2, PosternClasses.AcceptedDomain, ["cn", PosternAttributes.DomainName, PosternAttributes.DomainType], [PosternAttributes.Digest, PosternAttributes.Source]);

    private static readonly ObjectClass SyncState = Own(
        3, PosternClasses.SyncState, ["cn"], [PosternAttributes.Cookie, PosternAttributes.LastSync, PosternAttributes.Hub]);

    private static readonly ObjectClass Account = Own(
        4, PosternClasses.Account, ["cn", SchemaWords.UserPassword, PosternAttributes.Role],
        [PosternAttributes.EffectiveTime, PosternAttributes.ExpirationTime, PosternAttributes.UsedTime, PosternAttributes.CreatedBy, PosternAttributes.CertificateSha256, "description"]);

    private static readonly ObjectClass Subscription = Own(
        5, PosternClasses.Subscription, ["cn"],
        [
            PosternAttributes.EdgeFqdn, PosternAttributes.EdgeAddress, PosternAttributes.Site, PosternAttributes.EdgeCertificate,
            PosternAttributes.SubscribedTime, PosternAttributes.State,
        ]);

    private static readonly ObjectClass EdgeSubscription = Own(
        6, PosternClasses.EdgeSubscription, ["cn"],
        [PosternAttributes.Hub, PosternAttributes.Site, PosternAttributes.State, PosternAttributes.SubscribedTime]);

    /// <summary>o=edge: recipients, accepted domains, synchronization state, accounts, the edge's half of its subscription.</summary>
    public static DirectorySchema Edge { get; } = Schema(Recipient, AcceptedDomain, SyncState, Account, EdgeSubscription);

    /// <summary>o=organization: accepted domains and subscriptions.</summary>
    public static DirectorySchema Organization { get; } = Schema(AcceptedDomain, Subscription);

    private static DirectorySchema Schema(params ObjectClass[] own) =>
        new([.. StandardSchema.Attributes, .. Attributes], [.. StandardSchema.Classes, .. own]);

    private static AttributeType Own(int number, string name, MatchingRule equality, bool single, string description) =>
        new(name, $"{Arc}.1.{number}", equality) { SingleValue = single, Description = description };

    private static ObjectClass Own(int number, string name, IReadOnlyList<string> must, IReadOnlyList<string> may) =>
        new(name, $"{Arc}.2.{number}", ObjectClassKind.Structural, must, may);
}

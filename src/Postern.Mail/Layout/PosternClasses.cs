namespace Postern.Mail;

/// <summary>Names of Postern's own object classes. Postern.Directory's schema gives them their OIDs and attributes.</summary>
public static class PosternClasses
{
    public const string Recipient = "posternRecipient";

    public const string AcceptedDomain = "posternAcceptedDomain";

    public const string SyncState = "posternSyncState";

    /// <summary>A thousand ids at most of deletions that the guard held, or that an operator rejected.</summary>
    public const string HeldDeletes = "posternHeldDeletes";

    public const string Account = "posternAccount";

    /// <summary>Hub side: one edge that is subscribed.</summary>
    public const string Subscription = "posternSubscription";

    /// <summary>Edge side: the edge's own half of the subscription.</summary>
    public const string EdgeSubscription = "posternEdgeSubscription";

    public const string RemoteDomain = "posternRemoteDomain";

    public const string SendConnector = "posternSendConnector";

    public const string ReceiveConnector = "posternReceiveConnector";

    public const string TransportSettings = "posternTransportSettings";

    public const string MessageClassification = "posternMessageClassification";

    /// <summary>A server of the organization: a hub, or one that takes mail inside.</summary>
    public const string Server = "posternServer";

    /// <summary>Edge side: which hub synchronizes it.</summary>
    public const string Lease = "posternLease";

    /// <summary>Edge side: a replication account as a hub brings it, sealed for the edge.</summary>
    public const string Credential = "posternCredential";

    /// <summary>Edge side: the certificates that are taken for one hub's.</summary>
    public const string HubTrust = "posternHubTrust";

    /// <summary>The certificates that sign the tokens of the organization.</summary>
    public const string AuthConfiguration = "posternAuthConfiguration";
}

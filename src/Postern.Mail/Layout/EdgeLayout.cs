namespace Postern.Mail;

/// <summary>Where things stand in the edge directory (the AD LDS role). All names are distinguished names in normal form.</summary>
public static class EdgeLayout
{
    public const string Suffix = "o=edge";

    /// <summary>One <see cref="PosternClasses.Recipient"/> per recipient of the organization.</summary>
    public const string Recipients = "ou=recipients,o=edge";

    public const string Configuration = "ou=configuration,o=edge";

    /// <summary>One <see cref="PosternClasses.AcceptedDomain"/> per domain.</summary>
    public const string AcceptedDomains = "ou=acceptedDomains,ou=configuration,o=edge";

    /// <summary>What hubs bring: one <see cref="PosternClasses.Credential"/> per replication account, one <see cref="PosternClasses.HubTrust"/> per hub.</summary>
    public const string Credentials = "ou=credentials,o=edge";

    /// <summary>Bootstrap (ESBRA) and replication (ESRA) accounts, <see cref="PosternClasses.Account"/>. The edge makes them itself, from the credentials.</summary>
    public const string Accounts = "ou=accounts,o=edge";

    /// <summary>One <see cref="PosternClasses.SyncState"/> per kind of data that is synchronized.</summary>
    public const string Synchronization = "ou=synchronization,o=edge";

    /// <summary>State of the synchronization of recipients; absent until the first one was complete.</summary>
    public const string RecipientsState = "cn=recipients,ou=synchronization,o=edge";

    /// <summary>State of the synchronization of configuration (accepted domains); absent until the first one was complete.</summary>
    public const string ConfigurationState = "cn=configuration,ou=synchronization,o=edge";

    /// <summary>Which hub synchronizes this edge, <see cref="PosternClasses.Lease"/>.</summary>
    public const string Lease = "cn=lease,ou=synchronization,o=edge";

    /// <summary>Deletions that wait for a decision: <see cref="PosternClasses.HeldDeletes"/>.</summary>
    public const string Held = "ou=held,ou=synchronization,o=edge";

    /// <summary>This edge's own <see cref="PosternClasses.EdgeSubscription"/>.</summary>
    public const string Subscription = "cn=subscription,o=edge";

    /// <summary>The public halves of the auth certificates, <see cref="PosternClasses.AuthConfiguration"/>.</summary>
    public const string Auth = "cn=auth,ou=configuration,o=edge";
}

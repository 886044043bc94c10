namespace Postern.Mail;

/// <summary>Names of Postern's own attributes, by the class that carries them. Postern.Directory's schema gives them their OIDs.</summary>
public static class PosternAttributes
{
    // Recipients and everything else that is synchronized.

    /// <summary>HMAC-SHA-256 of one normalised address, 32 octets; several values; indexed for equality.</summary>
    public const string AddressHash = "posternAddressHash";

    /// <summary>Digest of the projected entry, 16 octets: equal digests, equal entries.</summary>
    public const string Digest = "posternDigest";

    /// <summary>Name of the source that owns the entry, text.</summary>
    public const string Source = "posternSource";

    // Recipients.

    /// <summary>TRUE: the recipient takes mail from inside only. Absent otherwise.</summary>
    public const string InternalOnly = "posternInternalOnly";

    /// <summary>Hashes of senders whose mail is not filtered: four octets each, sorted, one value.</summary>
    public const string SafeSenders = "posternSafeSenders";

    /// <summary>The same of recipients (mailing lists and their like).</summary>
    public const string SafeRecipients = "posternSafeRecipients";

    /// <summary>The same of senders whose mail is refused.</summary>
    public const string BlockedSenders = "posternBlockedSenders";

    /// <summary>Spam confidence, 0 to 9, from which mail is deleted; 10 is never; absent: what the organization says.</summary>
    public const string SclDelete = "posternSclDelete";

    /// <summary>The same for being refused.</summary>
    public const string SclReject = "posternSclReject";

    /// <summary>The same for being set aside.</summary>
    public const string SclQuarantine = "posternSclQuarantine";

    /// <summary>TRUE: no filter looks at the recipient's mail. Absent otherwise.</summary>
    public const string AntispamBypass = "posternAntispamBypass";

    // Accepted domains.

    /// <summary>Characters that part a mailbox from a detail, such as <c>+</c>; absent: addresses of the domain have no details.</summary>
    public const string SubaddressDelimiter = "posternSubaddressDelimiter";

    /// <summary>The domain as A-labels in lower case, perhaps with a leading <c>*.</c>; indexed for equality.</summary>
    public const string DomainName = "posternDomainName";

    /// <summary><c>authoritative</c>, <c>internalRelay</c> or <c>externalRelay</c>; see <see cref="AcceptedDomain.TypeName"/>.</summary>
    public const string DomainType = "posternDomainType";

    // Synchronization state.

    /// <summary>How far the hub has read its source, octets that only the hub understands.</summary>
    public const string Cookie = "posternCookie";

    /// <summary>How often the state has been written: who writes it next names the generation that it read.</summary>
    public const string Generation = "posternGeneration";

    /// <summary>Ids of entries whose deletion was held or rejected, 16 octets; several values.</summary>
    public const string HeldId = "posternHeldId";

    /// <summary>When a synchronization last ended complete, GeneralizedTime. Present only after a complete one.</summary>
    public const string LastSync = "posternLastSync";

    /// <summary>Name of the hub: of the last synchronization, or of the subscription.</summary>
    public const string Hub = "posternHub";

    // Accounts.

    /// <summary><c>bootstrap</c>, <c>replication</c>, <c>lookup</c> or <c>operator</c>.</summary>
    public const string Role = "posternRole";

    /// <summary>GeneralizedTime from which the account may bind.</summary>
    public const string EffectiveTime = "posternEffectiveTime";

    /// <summary>GeneralizedTime from which the account may no longer bind.</summary>
    public const string ExpirationTime = "posternExpirationTime";

    /// <summary>GeneralizedTime of the end of a bootstrap account's one use.</summary>
    public const string UsedTime = "posternUsedTime";

    /// <summary>Wrong passwords that a bootstrap account was tried with.</summary>
    public const string Failures = "posternFailures";

    /// <summary>cn of the bootstrap account in whose session the account was made.</summary>
    public const string CreatedBy = "posternCreatedBy";

    /// <summary>SHA-256 of the DER of the client certificate that the account may log on with (SASL EXTERNAL), 32 octets.</summary>
    public const string CertificateSha256 = "posternCertificateSha256";

    // Subscriptions.

    public const string EdgeFqdn = "posternEdgeFqdn";

    /// <summary><c>host:port</c> that the hub dials.</summary>
    public const string EdgeAddress = "posternEdgeAddress";

    public const string Site = "posternSite";

    /// <summary>The Edge-Cert that is pinned, DER octets.</summary>
    public const string EdgeCertificate = "posternEdgeCertificate";

    /// <summary>GeneralizedTime.</summary>
    public const string SubscribedTime = "posternSubscribedTime";

    /// <summary>Hub side <c>pairing</c> or <c>subscribed</c>; edge side <c>exported</c> or <c>subscribed</c>.</summary>
    public const string State = "posternState";

    // Certificates while one takes the place of another: of an edge in a subscription, of a hub in its own entry.

    /// <summary>DER octets of the certificate that will be the current one; trusted already.</summary>
    public const string NextCertificate = "posternNextCertificate";

    /// <summary>DER octets of the certificate that was the current one; trusted for a while.</summary>
    public const string PreviousCertificate = "posternPreviousCertificate";

    /// <summary>GeneralizedTime at which the current certificate took the place of the previous one.</summary>
    public const string CertificateTime = "posternCertificateTime";

    /// <summary>What a node says of all its certificates, JSON: of an edge in a subscription, of a hub in its own entry.</summary>
    public const string CertificateReport = "posternCertificateReport";

    // Mail configuration: accepted and remote domains, connectors, transport settings, classifications, servers.

    /// <summary>What an object of the configuration is called, on an edge: there the entry itself is named by an id.</summary>
    public const string ObjectName = "posternObjectName";

    /// <summary>RFC 4519: a title or a comment of people for people.</summary>
    public const string Description = "description";

    /// <summary>Boolean; absent: by the type of the domain.</summary>
    public const string AddressBook = "posternAddressBook";

    public const string DefaultDomain = "posternDefaultDomain";

    public const string AllowedOof = "posternAllowedOof";

    public const string NdrEnabled = "posternNdrEnabled";

    public const string DeliveryReports = "posternDeliveryReports";

    public const string AutoReply = "posternAutoReply";

    public const string AutoForward = "posternAutoForward";

    /// <summary><c>byRecipient</c>, <c>always</c> or <c>never</c>.</summary>
    public const string Tnef = "posternTnef";

    /// <summary>Characters, or <c>unlimited</c>.</summary>
    public const string LineWrap = "posternLineWrap";

    public const string Enabled = "posternEnabled";

    /// <summary><c>SMTP:domain;cost</c>, several.</summary>
    public const string AddressSpace = "posternAddressSpace";

    public const string SmartHost = "posternSmartHost";

    public const string DnsRouting = "posternDnsRouting";

    /// <summary>Short names of edges, or <c>*</c>.</summary>
    public const string SourceServer = "posternSourceServer";

    public const string RequireTls = "posternRequireTls";

    public const string IgnoreStartTls = "posternIgnoreStartTls";

    public const string OfferTls = "posternOfferTls";

    public const string TlsAuthLevel = "posternTlsAuthLevel";

    public const string TlsDomain = "posternTlsDomain";

    /// <summary><c>&lt;I&gt;issuer&lt;S&gt;subject</c>.</summary>
    public const string TlsCertificateName = "posternTlsCertificateName";

    public const string DomainSecure = "posternDomainSecure";

    public const string ExternalAuthoritative = "posternExternalAuthoritative";

    public const string SmartHostAuth = "posternSmartHostAuth";

    /// <summary>Octets in decimal digits, or <c>unlimited</c>.</summary>
    public const string MaxMessageSize = "posternMaxMessageSize";

    public const string Port = "posternPort";

    /// <summary>The name that a connector gives itself.</summary>
    public const string HeloName = "posternHeloName";

    public const string InternalSmtpServers = "posternInternalSmtpServers";

    public const string TlsSendDomains = "posternTlsSendDomains";

    public const string TlsReceiveDomains = "posternTlsReceiveDomains";

    public const string ClassificationId = "posternClassificationId";

    /// <summary>What recipients are shown.</summary>
    public const string ClassificationText = "posternClassificationText";

    /// <summary>What senders are shown.</summary>
    public const string SenderText = "posternSenderText";

    public const string DisplayName = "posternDisplayName";

    public const string ServerFqdn = "posternServerFqdn";

    /// <summary>DER octets of the certificate that a server shows to servers of its own organization.</summary>
    public const string InternalTlsCertificate = "posternInternalTlsCertificate";

    public const string AcceptsMail = "posternAcceptsMail";

    // The lease of an edge.

    /// <summary>Which hub synchronizes the edge and until when: UTF-8 JSON, absent while nobody does.</summary>
    public const string EdgeSyncLease = "posternEdgeSyncLease";

    /// <summary>Grows with every hub that takes the lease; never falls.</summary>
    public const string Fence = "posternFence";

    /// <summary>Whose edge it is: the id of the organization directory, 32 hexadecimal digits; beside it the site.</summary>
    public const string Organization = "posternOrganization";

    // Servers.

    /// <summary>SubjectPublicKeyInfo of the certificate that credentials are sealed for, DER.</summary>
    public const string ServerPublicKey = "posternServerPublicKey";

    /// <summary>DER; each value is a certificate that is taken for the hub's of the entry.</summary>
    public const string TrustedCertificate = "posternTrustedCertificate";

    /// <summary>One credential per value, sealed for the server that the entry is of.</summary>
    public const string EdgeSyncCredential = "posternEdgeSyncCredential";

    public const string ServerVersion = "posternServerVersion";

    // The auth certificate; its successor and predecessor as above.

    /// <summary>DER octets of the certificate whose key signs tokens.</summary>
    public const string AuthCertificate = "posternAuthCertificate";

    /// <summary>The key of an auth certificate, sealed for one hub; several values.</summary>
    public const string AuthKey = "posternAuthKey";

    /// <summary>Who issues the tokens: a URN of the organization.</summary>
    public const string AuthIssuer = "posternAuthIssuer";
}

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

    // Accepted domains.

    /// <summary>The domain as A-labels in lower case, perhaps with a leading <c>*.</c>; indexed for equality.</summary>
    public const string DomainName = "posternDomainName";

    /// <summary><c>authoritative</c>, <c>internalRelay</c> or <c>externalRelay</c>; see <see cref="AcceptedDomain.TypeName"/>.</summary>
    public const string DomainType = "posternDomainType";

    // Synchronization state.

    /// <summary>How far the hub has read its source, octets that only the hub understands.</summary>
    public const string Cookie = "posternCookie";

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
}

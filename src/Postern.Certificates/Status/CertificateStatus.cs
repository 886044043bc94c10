namespace Postern.Certificates;

/// <summary>What a certificate is worth to those who shall trust it, the gravest first (fact sheet 7.2 has the words of Exchange).</summary>
public enum CertificateStatus
{
    /// <summary>A request that waits for its certificate.</summary>
    PendingRequest,

    /// <summary>It, or an issuer of it, is past its end.</summary>
    Expired,

    /// <summary>It, or an issuer of it, is not good yet.</summary>
    NotYetValid,

    /// <summary>The issuer took it back.</summary>
    Revoked,

    /// <summary>No chain leads to a trusted root, or a link of it does not hold.</summary>
    Untrusted,

    /// <summary>Whether it was taken back could not be found out, though there was something to ask.</summary>
    RevocationUnknown,

    /// <summary>Key or signature are below what is trusted today.</summary>
    Weak,

    /// <summary>It does not stand for a name that it has to stand for.</summary>
    NameMismatch,

    Valid,
}

/// <summary>How far to look for certificates that were taken back.</summary>
public enum RevocationCheck
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>In the revocation lists of the trust folder. An issuer that has none there is not asked.</summary>
    Offline,

    /// <summary>Also where the certificates say: OCSP and lists by HTTP; missing issuers are fetched, too.</summary>
    Online,
}

namespace Postern.Operations.Certificates;

/// <summary>A certificate of a node as an administrator of Exchange knows it (fact sheet 7.2), and a little more.</summary>
/// <param name="Thumbprint">SHA-1 of the certificate, or of the request; 40 upper-case digits.</param>
/// <param name="Sha256">64 lower-case digits.</param>
/// <param name="Services">What it is bound to: <c>smtp</c>, <c>imap</c>, ...</param>
/// <param name="Status">valid, expired, notYetValid, untrusted, revoked, revocationUnknown, nameMismatch, weak or pendingRequest.</param>
/// <param name="StatusReason">Why, and in which link of the chain; null where there is nothing to say.</param>
/// <param name="CertificateDomains">Common name and subject alternative names, each once.</param>
/// <param name="PublicKeySize">Bits.</param>
/// <param name="RootCAType">none, thirdParty, enterprise, registry or unknown.</param>
/// <param name="AccessRules">Who may read the key: owner, group and mode of its file.</param>
public sealed record CertificateDetail(
    string Thumbprint, string Sha256, IReadOnlyList<string> Services, string Status, string? StatusReason, string Subject, string Issuer, string? SerialNumber,
    DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, IReadOnlyList<string> CertificateDomains, bool HasPrivateKey, bool IsSelfSigned,
    int PublicKeySize, string KeyAlgorithm, string? SignatureAlgorithm, string RootCAType, IReadOnlyList<string> AccessRules)
{
    /// <summary>The services as a row of letters.</summary>
    public string ServicesMask { get; init; } = "";

    public string? FriendlyName { get; init; }

    /// <summary>Shown to SMTP clients that ask for no name.</summary>
    public bool IsDefaultSmtp { get; init; }

    /// <summary>Whether `certificate export` gives the key out.</summary>
    public bool PrivateKeyExportable { get; init; }

    /// <summary>imported, selfSigned, requested or watched; null: the node's own.</summary>
    public string? Origin { get; init; }

    /// <summary>SHA-256 of the one in whose place it came.</summary>
    public string? Replaces { get; init; }

    /// <summary>Subjects of the issuers that are stored with it, the nearest first.</summary>
    public IReadOnlyList<string> Chain { get; init; } = [];

    /// <summary>Of the node's own certificate: current, next or previous.</summary>
    public string? Slot { get; init; }
}

/// <param name="Damaged">Folders of the store that cannot be read, and why.</param>
public sealed record CertificateList(IReadOnlyList<CertificateDetail> Certificates, IReadOnlyList<string> Damaged);

/// <summary>What a certificate shall say; for one that is made here and for a request.</summary>
/// <param name="Subject">X.500, null: the first name as CN.</param>
/// <param name="Names">None: those of this machine.</param>
/// <param name="Algorithm">E.g. <c>ecdsaP256</c>.</param>
public sealed record CertificateWish(string? Subject, IReadOnlyList<string> Names, string Algorithm)
{
    /// <summary>Of a self-signed one.</summary>
    public int Days { get; init; } = CertificateIssuing.DefaultDays;

    public string? FriendlyName { get; init; }

    public bool IsExportable { get; init; }
}

/// <summary>A request that was made; its key waits here for the certificate.</summary>
/// <param name="Pem">PKCS #10.</param>
/// <param name="File">Where it was written; null: nowhere.</param>
public sealed record CertificateRequested(CertificateDetail Request, string Pem, string? File);

/// <param name="Certificate">The new one; null: a request was made in its place.</param>
/// <param name="Requested">What the authority shall sign.</param>
public sealed record CertificateRenewed(string Replaced, CertificateDetail? Certificate, CertificateRequested? Requested)
{
    /// <summary>The services that changed over to it; null: the old one was bound to none.</summary>
    public CertificateBound? Bound { get; init; }
}

public sealed record CertificateRemoved(string Thumbprint, string Subject);

/// <param name="Replaces">The certificate in whose place it shall come; null: none, or the one that its request names.</param>
public sealed record CertificateImport(string? FriendlyName, bool IsExportable, string? Replaces);

/// <param name="Replaces">SHA-256.</param>
/// <param name="Notes">What was left aside, and what is missing.</param>
public sealed record CertificateImported(CertificateDetail Certificate, string? Replaces, IReadOnlyList<string> Notes)
{
    /// <summary>The services of the one in whose place it came; null: it was bound to none.</summary>
    public CertificateBound? Bound { get; init; }
}

/// <summary>The forms that a certificate is given out in.</summary>
public enum CertificateExportForm
{
    Pem,
    Der,
    Pkcs7,

    /// <summary>AES-256, PBKDF2.</summary>
    Pkcs12,

    /// <summary>3DES and SHA-1, for Windows Server 2012 and older.</summary>
    Pkcs12Legacy,
}

/// <param name="Content">A secret where <paramref name="HasKey"/>.</param>
public sealed record CertificateExport(string Thumbprint, byte[] Content, bool IsText, bool HasKey)
{
    public override string ToString() => $"export of {Thumbprint}";
}

/// <param name="File">Null: <paramref name="Pem"/> is the result.</param>
public sealed record CertificateExported(string Thumbprint, string Format, bool HasKey, string? File, string? Pem);

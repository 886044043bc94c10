namespace Postern.Operations.Certificates;

/// <summary>What is in a file of certificates; nothing of it is secret.</summary>
/// <param name="Format">pem, base64, der, pkcs7 or pkcs12.</param>
/// <param name="Protection">Of PKCS #12.</param>
/// <param name="Notes">What was left aside, and why.</param>
public sealed record CertificateInspection(
    string File, string Format, FileProtection? Protection, IReadOnlyList<InspectedCertificate> Certificates, IReadOnlyList<InspectedKey> Keys,
    IReadOnlyList<InspectedRequest> Requests, IReadOnlyList<string> Notes);

/// <param name="Mac">Null: none.</param>
/// <param name="Encryption">Of each encrypted part, in the order of the file.</param>
public sealed record FileProtection(string? Mac, int MacIterations, IReadOnlyList<string> Encryption);

/// <param name="HasPrivateKey">In the same file.</param>
public sealed record InspectedCertificate(
    string Thumbprint, string Sha256, string Subject, string Issuer, string SerialNumber, DateTimeOffset NotBefore, DateTimeOffset NotAfter,
    IReadOnlyList<string> CertificateDomains, string KeyAlgorithm, int PublicKeySize, string? SignatureAlgorithm, bool IsSelfSigned, bool HasPrivateKey, string? FriendlyName);

/// <param name="Thumbprint">Of the certificate that it fits; null: of none in the file.</param>
/// <param name="Encryption">Its own, in the file.</param>
/// <param name="Provider">What Windows shall give it to; null: the file does not say.</param>
/// <param name="Interface">cng, capi1 or unknown.</param>
/// <param name="KeySpec">1 AT_KEYEXCHANGE, 2 AT_SIGNATURE; null: the file does not say.</param>
public sealed record InspectedKey(
    string? Thumbprint, string Algorithm, int Size, string? Encryption, string? FriendlyName, string? Provider, string Interface, int? KeySpec, bool IsMachineKey, EdgeSyncVerdict EdgeSync);

/// <summary>Whether EdgeSync of Exchange on Windows can use a key.</summary>
/// <param name="Use">usable, refused (event 1035), unknown or noKey.</param>
/// <param name="CanConvert">Whether `postern certificate convert --provider capi` mends it.</param>
public sealed record EdgeSyncVerdict(string Use, string Reason, bool CanConvert);

/// <param name="Sha256">Of the request.</param>
public sealed record InspectedRequest(string Sha256, string Subject, IReadOnlyList<string> CertificateDomains, string KeyAlgorithm, int PublicKeySize);

/// <summary>What certutil on Windows said about a store.</summary>
/// <param name="CngThumbprints">Those whose keys EdgeSync refuses for belonging to CNG.</param>
/// <param name="Notes">What is doubtful about the text.</param>
public sealed record CertutilInspection(string File, IReadOnlyList<CertutilEntry> Certificates, IReadOnlyList<string> CngThumbprints, IReadOnlyList<string> Notes);

/// <param name="Number">As certutil counts.</param>
/// <param name="ProviderType">0: CNG; null: the text does not say.</param>
/// <param name="ProviderTypeName">E.g. PROV_RSA_SCHANNEL.</param>
public sealed record CertutilEntry(
    int Number, string? Thumbprint, string? Subject, string? Provider, int? ProviderType, string? ProviderTypeName, int? KeySpec, string Interface, EdgeSyncVerdict EdgeSync);

/// <param name="Provider">Where Windows will put the key.</param>
/// <param name="Steps">What to do with it on Windows, in order.</param>
/// <param name="Notes">What of the old file is not in the new one.</param>
public sealed record CertificateConverted(string File, string Thumbprint, string Subject, string Interface, string Provider, IReadOnlyList<string> Steps, IReadOnlyList<string> Notes);

using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>A certificate of the local store as it was when it was read, or a request that waits for its certificate. The key stays on disk.</summary>
/// <param name="Sha256">Of the certificate, or of the request: 64 lower-case hexadecimal digits. The identity.</param>
/// <param name="Thumbprint">SHA-1 of the same, 40 upper-case digits: what Exchange calls it by. Tells certificates apart, proves nothing.</param>
/// <param name="Certificate">Without its key. Null: a pending request.</param>
/// <param name="Request">The PKCS #10 request, DER; null: a certificate.</param>
/// <param name="Chain">Issuers, the nearest first.</param>
/// <param name="Folder">Of the file set.</param>
public sealed record StoredCertificate(
    string Sha256, string Thumbprint, X509Certificate2? Certificate, ReadOnlyMemory<byte>? Request, IReadOnlyList<X509Certificate2> Chain, bool HasPrivateKey,
    CertificateMetadata Metadata, string Folder)
{
    public bool IsPending => Request is not null;

    /// <summary>Where its key lies, if it is here.</summary>
    public string KeyFile => Path.Combine(Folder, LocalCertificateStore.KeyFile);
}

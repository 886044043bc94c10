using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Requests for certificates, as authorities take them.</summary>
// RFC 2986 (partial): requests with the extensionRequest attribute of RFC 2985; no challenge password
public static class SigningRequest
{
    /// <summary>PEM label (RFC 7468 section 7).</summary>
    public const string Label = "CERTIFICATE REQUEST";

    /// <returns>PKCS #10, DER.</returns>
    /// <exception cref="ArgumentException">There is no name, or the key is neither RSA nor ECDSA.</exception>
    public static byte[] Create(X500DistinguishedName subject, IReadOnlyList<string> names, AsymmetricAlgorithm key) =>
        names.Count > 0 ? CertificateTemplate.Make(subject, names, key).CreateSigningRequest()
            : throw new ArgumentException("a request needs at least one DNS name", nameof(names));
}

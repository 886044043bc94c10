using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Subject, names, key and usages, before anybody has signed them: the same for a certificate and for a request of one.</summary>
internal static class CertificateTemplate
{
    // id-kp-serverAuth and id-kp-clientAuth, RFC 5280 section 4.2.1.12.
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private const int P384Bits = 384;

    /// <param name="names">At least one, as <see cref="CertificateNames"/> writes them.</param>
    /// <exception cref="ArgumentException">The key is neither RSA nor ECDSA.</exception>
    public static CertificateRequest Make(X500DistinguishedName subject, IReadOnlyList<string> names, AsymmetricAlgorithm key)
    {
        (CertificateRequest request, X509KeyUsageFlags usage) = key switch
        {
            // Key agreement too: credentials are sealed for this key by ECDH (RFC 5753 section 2.1, RFC 5480 section 3).
            ECDsa ec => (new CertificateRequest(subject, ec, ec.KeySize < P384Bits ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384),
                X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement),

            // Key encipherment too: credentials are sealed for this key by key transport (RFC 5652 section 6.2.1).
            RSA rsa => (new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1),
                X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment),
            _ => throw new ArgumentException($"a key of kind {key.GetType().Name} is neither RSA nor ECDSA", nameof(key)),
        };
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], critical: false));
        request.CertificateExtensions.Add(alternatives.Build());
        return request;
    }
}

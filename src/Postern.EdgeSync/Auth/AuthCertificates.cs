using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.EdgeSync.Auth;

/// <summary>Makes auth certificates, and tells which ones can sign tokens.</summary>
internal static class AuthCertificates
{
    /// <summary>Of the ones that Postern makes.</summary>
    public const string CommonName = "Postern Auth Certificate";

    /// <summary>Years as Exchange's (fact sheet 8.2).</summary>
    public const int DefaultDays = 5 * 365;

    private const int P256Bits = 256;

    private const int SerialBytes = 16;

    /// <summary>The algorithms that the certificate's key signs with: one, whatever a token asks for.</summary>
    /// <returns>ES256 or RS256 (RFC 7518 section 3.1); null: none that is used here.</returns>
    public static string? AlgorithmOf(X509Certificate2 certificate)
    {
        using ECDsa? ec = certificate.GetECDsaPublicKey();
        using RSA? rsa = certificate.GetRSAPublicKey();
        return ec?.KeySize == P256Bits ? "ES256" : rsa?.KeySize >= CertificateKeys.LeastRsaBits ? "RS256" : null;
    }

    /// <returns>With its key; without DNS names, since it serves no connection.</returns>
    public static X509Certificate2 Make(KeyAlgorithm algorithm, int days, TimeProvider time)
    {
        using AsymmetricAlgorithm key = NewKey.Make(algorithm);
        X500DistinguishedName subject = CertificateSubject.Of(CommonName);
        CertificateRequest request = key is ECDsa ec
            ? new CertificateRequest(subject, ec, HashAlgorithmName.SHA256)
            : new CertificateRequest(subject, (RSA)key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        X509SignatureGenerator generator = key is ECDsa own ? X509SignatureGenerator.CreateForECDsa(own) : X509SignatureGenerator.CreateForRSA((RSA)key, RSASignaturePadding.Pkcs1);
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40); // positive, and no leading zero
        DateTimeOffset now = time.GetUtcNow();
        using X509Certificate2 bare = request.Create(subject, generator, now - SelfSignedCertificate.BackDating, now.AddDays(days), serial);
        return key is ECDsa one ? bare.CopyWithPrivateKey(one) : bare.CopyWithPrivateKey((RSA)key);
    }

    /// <summary>Whole days that are left; -1: none, or it is no certificate (fact sheet 8.2).</summary>
    public static int DaysLeft(ReadOnlyMemory<byte> der, DateTimeOffset now)
    {
        if (der.IsEmpty)
        {
            return -1;
        }

        using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der.Span);
        return Math.Max(-1, (int)Math.Floor((new DateTimeOffset(certificate.NotAfter.ToUniversalTime()) - now).TotalDays));
    }
}

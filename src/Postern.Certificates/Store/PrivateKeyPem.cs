using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postern.Certificates;

/// <summary>Private keys as they lie in files: PKCS #8 (RFC 5958) in PEM (RFC 7468), not encrypted.</summary>
public static class PrivateKeyPem
{
    public const string Label = "PRIVATE KEY";

    /// <returns>A secret: clear it after use.</returns>
    /// <exception cref="ArgumentException">The certificate has no ECDSA or RSA key.</exception>
    public static byte[] Write(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm key = (AsymmetricAlgorithm?)certificate.GetECDsaPrivateKey() ?? certificate.GetRSAPrivateKey()
            ?? throw new ArgumentException($"certificate '{certificate.Subject}' has no ECDSA or RSA private key", nameof(certificate));
        return Write(key);
    }

    /// <inheritdoc cref="Write(X509Certificate2)"/>
    public static byte[] Write(AsymmetricAlgorithm key)
    {
        byte[] pkcs8 = key.ExportPkcs8PrivateKey();
        char[] pem = PemEncoding.Write(Label, pkcs8);
        CryptographicOperations.ZeroMemory(pkcs8);
        byte[] octets = [.. Encoding.ASCII.GetBytes(pem), (byte)'\n'];
        pem.AsSpan().Clear();
        return octets;
    }
}

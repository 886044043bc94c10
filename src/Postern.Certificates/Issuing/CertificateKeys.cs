using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>What kind of key a certificate has.</summary>
public static class CertificateKeys
{
    /// <summary>Bits of an RSA modulus (NIST SP 800-57 part 1: 2048 at least).</summary>
    public const int LeastRsaBits = 2048;

    private const string Ec = "EC";
    private const string Rsa = "RSA";

    private const int P256Bits = 256;
    private const int P384Bits = 384;
    private const int P521Bits = 521;
    private const int Rsa3072Bits = 3072;

    /// <summary>Whether something can be sealed for it.</summary>
    public static bool CanSeal(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm? key = TryOpen(certificate.PublicKey);
        return key is ECDsa { KeySize: P256Bits or P384Bits or P521Bits } or RSA { KeySize: >= LeastRsaBits };
    }

    /// <summary>The same of foreign octets, which may be no certificate at all.</summary>
    public static bool CanSeal(ReadOnlySpan<byte> der)
    {
        try
        {
            using X509Certificate2 certificate = ForeignCertificate.Load(der);
            return CanSeal(certificate);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>The kind that a node can make itself; null: none is like it.</summary>
    public static KeyAlgorithm? AlgorithmOf(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm? key = TryOpen(certificate.PublicKey);
        return ((key as ECDsa)?.KeySize, (key as RSA)?.KeySize) switch
        {
            (P256Bits, _) => KeyAlgorithm.EcdsaP256,
            (not null, _) => KeyAlgorithm.EcdsaP384,
            (_, <= LeastRsaBits) => KeyAlgorithm.Rsa2048,
            (_, <= Rsa3072Bits) => KeyAlgorithm.Rsa3072,
            (_, not null) => KeyAlgorithm.Rsa4096,
            _ => null,
        };
    }

    /// <summary>For people: <c>EC P-256</c>, <c>RSA 3072</c>.</summary>
    public static string Describe(X509Certificate2 certificate) => Describe(certificate.PublicKey) is var (algorithm, bits)
        ? algorithm switch { Ec => $"EC P-{bits}", Rsa => $"RSA {bits}", _ => algorithm }
        : "";

    /// <returns><c>EC</c> or <c>RSA</c> and the bits of the key; the name of another algorithm and 0.</returns>
    public static (string Algorithm, int Bits) Describe(PublicKey key)
    {
        using AsymmetricAlgorithm? opened = TryOpen(key);
        if (opened is not null)
        {
            return (opened is ECDsa ? Ec : Rsa, opened.KeySize);
        }

        return (key.Oid.FriendlyName ?? key.Oid.Value ?? "unknown", 0);
    }

    /// <summary>ECDSA or RSA.</summary>
    /// <returns>Null: another algorithm, a curve that is not known here, or octets that are no key.</returns>
    public static AsymmetricAlgorithm? TryOpen(PublicKey key)
    {
        try
        {
            return (AsymmetricAlgorithm?)key.GetECDsaPublicKey() ?? key.GetRSAPublicKey();
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Issued under its own name (how Exchange decides is not known: fact sheet section 14, 15).</summary>
    public static bool IsSelfIssued(X509Certificate2 certificate) => certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);
}

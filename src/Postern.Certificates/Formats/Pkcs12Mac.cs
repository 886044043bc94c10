using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

// RFC 9579 (complete): PBMAC1 in PKCS #12, read only

namespace Postern.Certificates;

/// <summary>The MAC of a PKCS #12 file (RFC 7292 section 4; PBMAC1: RFC 9579).</summary>
internal sealed class Pkcs12Mac(string name, int iterations, byte[] expected, Func<string?, byte[]> keyOf, HashAlgorithmName hash)
{
    private const string Pbmac1 = "1.2.840.113549.1.5.14";

    /// <summary>Octets of a key; RFC 9579 section 5 wants 20 at least. The upper end is ours.</summary>
    private const int MinKey = 20;

    private const int MaxKey = 128;

    public string Name => name;

    public int Iterations => iterations;

    /// <exception cref="CertificateFormatException">Not supported, or too many rounds.</exception>
    /// <exception cref="AsnContentException">It cannot be read.</exception>
    public static Pkcs12Mac Read(AsnReader macData, CertificateFileCollector file)
    {
        string where = $"the MAC of {file.Name}";
        AsnReader info = macData.ReadSequence();
        AsnReader algorithm = info.ReadSequence();
        byte[] expected = info.ReadOctetString();
        string oid = algorithm.ReadObjectIdentifier();
        if (oid == Pbmac1)
        {
            return ReadPbmac1(algorithm.ReadSequence(), expected, where, file);
        }

        HashAlgorithmName hash = FileHashes.OfDigest(oid) ?? throw CertificateFormatException.Unsupported(where, $"a MAC with the digest {oid}");
        byte[] salt = PasswordProtection.Salt(macData, where);
        int iterations = macData.HasData ? PasswordProtection.Iterations(macData, where, file) : 1;
        return new Pkcs12Mac($"HMAC-{hash.Name}", iterations, expected, password => Key(password, hash, salt, iterations), hash);
    }

    public bool Verify(ReadOnlySpan<byte> content, string? password)
    {
        byte[] key = keyOf(password);
        bool isGood = CryptographicOperations.FixedTimeEquals(FileHashes.Hmac(hash, key, content), expected);
        CryptographicOperations.ZeroMemory(key);
        return isGood;
    }

    private static byte[] Key(string? password, HashAlgorithmName hash, byte[] salt, int iterations)
    {
        using IncrementalHash digest = IncrementalHash.CreateHash(hash);
        return Pkcs12KeyDerivation.Derive(hash, password, salt, iterations, Pkcs12KeyDerivation.ForMac, digest.HashLengthInBytes);
    }

    private static Pkcs12Mac ReadPbmac1(AsnReader parameters, byte[] expected, string where, CertificateFileCollector file)
    {
        (byte[] salt, int iterations, int? length, HashAlgorithmName prf) = PasswordProtection.ReadPbkdf2(parameters.ReadSequence(), where, file);
        string scheme = parameters.ReadSequence().ReadObjectIdentifier();
        HashAlgorithmName hash = FileHashes.OfHmac(scheme) ?? throw CertificateFormatException.Unsupported(where, $"PBMAC1 with {scheme}");
        return length is >= MinKey and <= MaxKey
            ? new Pkcs12Mac(
                $"PBMAC1 (PBKDF2-HMAC-{prf.Name}, HMAC-{hash.Name})", iterations, expected,
                password => Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password ?? ""), salt, iterations, prf, length.Value), hash)
            : throw CertificateFormatException.Damaged(where, $"a key of {length ?? 0} octets; {MinKey} to {MaxKey} are allowed");
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

// RFC 7292 (partial): PKCS #12 with password integrity or none, and password privacy; not with public keys

namespace Postern.Certificates;

/// <summary>How one thing in a file is encrypted with a password: what its AlgorithmIdentifier says.</summary>
/// <param name="name">With the number of rounds, for people.</param>
/// <param name="decrypt">Cipher text and password. Throws <see cref="CryptographicException"/> where the padding is wrong.</param>
internal sealed class PasswordProtection(string name, Func<ReadOnlySpan<byte>, string?, byte[]> decrypt)
{
    private const string Pbes2 = "1.2.840.113549.1.5.13";
    private const string Pbkdf2 = "1.2.840.113549.1.5.12";
    private const string DesEde3Cbc = "1.2.840.113549.3.7";

    /// <summary>Octets of a block: DES, 3DES and RC2.</summary>
    private const int OldBlock = 8;

    private const int TripleDesKey = 24;
    private const int TwoKeyTripleDesKey = 16;
    private const int BitsPerOctet = 8;

    /// <summary>Octets; what is in use has 8 to 32. Ours.</summary>
    private const int MaxSalt = 1024;

    public string Name => name;

    /// <exception cref="CertificateFormatException">Not supported, or too many rounds.</exception>
    /// <exception cref="AsnContentException">It cannot be read.</exception>
    public static PasswordProtection Read(AsnReader algorithm, string where, CertificateFileCollector file)
    {
        string oid = algorithm.ReadObjectIdentifier();
        if (oid == Pbes2)
        {
            return ReadPbes2(algorithm.ReadSequence(), where, file);
        }

        AsnReader parameters = oid.StartsWith("1.2.840.113549.1.12.1.", StringComparison.Ordinal) || oid.StartsWith("1.2.840.113549.1.5.", StringComparison.Ordinal)
            ? algorithm.ReadSequence()
            : throw CertificateFormatException.Unsupported(where, oid);
        byte[] salt = Salt(parameters, where);
        int iterations = Iterations(parameters, where, file);
        return oid switch
        {
            "1.2.840.113549.1.12.1.1" => throw CertificateFormatException.Unsupported(where, "pbeWithSHA1And128BitRC4"),
            "1.2.840.113549.1.12.1.2" => throw CertificateFormatException.Unsupported(where, "pbeWithSHA1And40BitRC4"),
            "1.2.840.113549.1.12.1.3" => Old("pbeWithSHA1And3-KeyTripleDES-CBC", salt, iterations, TripleDesKey, TripleDES.Create),
            "1.2.840.113549.1.12.1.4" => Old("pbeWithSHA1And2-KeyTripleDES-CBC", salt, iterations, TwoKeyTripleDesKey, TripleDES.Create),
            "1.2.840.113549.1.12.1.5" => Old("pbeWithSHA1And128BitRC2-CBC", salt, iterations, 128 / BitsPerOctet, Available(Rc2, where)),
            "1.2.840.113549.1.12.1.6" => Old("pbeWithSHA1And40BitRC2-CBC", salt, iterations, 40 / BitsPerOctet, Available(Rc2, where)),
            "1.2.840.113549.1.5.3" => Older("pbeWithMD5AndDES-CBC", HashAlgorithmName.MD5, salt, iterations, Available(Des, where)),
            "1.2.840.113549.1.5.10" => Older("pbeWithSHA1AndDES-CBC", HashAlgorithmName.SHA1, salt, iterations, Available(Des, where)),
            _ => throw CertificateFormatException.Unsupported(where, oid),
        };
    }

    /// <exception cref="CryptographicException">Padding: most probably another password.</exception>
    public byte[] Decrypt(ReadOnlySpan<byte> cipherText, string? password) => decrypt(cipherText, password);

    /// <summary>PBKDF2-params: salt, rounds, length, PRF.</summary>
    internal static (byte[] Salt, int Iterations, int? Length, HashAlgorithmName Hash) ReadPbkdf2(AsnReader identifier, string where, CertificateFileCollector file)
    {
        string oid = identifier.ReadObjectIdentifier();
        if (oid != Pbkdf2)
        {
            throw CertificateFormatException.Unsupported(where, oid == "1.3.6.1.4.1.11591.4.11" ? "scrypt" : oid);
        }

        AsnReader parameters = identifier.ReadSequence();
        byte[] salt = Salt(parameters, where);
        int iterations = Iterations(parameters, where, file);
        int? length = parameters.HasData && parameters.PeekTag() == Asn1Tag.Integer ? Number(parameters, where) : null;
        string prf = parameters.HasData ? parameters.ReadSequence().ReadObjectIdentifier() : FileHashes.HmacSha1Oid;
        return (salt, iterations, length, FileHashes.OfHmac(prf) ?? throw CertificateFormatException.Unsupported(where, $"PBKDF2 with {prf}"));
    }

    internal static int Iterations(AsnReader parameters, string where, CertificateFileCollector file)
    {
        int iterations = Number(parameters, where);
        if (iterations < 1)
        {
            throw CertificateFormatException.Damaged(where, $"{iterations} rounds of key derivation");
        }

        file.CountIterations(where, iterations);
        return iterations;
    }

    internal static byte[] Salt(AsnReader parameters, string where) => parameters.ReadOctetString() is { Length: <= MaxSalt and > 0 } salt
        ? salt
        : throw CertificateFormatException.Damaged(where, $"a salt must have 1 to {MaxSalt} octets");

    private static int Number(AsnReader parameters, string where)
    {
        ReadOnlyMemory<byte> octets = parameters.ReadIntegerBytes();
        return octets.Length <= sizeof(int)
            ? octets.Span.ToArray().Aggregate((int)(sbyte)octets.Span[0] >> BitsPerOctet, (number, one) => (number << BitsPerOctet) | one)
            : octets.Span[0] < 0x80 ? throw CertificateFormatException.Limit(where, "rounds of key derivation", long.MaxValue, int.MaxValue) : -1;
    }

    private static PasswordProtection ReadPbes2(AsnReader parameters, string where, CertificateFileCollector file)
    {
        (byte[] salt, int iterations, int? length, HashAlgorithmName hash) = ReadPbkdf2(parameters.ReadSequence(), where, file);
        AsnReader cipher = parameters.ReadSequence();
        string oid = cipher.ReadObjectIdentifier();
        (string name, int keyOctets, Func<SymmetricAlgorithm> make) = oid switch
        {
            "2.16.840.1.101.3.4.1.2" => ("AES-128-CBC", 16, Aes.Create),
            "2.16.840.1.101.3.4.1.22" => ("AES-192-CBC", 24, Aes.Create),
            "2.16.840.1.101.3.4.1.42" => ("AES-256-CBC", 32, Aes.Create),
            DesEde3Cbc => ("DES-EDE3-CBC", TripleDesKey, (Func<SymmetricAlgorithm>)TripleDES.Create),
            "1.2.840.113549.3.2" => throw CertificateFormatException.Unsupported(where, "PBES2 with RC2-CBC"),
            "1.3.14.3.2.7" => throw CertificateFormatException.Unsupported(where, "PBES2 with DES-CBC"),
            _ => throw CertificateFormatException.Unsupported(where, $"PBES2 with the cipher {oid}"),
        };
        byte[] start = cipher.ReadOctetString();
        if (length is { } said && said != keyOctets)
        {
            throw CertificateFormatException.Damaged(where, $"a key of {said} octets for {name}");
        }

        string words = $"PBES2 (PBKDF2-HMAC-{hash.Name}, {name}), {iterations} iterations";
        return new PasswordProtection(words, (cipherText, password) =>
            Decrypt(make, Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password ?? ""), salt, iterations, hash, keyOctets), start, cipherText));
    }

    /// <summary>RFC 7292 appendix C.</summary>
    private static PasswordProtection Old(string name, byte[] salt, int iterations, int keyOctets, Func<SymmetricAlgorithm> make) =>
        new($"{name}, {iterations} iterations", (cipherText, password) => Decrypt(
            make,
            Pkcs12KeyDerivation.Derive(HashAlgorithmName.SHA1, password, salt, iterations, Pkcs12KeyDerivation.ForKey, keyOctets),
            Pkcs12KeyDerivation.Derive(HashAlgorithmName.SHA1, password, salt, iterations, Pkcs12KeyDerivation.ForStart, OldBlock),
            cipherText));

    /// <summary>PBES1, RFC 8018 section 6.1.</summary>
    private static PasswordProtection Older(string name, HashAlgorithmName hash, byte[] salt, int iterations, Func<SymmetricAlgorithm> make) =>
        new($"{name}, {iterations} iterations", (cipherText, password) =>
        {
            using IncrementalHash digest = IncrementalHash.CreateHash(hash);
            digest.AppendData(Encoding.UTF8.GetBytes(password ?? ""));
            digest.AppendData(salt);
            byte[] derived = digest.GetHashAndReset();
            for (int round = 1; round < iterations; round++)
            {
                digest.AppendData(derived);
                digest.GetHashAndReset(derived);
            }

            return Decrypt(make, derived[..OldBlock], derived[OldBlock..(2 * OldBlock)], cipherText);
        });

    internal static byte[] Decrypt(Func<SymmetricAlgorithm> make, byte[] key, byte[] start, ReadOnlySpan<byte> cipherText)
    {
        using SymmetricAlgorithm algorithm = make();
        try
        {
            algorithm.Key = key.Length == TwoKeyTripleDesKey && algorithm is TripleDES ? [.. key, .. key[..OldBlock]] : key;
            return algorithm.DecryptCbc(cipherText, start);
        }
        catch (ArgumentException e)
        {
            throw new CryptographicException("a start value of another length than a block", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>RC2 and DES are in the legacy provider of OpenSSL 3, which a machine may lack: that is no wrong password.</summary>
    private static Func<SymmetricAlgorithm> Available(Func<SymmetricAlgorithm> make, string where)
    {
        using SymmetricAlgorithm algorithm = make();
        try
        {
            algorithm.EncryptCbc(new byte[OldBlock], new byte[OldBlock]);
            return make;
        }
        catch (CryptographicException)
        {
            throw CertificateFormatException.Unsupported(where, $"{algorithm.GetType().BaseType?.Name ?? "an old cipher"}, which this machine's OpenSSL does not have (legacy provider)");
        }
    }

    [SuppressMessage("Security", "CA5351", Justification = "Files that others wrote; nothing is encrypted with it here.")]
    private static RC2 Rc2() => RC2.Create();

    [SuppressMessage("Security", "CA5351", Justification = "Files that others wrote; nothing is encrypted with it here.")]
    private static DES Des() => DES.Create();
}

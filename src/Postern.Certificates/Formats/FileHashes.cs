using System.Security.Cryptography;

namespace Postern.Certificates;

/// <summary>Digests by the identifiers that files name them with.</summary>
internal static class FileHashes
{
    /// <summary>RFC 8018 appendix B.1: the PRF of PBKDF2 where none is named.</summary>
    public const string HmacSha1Oid = "1.2.840.113549.2.7";

    public static HashAlgorithmName? OfDigest(string oid) => oid switch
    {
        "1.3.14.3.2.26" => HashAlgorithmName.SHA1,
        "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
        "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
        "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
        _ => null,
    };

    public static HashAlgorithmName? OfHmac(string oid) => oid switch
    {
        HmacSha1Oid => HashAlgorithmName.SHA1,
        "1.2.840.113549.2.9" => HashAlgorithmName.SHA256,
        "1.2.840.113549.2.10" => HashAlgorithmName.SHA384,
        "1.2.840.113549.2.11" => HashAlgorithmName.SHA512,
        _ => null,
    };

    public static byte[] Hmac(HashAlgorithmName hash, byte[] key, ReadOnlySpan<byte> content)
    {
        using IncrementalHash mac = IncrementalHash.CreateHMAC(hash, key);
        mac.AppendData(content);
        return mac.GetHashAndReset();
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Postern.Certificates;

/// <summary>Keys out of passwords as PKCS #12 makes them: RFC 7292 appendix B.2, with SHA-1 or a SHA-2.</summary>
internal static class Pkcs12KeyDerivation
{
    /// <summary>RFC 7292 appendix B.3: what the octets are for.</summary>
    public const byte ForKey = 1;

    public const byte ForStart = 2;
    public const byte ForMac = 3;

    /// <summary>The block of the digest: 64 octets for SHA-1 and SHA-256, 128 for SHA-384 and SHA-512.</summary>
    private const int SmallBlock = 64;

    private const int LargeBlock = 128;
    private const int Sha256Octets = 32;

    public static byte[] Derive(HashAlgorithmName hash, string? password, byte[] salt, int iterations, byte purpose, int length)
    {
        using IncrementalHash digest = IncrementalHash.CreateHash(hash);
        int block = digest.HashLengthInBytes > Sha256Octets ? LargeBlock : SmallBlock;
        byte[] secret = Characters(password);
        byte[] input = [.. Fill(salt, block), .. Fill(secret, block)];
        byte[] diversifier = new byte[block];
        diversifier.AsSpan().Fill(purpose);
        byte[] result = new byte[length];
        byte[] one = new byte[digest.HashLengthInBytes];
        for (int done = 0; done < length; done += one.Length)
        {
            digest.AppendData(diversifier);
            digest.AppendData(input);
            digest.GetHashAndReset(one);
            for (int round = 1; round < iterations; round++)
            {
                digest.AppendData(one);
                digest.GetHashAndReset(one);
            }

            one.AsSpan(0, Math.Min(one.Length, length - done)).CopyTo(result.AsSpan(done));
            AddToEach(input, Fill(one, block), block);
        }

        CryptographicOperations.ZeroMemory(secret);
        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(one);
        return result;
    }

    /// <summary>RFC 7292 appendix B.1: UTF-16, big endian, with a zero at the end; nothing at all where there is no password.</summary>
    private static byte[] Characters(string? password) => password is null ? [] : Encoding.BigEndianUnicode.GetBytes(password + '\0');

    /// <summary>Repeated until it fills whole blocks; nothing stays nothing.</summary>
    private static byte[] Fill(byte[] octets, int block)
    {
        byte[] filled = new byte[(octets.Length + block - 1) / block * block];
        for (int i = 0; i < filled.Length; i++)
        {
            filled[i] = octets[i % octets.Length];
        }

        return filled;
    }

    /// <summary>Each block of the input, as a number, plus B plus one; what is more than a block is lost.</summary>
    private static void AddToEach(byte[] input, byte[] b, int block)
    {
        for (int start = 0; start < input.Length; start += block)
        {
            int carry = 1;
            for (int i = block - 1; i >= 0; i--)
            {
                carry += input[start + i] + b[i];
                input[start + i] = (byte)carry;
                carry >>= 8;
            }
        }
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Postern.Mail;

/// <summary>HMAC-SHA-256 over the UTF-8 octets of a normalised address. Not thread safe: one per user.</summary>
public sealed class AddressHasher(AddressHashKey key) : IDisposable
{
    public const int HashBytes = 32;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key.Octets);

    /// <param name="normalizedAddress">As <see cref="MailAddress.TryNormalize"/> made it.</param>
    /// <param name="destination">At least <see cref="HashBytes"/> octets.</param>
    public void Hash(ReadOnlySpan<char> normalizedAddress, Span<byte> destination)
    {
        Span<byte> utf8 = stackalloc byte[MailAddress.MaxOctets];
        _hash.AppendData(utf8[..Encode(normalizedAddress, utf8)]);
        _hash.GetHashAndReset(destination);
    }

    public byte[] Hash(string normalizedAddress)
    {
        byte[] hash = new byte[HashBytes];
        Hash(normalizedAddress, hash);
        return hash;
    }

    /// <summary>The same hash from any thread, for who has one address to look up and not thousands to store.</summary>
    public static byte[] HashOnce(AddressHashKey key, ReadOnlySpan<char> normalizedAddress)
    {
        Span<byte> utf8 = stackalloc byte[MailAddress.MaxOctets];
        return HMACSHA256.HashData(key.Octets, utf8[..Encode(normalizedAddress, utf8)]);
    }

    public void Dispose() => _hash.Dispose();

    private static int Encode(ReadOnlySpan<char> normalizedAddress, Span<byte> utf8) => Encoding.UTF8.TryGetBytes(normalizedAddress, utf8, out int length)
        ? length
        : throw new ArgumentException($"an address in normal form has at most {MailAddress.MaxOctets} octets", nameof(normalizedAddress));
}

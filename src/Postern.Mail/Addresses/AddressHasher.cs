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
        if (!Encoding.UTF8.TryGetBytes(normalizedAddress, utf8, out int length))
        {
            throw new ArgumentException($"an address in normal form has at most {MailAddress.MaxOctets} octets", nameof(normalizedAddress));
        }

        _hash.AppendData(utf8[..length]);
        _hash.GetHashAndReset(destination);
    }

    public byte[] Hash(string normalizedAddress)
    {
        byte[] hash = new byte[HashBytes];
        Hash(normalizedAddress, hash);
        return hash;
    }

    public void Dispose() => _hash.Dispose();
}

using System.Buffers.Binary;
using System.Security.Cryptography;

// RFC 3394 (complete): AES key wrap

namespace Postern.Certificates;

/// <summary>AES key wrap, RFC 3394: deterministic and authenticated, for keys.</summary>
internal static class AesKeyWrap
{
    private const int Half = 8;

    private const int Rounds = 6;

    /// <summary>RFC 3394 section 2.2.3.1.</summary>
    private const ulong InitialValue = 0xA6A6A6A6A6A6A6A6;

    public static byte[] Wrap(byte[] wrapKey, ReadOnlySpan<byte> key)
    {
        using Aes aes = Aes.Create();
        aes.Key = wrapKey;
        int blocks = key.Length / Half;
        byte[] wrapped = new byte[key.Length + Half];
        key.CopyTo(wrapped.AsSpan(Half));
        Span<byte> block = stackalloc byte[2 * Half];
        ulong check = InitialValue;
        for (int step = 1; step <= Rounds * blocks; step++)
        {
            Span<byte> part = wrapped.AsSpan(Half * (1 + ((step - 1) % blocks)), Half);
            BinaryPrimitives.WriteUInt64BigEndian(block, check);
            part.CopyTo(block[Half..]);
            aes.EncryptEcb(block, block, PaddingMode.None);
            check = BinaryPrimitives.ReadUInt64BigEndian(block) ^ (ulong)step;
            block[Half..].CopyTo(part);
        }

        BinaryPrimitives.WriteUInt64BigEndian(wrapped, check);
        return wrapped;
    }

    /// <exception cref="SealingException">Changed, or wrapped with another key.</exception>
    public static byte[] Unwrap(byte[] wrapKey, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length < 3 * Half || wrapped.Length % Half != 0)
        {
            throw new SealingException(SealingFault.Damaged, $"a wrapped key of {wrapped.Length} octets is none");
        }

        using Aes aes = Aes.Create();
        aes.Key = wrapKey;
        byte[] key = wrapped[Half..].ToArray();
        int blocks = key.Length / Half;
        Span<byte> block = stackalloc byte[2 * Half];
        ulong check = BinaryPrimitives.ReadUInt64BigEndian(wrapped);
        for (int step = Rounds * blocks; step >= 1; step--)
        {
            Span<byte> part = key.AsSpan(Half * ((step - 1) % blocks), Half);
            BinaryPrimitives.WriteUInt64BigEndian(block, check ^ (ulong)step);
            part.CopyTo(block[Half..]);
            aes.DecryptEcb(block, block, PaddingMode.None);
            check = BinaryPrimitives.ReadUInt64BigEndian(block);
            block[Half..].CopyTo(part);
        }

        return check == InitialValue ? key : throw new SealingException(SealingFault.Damaged, "its key was changed, or is wrapped for another key");
    }
}

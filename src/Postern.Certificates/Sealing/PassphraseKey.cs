using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;

// RFC 3211 (complete): password-based encryption for CMS, with AES-256
// RFC 8018 (partial): PBKDF2 with HMAC-SHA-256; files of others are read with PBES2 (AES, 3DES; any SHA-2) and PBES1 (DES), and written with AES-256

namespace Postern.Certificates;

/// <summary>A key that is encrypted for who knows a passphrase: PasswordRecipientInfo, RFC 5652 section 6.2.4, as RFC 3211 has it.</summary>
internal static class PassphraseKey
{
    /// <summary>Rounds of PBKDF2 with HMAC-SHA-256: what OWASP asked for in 2023 (Password Storage Cheat Sheet).</summary>
    internal const int Iterations = 600_000;

    /// <summary>More are refused: they would keep a core busy for a second and more. Ours.</summary>
    internal const int MaxIterations = 4_000_000;

    private const int SaltBytes = 16;

    private const int KeyBytes = 32;

    private const int BlockBytes = 16;

    /// <summary>Octets before the key: its length, and three of its own complemented. RFC 3211 section 2.3.1.</summary>
    private const int HeadBytes = 4;

    private static readonly Asn1Tag DerivationTag = new(TagClass.ContextSpecific, 0);

    public static void Write(AsnWriter writer, string passphrase, byte[] contentKey)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltBytes);
        byte[] start = RandomNumberGenerator.GetBytes(BlockBytes);
        byte[] key = Derive(passphrase, salt, Iterations);
        using (writer.PushSequence(SealedRecipient.PassphraseTag))
        {
            writer.WriteInteger(0);
            using (writer.PushSequence(DerivationTag))
            {
                writer.WriteObjectIdentifier(SealingOids.Pbkdf2);
                using (writer.PushSequence())
                {
                    writer.WriteOctetString(salt);
                    writer.WriteInteger(Iterations);
                    writer.WriteInteger(KeyBytes);
                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(SealingOids.HmacSha256);
                        writer.WriteNull();
                    }
                }
            }

            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(SealingOids.PassphraseWrap);
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(SealingOids.Aes256Cbc);
                    writer.WriteOctetString(start);
                }
            }

            writer.WriteOctetString(Wrap(key, start, contentKey));
        }

        CryptographicOperations.ZeroMemory(key);
    }

    /// <returns>Null: another passphrase.</returns>
    public static byte[]? Open(ReadOnlyMemory<byte> encoded, string passphrase)
    {
        AsnReader reader = new AsnReader(encoded, AsnEncodingRules.BER).ReadSequence(SealedRecipient.PassphraseTag);
        reader.ReadInteger();
        AsnReader derivation = reader.ReadSequence(DerivationTag);
        Expect(derivation, SealingOids.Pbkdf2);
        AsnReader parameters = derivation.ReadSequence();
        byte[] salt = parameters.ReadOctetString();
        if (!parameters.TryReadInt32(out int iterations) || iterations is < 1 or > MaxIterations)
        {
            throw new SealingException(SealingFault.UnknownAlgorithm, $"its passphrase is stretched in more than {MaxIterations} rounds");
        }

        if (parameters.HasData && parameters.PeekTag().HasSameClassAndValue(Asn1Tag.Integer))
        {
            parameters.ReadInteger();
        }

        // RFC 8018: HMAC-SHA-1 where none is named.
        HashAlgorithmName hash = HashAlgorithmName.SHA1;
        if (parameters.HasData)
        {
            Expect(parameters.ReadSequence(), SealingOids.HmacSha256);
            hash = HashAlgorithmName.SHA256;
        }

        AsnReader wrap = reader.ReadSequence();
        Expect(wrap, SealingOids.PassphraseWrap);
        AsnReader cipher = wrap.ReadSequence();
        Expect(cipher, SealingOids.Aes256Cbc);
        byte[] start = cipher.ReadOctetString();
        byte[] key = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passphrase), salt, iterations, hash, KeyBytes);
        return Unwrap(key, start, reader.ReadOctetString());
    }

    private static byte[] Derive(string passphrase, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(passphrase), salt, iterations, HashAlgorithmName.SHA256, KeyBytes);

    /// <summary>RFC 3211 section 2.3.1: encrypted twice, so that every octet depends on every other.</summary>
    private static byte[] Wrap(byte[] key, byte[] start, byte[] contentKey)
    {
        byte[] block = RandomNumberGenerator.GetBytes((HeadBytes + contentKey.Length + BlockBytes - 1) / BlockBytes * BlockBytes);
        block[0] = (byte)contentKey.Length;
        for (int i = 1; i < HeadBytes; i++)
        {
            block[i] = (byte)~contentKey[i - 1];
        }

        contentKey.CopyTo(block, HeadBytes);
        using Aes aes = Aes.Create();
        aes.Key = key;
        byte[] once = aes.EncryptCbc(block, start, PaddingMode.None);
        return aes.EncryptCbc(once, once.AsSpan(once.Length - BlockBytes), PaddingMode.None);
    }

    /// <summary>RFC 3211 section 2.3.2.</summary>
    private static byte[]? Unwrap(byte[] key, byte[] start, byte[] wrapped)
    {
        if (wrapped.Length < 2 * BlockBytes || wrapped.Length % BlockBytes != 0 || start.Length != BlockBytes)
        {
            throw new SealingException(SealingFault.Damaged, $"a wrapped key of {wrapped.Length} octets is none");
        }

        using Aes aes = Aes.Create();
        aes.Key = key;
        int last = wrapped.Length - BlockBytes;
        byte[] middle = aes.DecryptCbc(wrapped.AsSpan(last), wrapped.AsSpan(last - BlockBytes, BlockBytes), PaddingMode.None);
        byte[] once = [.. aes.DecryptCbc(wrapped.AsSpan(0, last), middle, PaddingMode.None), .. middle];
        byte[] block = aes.DecryptCbc(once, start, PaddingMode.None);
        int length = block[0];
        bool good = length is KeyBytes && HeadBytes + length <= block.Length;
        for (int i = 1; i < HeadBytes; i++)
        {
            good &= good && block[i] == (byte)~block[HeadBytes + i - 1];
        }

        return good ? block[HeadBytes..(HeadBytes + length)] : null;
    }

    private static void Expect(AsnReader reader, string algorithm)
    {
        string found = reader.ReadObjectIdentifier();
        if (found != algorithm)
        {
            throw new SealingException(SealingFault.UnknownAlgorithm, $"it names algorithm {found} where {algorithm} is expected");
        }
    }
}

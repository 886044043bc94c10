using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

// RFC 5652 (partial): recipients by key transport, key agreement and passphrase; no originator, no unprotected attributes
// RFC 5083 (complete): AuthEnvelopedData
// RFC 5084 (partial): AES-256 in GCM with a tag of 16 octets

namespace Postern.Certificates;

/// <summary>
/// Secrets for one owner: CMS AuthEnvelopedData (RFC 5083) with AES-256-GCM, its key sealed for an RSA key (OAEP), an EC key (ECDH) or a
/// passphrase. <c>openssl cms</c> opens what is made here and makes what is opened here. Authenticated, so that nobody can change a sealed
/// record, or learn something by what becomes of a changed one.
/// </summary>
public static class SealedData
{
    /// <summary>Octets of content; in memory as a whole. Ours.</summary>
    public const int MaxContent = 256 * 1024 * 1024;

    /// <summary>Recipients that are looked at. Ours; what is sealed here has one.</summary>
    private const int MaxRecipients = 64;

    private const int KeyBytes = 32;

    /// <summary>RFC 5084 section 3.2: 12 octets are recommended for the nonce; the tag has all its 16.</summary>
    private const int NonceBytes = 12;

    private const int TagBytes = 16;

    private static readonly Asn1Tag ContentTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag AuthenticatedAttributesTag = new(TagClass.ContextSpecific, 1, isConstructed: true);

    /// <exception cref="SealingException">The certificate has a key that nothing can be sealed for.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> content, X509Certificate2 recipient) => Seal(content, (writer, key) =>
    {
        using RSA? rsa = recipient.GetRSAPublicKey();
        if (rsa is not null)
        {
            KeyTransport.Write(writer, recipient, rsa, key);
            return;
        }

        using ECDiffieHellman? ec = KeyAgreement.PublicKeyOf(recipient);
        if (ec is null)
        {
            throw new SealingException(SealingFault.UnknownAlgorithm, $"nothing can be sealed for '{recipient.Subject}': its key is neither RSA nor one of the NIST curves");
        }

        KeyAgreement.Write(writer, recipient, ec, key);
    });

    public static byte[] Seal(ReadOnlySpan<byte> content, string passphrase) => Seal(content, (writer, key) => PassphraseKey.Write(writer, passphrase, key));

    /// <param name="own">Certificates with their private keys; the first that it is for opens it.</param>
    /// <exception cref="SealingException">Damaged, or for none of these.</exception>
    public static byte[] Open(ReadOnlySpan<byte> sealedContent, IReadOnlyList<X509Certificate2> own)
    {
        SealedParts parts = Read(sealedContent);
        foreach (SealedRecipient recipient in parts.Recipients)
        {
            if (own.FirstOrDefault(one => recipient.Id?.IsOf(one) == true) is { } owner)
            {
                byte[] key = Guard(() => recipient.Kind == RecipientKind.KeyTransport
                    ? KeyTransport.Open(recipient.Encoded, owner)
                    : KeyAgreement.Open(recipient.Encoded, owner));
                return Decrypt(parts, key);
            }
        }

        throw new SealingException(SealingFault.ForOthers, $"it is sealed for {Describe(parts)}, whose key is not here");
    }

    /// <exception cref="SealingException">Damaged, not sealed with a passphrase, or with another one.</exception>
    public static byte[] Open(ReadOnlySpan<byte> sealedContent, string passphrase)
    {
        SealedParts parts = Read(sealedContent);
        SealedRecipient recipient = parts.Recipients.FirstOrDefault(one => one.Kind == RecipientKind.Passphrase)
            ?? throw new SealingException(SealingFault.ForOthers, $"it is not sealed with a passphrase but for {Describe(parts)}");
        byte[] key = Guard(() => PassphraseKey.Open(recipient.Encoded, passphrase))
            ?? throw new SealingException(SealingFault.WrongPassphrase, "the passphrase is another one");
        return Decrypt(parts, key);
    }

    /// <summary>For whom it is sealed, without opening it.</summary>
    /// <exception cref="SealingException">Damaged.</exception>
    public static IReadOnlyList<string> Recipients(ReadOnlySpan<byte> sealedContent)
    {
        SealedParts parts = Read(sealedContent);
        return Guard<IReadOnlyList<string>>(() => [.. parts.Recipients.Select(one => one.ToString())]);
    }

    private static byte[] Seal(ReadOnlySpan<byte> content, Action<AsnWriter, byte[]> writeRecipient)
    {
        if (content.Length > MaxContent)
        {
            throw new ArgumentException($"{content.Length} octets are too many to seal; {MaxContent} are allowed", nameof(content));
        }

        byte[] key = RandomNumberGenerator.GetBytes(KeyBytes);
        try
        {
            byte[] nonce = RandomNumberGenerator.GetBytes(NonceBytes);
            byte[] tag = new byte[TagBytes];
            byte[] encrypted = new byte[content.Length];
            using (AesGcm gcm = new(key, TagBytes))
            {
                gcm.Encrypt(nonce, content, encrypted, tag);
            }

            AsnWriter writer = new(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(SealingOids.AuthEnvelopedData);
                using (writer.PushSequence(ContentTag))
                using (writer.PushSequence())
                {
                    writer.WriteInteger(0);
                    using (writer.PushSetOf())
                    {
                        writeRecipient(writer, key);
                    }

                    using (writer.PushSequence())
                    {
                        writer.WriteObjectIdentifier(SealingOids.Data);
                        using (writer.PushSequence())
                        {
                            writer.WriteObjectIdentifier(SealingOids.Aes256Gcm);
                            using (writer.PushSequence())
                            {
                                writer.WriteOctetString(nonce);
                                writer.WriteInteger(TagBytes);
                            }
                        }

                        writer.WriteOctetString(encrypted, ContentTag);
                    }

                    writer.WriteOctetString(tag);
                }
            }

            return writer.Encode();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static SealedParts Read(ReadOnlySpan<byte> sealedContent)
    {
        byte[] octets = sealedContent.ToArray();
        return Guard(() => Read(octets));
    }

    private static SealedParts Read(byte[] octets)
    {
        AsnReader outer = new(octets, AsnEncodingRules.BER);
        AsnReader info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        string type = info.ReadObjectIdentifier();
        if (type != SealingOids.AuthEnvelopedData)
        {
            throw new SealingException(SealingFault.UnknownAlgorithm, $"it is CMS of type {type}, not AuthEnvelopedData");
        }

        AsnReader data = info.ReadSequence(ContentTag).ReadSequence();
        data.ReadInteger();
        if (data.PeekTag().HasSameClassAndValue(ContentTag))
        {
            data.ReadEncodedValue(); // certificates of an originator: nothing here is trusted for them
        }

        List<SealedRecipient> recipients = [];
        AsnReader set = data.ReadSetOf();
        while (set.HasData)
        {
            if (recipients.Count == MaxRecipients)
            {
                throw new SealingException(SealingFault.Damaged, $"it has more than {MaxRecipients} recipients");
            }

            recipients.Add(SealedRecipient.Read(set.ReadEncodedValue()));
        }

        AsnReader content = data.ReadSequence();
        content.ReadObjectIdentifier();
        AsnReader algorithm = content.ReadSequence();
        string cipher = algorithm.ReadObjectIdentifier();
        if (cipher != SealingOids.Aes256Gcm)
        {
            throw new SealingException(SealingFault.UnknownAlgorithm, $"it is encrypted with {cipher}, not with AES-256-GCM");
        }

        AsnReader parameters = algorithm.ReadSequence();
        byte[] nonce = parameters.ReadOctetString();
        int tagBytes = parameters.HasData && parameters.TryReadInt32(out int length) ? length : 12;
        byte[] encrypted = content.ReadOctetString(ContentTag);
        byte[] attributes = [];
        if (data.PeekTag().HasSameClassAndValue(AuthenticatedAttributesTag))
        {
            // RFC 5083 section 2.2: they are authenticated as a SET OF, not with the tag that they stand under.
            attributes = data.ReadEncodedValue().ToArray();
            attributes[0] = 0x31;
        }

        byte[] tag = data.ReadOctetString();
        return tag.Length == TagBytes && tagBytes == TagBytes && nonce.Length == NonceBytes
            ? new SealedParts(recipients, nonce, encrypted, tag, attributes)
            : throw new SealingException(SealingFault.UnknownAlgorithm, $"its tag has {tag.Length} octets and its nonce {nonce.Length}; {TagBytes} and {NonceBytes} are opened");
    }

    private static byte[] Decrypt(SealedParts parts, byte[] key)
    {
        byte[] content = new byte[parts.Encrypted.Length];
        try
        {
            using AesGcm gcm = new(key, TagBytes);
            gcm.Decrypt(parts.Nonce, parts.Encrypted, parts.Tag, content, parts.Attributes);
            return content;
        }
        catch (CryptographicException e)
        {
            throw new SealingException(SealingFault.Damaged, "what is sealed was changed, or its key was", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Foreign octets may offend the decoder, the platform's cryptography or ours: to the caller it is all one.</summary>
    private static T Guard<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is AsnContentException or PlatformNotSupportedException or ArgumentException or OverflowException or CryptographicException and not SealingException)
        {
            throw new SealingException(SealingFault.Damaged, "it is damaged, or was not sealed by Postern", e);
        }
    }

    private static string Describe(SealedParts parts) =>
        parts.Recipients.Count == 0 ? "nobody" : Guard(() => string.Join(" and ", parts.Recipients.Select(one => one.ToString())));

    private sealed record SealedParts(IReadOnlyList<SealedRecipient> Recipients, byte[] Nonce, byte[] Encrypted, byte[] Tag, byte[] Attributes);
}

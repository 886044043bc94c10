using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

// RFC 5753 (partial): ephemeral-static ECDH, standard, with the SHA-256 key derivation and AES-256 key wrap

namespace Postern.Certificates;

/// <summary>A key that is encrypted for an EC key: KeyAgreeRecipientInfo, RFC 5652 section 6.2.2, with ECDH as RFC 5753 has it.</summary>
internal static class KeyAgreement
{
    /// <summary>Bits of the key-encryption key, as the shared info names them.</summary>
    private const int WrapKeyBits = 256;

    private static readonly Asn1Tag OriginatorTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag OriginatorKeyTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag MaterialTag = new(TagClass.ContextSpecific, 1);
    private static readonly Asn1Tag KeyIdTag = new(TagClass.ContextSpecific, 0, isConstructed: true);
    private static readonly Asn1Tag PartyTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag LengthTag = new(TagClass.ContextSpecific, 2);

    /// <summary>The key of a certificate as one to agree with, whatever its usage says: that it may sign is no reason not to.</summary>
    public static ECDiffieHellman? PublicKeyOf(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm? key = CertificateKeys.TryOpen(certificate.PublicKey);
        if (key is ECDsa ec)
        {
            return ECDiffieHellman.Create(ec.ExportParameters(false));
        }

        try
        {
            return certificate.GetECDiffieHellmanPublicKey();
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // A curve that is not known here, or octets that are no key.
            return null;
        }
    }

    public static void Write(AsnWriter writer, X509Certificate2 recipient, ECDiffieHellman key, byte[] contentKey)
    {
        using ECDiffieHellmanPublicKey to = key.PublicKey;
        using ECDiffieHellman ephemeral = ECDiffieHellman.Create(to.ExportParameters().Curve);
        byte[] wrapKey = Derive(ephemeral, to, SharedInfo([]));
        using (writer.PushSequence(SealedRecipient.KeyAgreementTag))
        {
            writer.WriteInteger(3);
            using (writer.PushSequence(OriginatorTag))
            {
                WriteOriginator(writer, ephemeral.ExportSubjectPublicKeyInfo());
            }

            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(SealingOids.StandardDhSha256);
                WriteWrap(writer);
            }

            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                RecipientId.Write(writer, recipient);
                writer.WriteOctetString(AesKeyWrap.Wrap(wrapKey, contentKey));
            }
        }

        CryptographicOperations.ZeroMemory(wrapKey);
    }

    public static RecipientId ReadId(ReadOnlyMemory<byte> encoded) => Read(encoded).Id;

    public static byte[] Open(ReadOnlyMemory<byte> encoded, X509Certificate2 own)
    {
        Parts parts = Read(encoded);
        if (parts.Scheme != SealingOids.StandardDhSha256 || parts.Wrap != SealingOids.Aes256Wrap)
        {
            throw new SealingException(SealingFault.UnknownAlgorithm, $"its key is agreed on by {parts.Scheme} and wrapped with {parts.Wrap}, not with SHA-256 and AES-256");
        }

        using ECDiffieHellman key = PrivateKeyOf(own);

        // A point of another curve, or of none, is refused by the import, before it meets the key.
        using ECDiffieHellman originator = ECDiffieHellman.Create();
        originator.ImportSubjectPublicKeyInfo(OriginatorKeyInfo(parts, key.ExportSubjectPublicKeyInfo()), out _);
        using ECDiffieHellmanPublicKey from = originator.PublicKey;
        byte[] wrapKey = Derive(key, from, SharedInfo(parts.Material));
        try
        {
            return AesKeyWrap.Unwrap(wrapKey, parts.WrappedKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(wrapKey);
        }
    }

    private static Parts Read(ReadOnlyMemory<byte> encoded)
    {
        AsnReader reader = new AsnReader(encoded, AsnEncodingRules.BER).ReadSequence(SealedRecipient.KeyAgreementTag);
        reader.ReadInteger();
        AsnReader originator = reader.ReadSequence(OriginatorTag).ReadSequence(OriginatorKeyTag);
        originator.ReadEncodedValue(); // its parameters may be left out: the curve is the recipient's
        byte[] point = originator.ReadBitString(out _);
        byte[] material = reader.PeekTag().HasSameClassAndValue(MaterialTag) ? reader.ReadSequence(MaterialTag).ReadOctetString() : [];
        AsnReader algorithm = reader.ReadSequence();
        string scheme = algorithm.ReadObjectIdentifier();
        string wrap = algorithm.ReadSequence().ReadObjectIdentifier();
        AsnReader one = reader.ReadSequence().ReadSequence();
        RecipientId id = RecipientId.Read(one, KeyIdTag);
        return new Parts(id, point, material, scheme, wrap, one.ReadOctetString());
    }

    private static ECDiffieHellman PrivateKeyOf(X509Certificate2 own)
    {
        using ECDsa? signing = own.GetECDsaPrivateKey();
        return signing is not null
            ? ECDiffieHellman.Create(signing.ExportParameters(true))
            : own.GetECDiffieHellmanPrivateKey() ?? throw new SealingException(SealingFault.ForOthers, $"'{own.Subject}' has no EC key here");
    }

    /// <summary>ANSI X9.63 key derivation, RFC 5753 section 7.1: SHA-256 of the secret, the counter 1 and the shared info; 256 bits need one round.</summary>
    private static byte[] Derive(ECDiffieHellman own, ECDiffieHellmanPublicKey other, byte[] sharedInfo) =>
        own.DeriveKeyFromHash(other, HashAlgorithmName.SHA256, null, [0, 0, 0, 1, .. sharedInfo]);

    /// <summary>ECC-CMS-SharedInfo, RFC 5753 section 7.2.</summary>
    private static byte[] SharedInfo(byte[] material)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            WriteWrap(writer);
            if (material.Length > 0)
            {
                using (writer.PushSequence(PartyTag))
                {
                    writer.WriteOctetString(material);
                }
            }

            byte[] bits = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(bits, WrapKeyBits);
            using (writer.PushSequence(LengthTag))
            {
                writer.WriteOctetString(bits);
            }
        }

        return writer.Encode();
    }

    private static void WriteWrap(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(SealingOids.Aes256Wrap);
        }
    }

    /// <summary>OriginatorPublicKey is a SubjectPublicKeyInfo under another tag.</summary>
    private static void WriteOriginator(AsnWriter writer, byte[] keyInfo)
    {
        AsnReader info = new AsnReader(keyInfo, AsnEncodingRules.DER).ReadSequence();
        using (writer.PushSequence(OriginatorKeyTag))
        {
            writer.WriteEncodedValue(info.ReadEncodedValue().Span);
            writer.WriteEncodedValue(info.ReadEncodedValue().Span);
        }
    }

    private static byte[] OriginatorKeyInfo(Parts parts, byte[] ownKeyInfo)
    {
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(new AsnReader(ownKeyInfo, AsnEncodingRules.DER).ReadSequence().ReadEncodedValue().Span);
            writer.WriteBitString(parts.Point);
        }

        return writer.Encode();
    }

    private sealed record Parts(RecipientId Id, byte[] Point, byte[] Material, string Scheme, string Wrap, byte[] WrappedKey);
}

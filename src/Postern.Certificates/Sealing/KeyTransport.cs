using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

// RFC 4055 (partial): RSAES-OAEP with SHA-256 and its mask
// RFC 3560 (partial): in KeyTransRecipientInfo

namespace Postern.Certificates;

/// <summary>A key that is encrypted for an RSA key: KeyTransRecipientInfo, RFC 5652 section 6.2.1.</summary>
internal static class KeyTransport
{
    private static readonly Asn1Tag HashTag = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag MaskTag = new(TagClass.ContextSpecific, 1);

    public static void Write(AsnWriter writer, X509Certificate2 recipient, RSA key, byte[] contentKey)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            RecipientId.Write(writer, recipient);
            WriteAlgorithm(writer);
            writer.WriteOctetString(key.Encrypt(contentKey, RSAEncryptionPadding.OaepSHA256));
        }
    }

    public static RecipientId ReadId(ReadOnlyMemory<byte> encoded)
    {
        AsnReader reader = new AsnReader(encoded, AsnEncodingRules.BER).ReadSequence();
        reader.ReadInteger();
        return RecipientId.Read(reader);
    }

    public static byte[] Open(ReadOnlyMemory<byte> encoded, X509Certificate2 own)
    {
        AsnReader reader = new AsnReader(encoded, AsnEncodingRules.BER).ReadSequence();
        reader.ReadInteger();
        RecipientId.Read(reader);
        if (!IsOaepWithSha256(reader.ReadSequence()))
        {
            throw new SealingException(SealingFault.UnknownAlgorithm, "its key is not encrypted with RSAES-OAEP and SHA-256");
        }

        using RSA key = own.GetRSAPrivateKey() ?? throw new SealingException(SealingFault.ForOthers, $"'{own.Subject}' has no RSA key here");
        return key.Decrypt(reader.ReadOctetString(), RSAEncryptionPadding.OaepSHA256);
    }

    /// <summary>RSAES-OAEP-params, RFC 8017 appendix A.2.1. The hash's own parameters are NULL or left out, whoever writes them (RFC 4055 section 2.1).</summary>
    private static bool IsOaepWithSha256(AsnReader algorithm)
    {
        if (algorithm.ReadObjectIdentifier() != SealingOids.RsaOaep || !algorithm.HasData)
        {
            return false;
        }

        AsnReader parameters = algorithm.ReadSequence();
        if (!parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(HashTag) || !IsSha256(parameters.ReadSequence(HashTag).ReadSequence())
            || !parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(MaskTag))
        {
            return false;
        }

        AsnReader mask = parameters.ReadSequence(MaskTag).ReadSequence();
        return mask.ReadObjectIdentifier() == SealingOids.Mgf1 && IsSha256(mask.ReadSequence()) && !parameters.HasData;
    }

    private static bool IsSha256(AsnReader algorithm) => algorithm.ReadObjectIdentifier() == SealingOids.Sha256;

    private static void WriteAlgorithm(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(SealingOids.RsaOaep);
            using (writer.PushSequence())
            {
                using (writer.PushSequence(HashTag))
                {
                    WriteHash(writer);
                }

                using (writer.PushSequence(MaskTag))
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(SealingOids.Mgf1);
                    WriteHash(writer);
                }
            }
        }
    }

    private static void WriteHash(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(SealingOids.Sha256);
            writer.WriteNull();
        }
    }
}

using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

internal enum RecipientKind
{
    KeyTransport,
    KeyAgreement,
    Passphrase,

    /// <summary>One that this version does not open.</summary>
    Other,
}

/// <summary>One RecipientInfo, RFC 5652 section 6.2.</summary>
/// <param name="Id">Null where the recipient has no certificate.</param>
internal sealed record SealedRecipient(RecipientKind Kind, RecipientId? Id, ReadOnlyMemory<byte> Encoded)
{
    public static readonly Asn1Tag KeyAgreementTag = new(TagClass.ContextSpecific, 1);
    public static readonly Asn1Tag PassphraseTag = new(TagClass.ContextSpecific, 3);

    public static SealedRecipient Read(ReadOnlyMemory<byte> encoded)
    {
        Asn1Tag tag = new AsnReader(encoded, AsnEncodingRules.BER).PeekTag();
        return tag.HasSameClassAndValue(Asn1Tag.Sequence) ? new SealedRecipient(RecipientKind.KeyTransport, KeyTransport.ReadId(encoded), encoded)
            : tag.HasSameClassAndValue(KeyAgreementTag) ? new SealedRecipient(RecipientKind.KeyAgreement, KeyAgreement.ReadId(encoded), encoded)
            : new SealedRecipient(tag.HasSameClassAndValue(PassphraseTag) ? RecipientKind.Passphrase : RecipientKind.Other, null, encoded);
    }

    public override string ToString() => Kind == RecipientKind.Passphrase ? "who knows a passphrase" : Id?.ToString() ?? "a recipient of an unknown kind";
}

/// <summary>Whose key it is: issuer and serial number, or the identifier of the key.</summary>
internal sealed record RecipientId(byte[] Issuer, BigInteger Serial, byte[] KeyId)
{
    private static readonly Asn1Tag KeyIdTag = new(TagClass.ContextSpecific, 0);

    public bool IsOf(X509Certificate2 certificate) => KeyId.Length > 0
        ? certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } extension && extension.SubjectKeyIdentifierBytes.Span.SequenceEqual(KeyId)
        : Serial == new BigInteger(certificate.SerialNumberBytes.Span, isBigEndian: true) && certificate.IssuerName.RawData.AsSpan().SequenceEqual(Issuer);

    /// <summary>IssuerAndSerialNumber, RFC 5652 section 10.2.4.</summary>
    public static void Write(AsnWriter writer, X509Certificate2 certificate)
    {
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(certificate.IssuerName.RawData);
            writer.WriteInteger(certificate.SerialNumberBytes.Span);
        }
    }

    /// <param name="keyIdTag">What a key identifier stands under; default [0].</param>
    public static RecipientId Read(AsnReader reader, Asn1Tag? keyIdTag = null)
    {
        Asn1Tag tag = keyIdTag ?? KeyIdTag;
        if (reader.PeekTag().HasSameClassAndValue(tag))
        {
            return new RecipientId([], default, tag.IsConstructed ? reader.ReadSequence(tag).ReadOctetString() : reader.ReadOctetString(tag));
        }

        AsnReader both = reader.ReadSequence();
        return new RecipientId(both.ReadEncodedValue().ToArray(), both.ReadInteger(), []);
    }

    public override string ToString() => KeyId.Length > 0
        ? $"key {Convert.ToHexStringLower(KeyId)}"
        : $"{new X500DistinguishedName(Issuer).Name} (serial number {Serial:x})";
}

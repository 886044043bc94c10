using System.Formats.Asn1;
using System.Security.Cryptography;

// RFC 2315 (partial): SignedData as a bag of certificates; the signatures play no part
// RFC 5208 (complete): PrivateKeyInfo and EncryptedPrivateKeyInfo

namespace Postern.Certificates;

/// <summary>Tells by its first elements what a DER or BER structure is, and reads it.</summary>
internal sealed class DerReader(CertificateFileCollector file)
{
    private const string SignedData = "1.2.840.113549.1.7.2";
    private const int Pkcs12Version = 3;

    private static readonly Asn1Tag Zero = new(TagClass.ContextSpecific, 0, isConstructed: true);

    private enum Kind
    {
        Unknown,
        Certificate,
        TrustedCertificate,
        Request,
        RevocationList,
        Pkcs7,
        Pkcs12,
        PrivateKey,
        EncryptedPrivateKey,
        RsaKey,
        EcKey,
    }

    /// <summary>Whether it is one sequence from the first octet to the last.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> octets)
    {
        try
        {
            return AsnDecoder.TryReadEncodedValue(octets, AsnEncodingRules.BER, out Asn1Tag tag, out _, out _, out int consumed) && tag == Asn1Tag.Sequence && consumed == octets.Length;
        }
        catch (AsnContentException)
        {
            // A length that is not given, and an end that is not there.
            return false;
        }
    }

    /// <param name="where">Of what is read, e.g. <c>the CERTIFICATE in line 3 of cert.pem</c>.</param>
    /// <param name="encryption">That it had before.</param>
    public void Read(ReadOnlyMemory<byte> der, string where, string? encryption = null)
    {
        try
        {
            Read(KindOf(der), der, where, encryption);
        }
        catch (AsnContentException e)
        {
            throw CertificateFormatException.Damaged(where, $"it cannot be read ({e.Message})", e);
        }
        catch (CryptographicException e)
        {
            throw CertificateFormatException.Damaged(where, e.Message, e);
        }
        catch (PlatformNotSupportedException e)
        {
            throw CertificateFormatException.UnknownCurve(where, e);
        }
    }

    private void Read(Kind kind, ReadOnlyMemory<byte> der, string where, string? encryption)
    {
        switch (kind)
        {
            case Kind.Certificate:
                file.AddCertificate(der.Span, where);
                break;
            case Kind.TrustedCertificate:
                file.AddCertificate(new AsnReader(der, AsnEncodingRules.BER).ReadEncodedValue().Span, where);
                file.Note(where, "what OpenSSL adds about trust is left aside");
                break;
            case Kind.Request:
                file.AddRequest(der, where);
                break;
            case Kind.Pkcs7:
                ReadPkcs7(der, where);
                file.IsPkcs7 = true;
                break;
            case Kind.Pkcs12:
                new Pkcs12Reader(file).Read(der);
                break;
            case Kind.PrivateKey:
                file.AddKey(der.ToArray(), where, encryption);
                break;
            case Kind.EncryptedPrivateKey:
                (byte[] pkcs8, string protection) = new Pkcs12Reader(file).ReadEncryptedKey(der, where);
                file.AddKey(pkcs8, where, protection);
                break;
            case Kind.RsaKey:
                CheckKeyLength(der, where);
                file.AddKey(TraditionalKey.FromRsa(der.Span), where, encryption);
                break;
            case Kind.EcKey:
                CheckKeyLength(der, where);
                file.AddKey(TraditionalKey.FromEc(der.Span), where, encryption);
                break;
            case Kind.RevocationList:
                file.Note(where, "a revocation list, left aside");
                break;
            default:
                throw new CertificateFormatException("notRecognized", $"{where}: it is no certificate, request, private key, PKCS #7 or PKCS #12", "check that it is the right file");
        }
    }

    private void CheckKeyLength(ReadOnlyMemory<byte> der, string where)
    {
        if (der.Length > file.Limits.MaxKeyOctets)
        {
            throw CertificateFormatException.Limit(where, "octets of a private key", der.Length, file.Limits.MaxKeyOctets);
        }
    }

    /// <summary>The certificates of a SignedData, and nothing else of it.</summary>
    private void ReadPkcs7(ReadOnlyMemory<byte> der, string where)
    {
        AsnReader info = new AsnReader(der, AsnEncodingRules.BER).ReadSequence();
        info.ReadObjectIdentifier();
        AsnReader signed = info.ReadSequence(Zero).ReadSequence();
        signed.ReadInteger();
        signed.ReadSetOf(skipSortOrderValidation: true);
        signed.ReadSequence();
        AsnReader? certificates = signed.HasData && signed.PeekTag() == Zero ? signed.ReadSetOf(skipSortOrderValidation: true, Zero) : null;
        for (int number = 1; certificates?.HasData == true; number++)
        {
            file.Count("elements");
            if (certificates.PeekTag() == Asn1Tag.Sequence)
            {
                file.AddCertificate(certificates.ReadEncodedValue().Span, $"certificate {number} of {where}");
            }
            else
            {
                certificates.ReadEncodedValue();
                file.Note(where, $"element {number} is no X.509 certificate, left aside");
            }
        }
    }

    private static Kind KindOf(ReadOnlyMemory<byte> der)
    {
        AsnReader file = new(der, AsnEncodingRules.BER);
        if (!file.HasData || file.PeekTag() != Asn1Tag.Sequence)
        {
            return Kind.Unknown;
        }

        AsnReader outer = file.ReadSequence();
        if (!outer.HasData)
        {
            return Kind.Unknown;
        }

        Asn1Tag first = outer.PeekTag();
        if (first == Asn1Tag.ObjectIdentifier)
        {
            return outer.ReadObjectIdentifier() == SignedData && !file.HasData ? Kind.Pkcs7 : Kind.Unknown;
        }

        if (first == Asn1Tag.Integer)
        {
            bool isSmall = outer.TryReadInt32(out int version);
            Asn1Tag? second = outer.HasData ? outer.PeekTag() : null;
            return (isSmall, version, second, file.HasData) switch
            {
                (_, _, _, true) => Kind.Unknown,
                (true, Pkcs12Version, { } tag, _) when tag == Asn1Tag.Sequence => Kind.Pkcs12,
                (true, 0 or 1, { } tag, _) when tag == Asn1Tag.Sequence => Kind.PrivateKey,
                (true, 0, { } tag, _) when tag == Asn1Tag.Integer => Kind.RsaKey,
                (true, 1, { } tag, _) when tag == Asn1Tag.PrimitiveOctetString => Kind.EcKey,
                _ => Kind.Unknown,
            };
        }

        return first == Asn1Tag.Sequence ? KindOfSequences(outer, file.HasData) : Kind.Unknown;
    }

    /// <summary>A certificate, a request and a revocation list are three elements that differ inside the first; an encrypted key is two.</summary>
    private static Kind KindOfSequences(AsnReader outer, bool hasMore)
    {
        AsnReader inner = outer.ReadSequence();
        Asn1Tag? next = outer.HasData ? outer.PeekTag() : null;
        if (next is { TagClass: TagClass.Universal, TagValue: (int)UniversalTagNumber.OctetString })
        {
            return hasMore ? Kind.Unknown : Kind.EncryptedPrivateKey;
        }

        if (next != Asn1Tag.Sequence || !inner.HasData)
        {
            return Kind.Unknown;
        }

        if (inner.PeekTag() == Zero)
        {
            return hasMore ? Kind.TrustedCertificate : Kind.Certificate;
        }

        List<Asn1Tag> tags = [];
        for (int i = 0; i < 4 && inner.HasData; i++)
        {
            tags.Add(inner.PeekTag());
            inner.ReadEncodedValue();
        }

        return tags switch
        {
            _ when hasMore => Kind.Unknown,
            [var a, var b, var c, var d] when a == Asn1Tag.Integer && b == Asn1Tag.Sequence && c == Asn1Tag.Sequence && d == Asn1Tag.Sequence => Kind.Certificate,
            [var a, var b, var c, ..] when a == Asn1Tag.Integer && b == Asn1Tag.Sequence && c == Asn1Tag.Sequence => Kind.Request,
            _ => Kind.RevocationList,
        };
    }
}

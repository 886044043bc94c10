using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

// RFC 5280 (partial): paths are found here and validated by the platform; revocation lists are read and proven here: complete and partial ones, no delta and no indirect ones

/// <summary>A revocation list (RFC 5280 section 5) of a file that others wrote.</summary>
internal sealed class RevocationList
{
    public const string PemLabel = "X509 CRL";

    private const string IssuingDistributionPoint = "2.5.29.28";
    private const string DeltaIndicator = "2.5.29.27";
    private const string CertificateIssuer = "2.5.29.29";
    private const string ReasonCode = "2.5.29.21";

    /// <summary>reasonCode removeFromCRL: it counts again (RFC 5280 section 5.3.1).</summary>
    private const int RemoveFromList = 8;

    private readonly Dictionary<BigInteger, RevokedCertificate> _revoked = [];
    private readonly ReadOnlyMemory<byte> _signed;
    private readonly SignatureAlgorithm _algorithm;
    private readonly byte[] _signature;

    private RevocationList(ReadOnlyMemory<byte> der, string file)
    {
        File = file;
        AsnReader whole = new(der, AsnEncodingRules.DER);
        AsnReader list = whole.ReadSequence();
        whole.ThrowIfNotEmpty();
        _signed = list.PeekEncodedValue();
        AsnReader body = list.ReadSequence();
        _algorithm = SignatureAlgorithm.Read(list.ReadEncodedValue());
        _signature = list.ReadBitString(out int unused);
        list.ThrowIfNotEmpty();
        if (unused != 0)
        {
            throw new AsnContentException("the signature has a part of an octet");
        }

        if (body.PeekTag() == Asn1Tag.Integer)
        {
            body.ReadIntegerBytes();
        }

        body.ReadEncodedValue();
        Issuer = new X500DistinguishedName(body.ReadEncodedValue().Span);
        ThisUpdate = Time(body);
        NextUpdate = body.HasData && IsTime(body.PeekTag()) ? Time(body) : null;
        if (body.HasData && body.PeekTag() == new Asn1Tag(UniversalTagNumber.Sequence, isConstructed: true))
        {
            ReadRevoked(body.ReadSequence());
        }

        if (body.HasData)
        {
            ReadExtensions(body.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true)).ReadSequence());
        }

        body.ThrowIfNotEmpty();
    }

    public string File { get; }

    public X500DistinguishedName Issuer { get; }

    public DateTimeOffset ThisUpdate { get; }

    /// <summary>Null: it does not say.</summary>
    public DateTimeOffset? NextUpdate { get; }

    /// <summary>Why it says nothing here; null: it does.</summary>
    public string? Unusable { get; private set; }

    /// <summary>It covers a part of what the issuer issued: who is not in it may be in another one.</summary>
    public bool IsPartial { get; private set; }

    public int Count => _revoked.Count;

    /// <exception cref="CryptographicException">It is none.</exception>
    public static RevocationList Read(ReadOnlyMemory<byte> der, string file)
    {
        try
        {
            return new RevocationList(der, file);
        }
        catch (Exception e) when (e is AsnContentException or OverflowException or ArgumentException)
        {
            throw new CryptographicException($"it is not a revocation list: {e.Message}", e);
        }
    }

    public bool IsOf(X509Certificate2 issuer) => Issuer.RawData.AsSpan().SequenceEqual(issuer.SubjectName.RawData);

    /// <summary>Whether the issuer signed it, and may (key usage cRLSign, where its certificate says what the key is for).</summary>
    public bool IsSignedBy(X509Certificate2 issuer) =>
        issuer.Extensions.OfType<X509KeyUsageExtension>().FirstOrDefault() is not { } usage || usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign)
            ? _algorithm.Verify(issuer, _signed.Span, _signature)
            : false;

    public RevokedCertificate? Find(X509Certificate2 certificate) =>
        _revoked.GetValueOrDefault(new BigInteger(certificate.SerialNumberBytes.Span, isBigEndian: true));

    private void ReadRevoked(AsnReader entries)
    {
        while (entries.HasData)
        {
            AsnReader entry = entries.ReadSequence();
            BigInteger serial = entry.ReadInteger();
            DateTimeOffset at = Time(entry);
            int? reason = null;
            AsnReader? extensions = entry.HasData ? entry.ReadSequence() : null;
            while (extensions?.HasData == true)
            {
                (string oid, bool isCritical, byte[] value) = Extension(extensions);
                if (oid == ReasonCode)
                {
                    reason = (int)new BigInteger(new AsnReader(value, AsnEncodingRules.DER).ReadEnumeratedBytes().Span, isBigEndian: true);
                }
                else if (oid == CertificateIssuer || isCritical)
                {
                    Unusable = $"an entry has the extension {oid}, which is not understood";
                }
            }

            if (reason != RemoveFromList)
            {
                _revoked[serial] = new RevokedCertificate(at, reason);
            }
        }
    }

    private void ReadExtensions(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            (string oid, bool isCritical, byte[] value) = Extension(extensions);
            switch (oid)
            {
                case IssuingDistributionPoint:
                    IsPartial = true;
                    AsnReader point = new AsnReader(value, AsnEncodingRules.DER).ReadSequence();
                    while (point.HasData)
                    {
                        // [4] indirectCRL: entries of other issuers (RFC 5280 section 5.2.5).
                        if (point.PeekTag() is { TagValue: 4 })
                        {
                            Unusable = "it is an indirect list";
                        }

                        point.ReadEncodedValue();
                    }

                    break;
                case DeltaIndicator:
                    Unusable = "it is a delta of another list";
                    break;
                default:
                    Unusable = isCritical ? $"it has the critical extension {oid}, which is not understood" : Unusable;
                    break;
            }
        }
    }

    private static (string Oid, bool IsCritical, byte[] Value) Extension(AsnReader extensions)
    {
        AsnReader extension = extensions.ReadSequence();
        string oid = extension.ReadObjectIdentifier();
        bool isCritical = extension.HasData && extension.PeekTag() == Asn1Tag.Boolean && extension.ReadBoolean();
        return (oid, isCritical, extension.ReadOctetString());
    }

    private static bool IsTime(Asn1Tag tag) => tag.TagClass == TagClass.Universal && (UniversalTagNumber)tag.TagValue is UniversalTagNumber.UtcTime or UniversalTagNumber.GeneralizedTime;

    private static DateTimeOffset Time(AsnReader reader) =>
        (UniversalTagNumber)reader.PeekTag().TagValue == UniversalTagNumber.UtcTime ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();
}

/// <param name="Reason">CRLReason (RFC 5280 section 5.3.1); null: it does not say.</param>
internal sealed record RevokedCertificate(DateTimeOffset At, int? Reason)
{
    /// <summary>The words of RFC 5280 section 5.3.1, by number.</summary>
    private static readonly string[] Words =
        ["unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation", "certificateHold", "", "removeFromCRL", "privilegeWithdrawn", "aACompromise"];

    public override string ToString() => Reason is { } reason and >= 0 && reason < Words.Length ? $"revoked at {At:u} ({Words[reason]})" : $"revoked at {At:u}";
}

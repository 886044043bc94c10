using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Postern.Certificates;

/// <summary>What PKCS #8 (RFC 5958 section 2) says around a private key.</summary>
/// <param name="Algorithm"><c>RSA</c>, <c>EC</c>, the name of another one, or its object identifier.</param>
/// <param name="KeySpec">See <see cref="WindowsKeyAttributes.KeySpec"/>.</param>
internal sealed record PrivateKeyHeader(string Algorithm, int? KeySpec)
{
    public const string Rsa = "RSA";
    public const string Ec = "EC";

    private const string RsaOid = "1.2.840.113549.1.1.1";
    private const string EcOid = "1.2.840.10045.2.1";
    private const string KeyUsageOid = "2.5.29.15";

    /// <summary>Bits of keyUsage (RFC 5280 section 4.2.1.3) as OpenSSL's <c>-keysig</c> and <c>-keyex</c> write them, and Windows reads them.</summary>
    private const byte DigitalSignatureBit = 0x80;

    private const byte KeyEnciphermentBit = 0x20;
    private const byte DataEnciphermentBit = 0x10;

    private static readonly Asn1Tag AttributesTag = new(TagClass.ContextSpecific, 0, isConstructed: true);

    private static readonly Dictionary<string, string> Names = new()
    {
        [RsaOid] = Rsa,
        [EcOid] = Ec,
        ["1.2.840.113549.1.1.10"] = "RSASSA-PSS",
        ["1.2.840.10040.4.1"] = "DSA",
        ["1.2.840.113549.1.3.1"] = "DH",
        ["1.3.101.110"] = "X25519",
        ["1.3.101.111"] = "X448",
        ["1.3.101.112"] = "Ed25519",
        ["1.3.101.113"] = "Ed448",
    };

    /// <exception cref="AsnContentException">It is no PKCS #8.</exception>
    public static PrivateKeyHeader Read(ReadOnlyMemory<byte> pkcs8)
    {
        AsnReader outer = new(pkcs8, AsnEncodingRules.BER);
        AsnReader info = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        info.ReadInteger();
        string oid = info.ReadSequence().ReadObjectIdentifier();
        CryptographicOperations.ZeroMemory(info.ReadOctetString());
        int? keySpec = null;
        if (info.HasData && info.PeekTag() == AttributesTag)
        {
            AsnReader attributes = info.ReadSetOf(skipSortOrderValidation: true, AttributesTag);
            while (attributes.HasData)
            {
                AsnReader attribute = attributes.ReadSequence();
                bool isKeyUsage = attribute.ReadObjectIdentifier() == KeyUsageOid;
                AsnReader values = attribute.ReadSetOf(skipSortOrderValidation: true);
                keySpec = isKeyUsage && values.HasData ? KeySpecOf(values.ReadBitString(out _)) : keySpec;
            }
        }

        return new PrivateKeyHeader(Names.GetValueOrDefault(oid, oid), keySpec);
    }

    private static int? KeySpecOf(byte[] usage) => usage is not [var bits, ..] ? null
        : (bits & (KeyEnciphermentBit | DataEnciphermentBit)) != 0 ? WindowsKeyAttributes.KeyExchange
        : (bits & DigitalSignatureBit) != 0 ? WindowsKeyAttributes.Signature : null;
}

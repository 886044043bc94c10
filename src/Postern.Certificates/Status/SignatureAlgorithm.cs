using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>How something was signed, from an AlgorithmIdentifier (RFC 5280 section 4.1.1.2; the identifiers of RFC 8017 appendix A and RFC 5758).</summary>
/// <param name="Hash">Null: not known here.</param>
internal readonly record struct SignatureAlgorithm(string Oid, HashAlgorithmName? Hash)
{
    public const string RsaPss = "1.2.840.113549.1.1.10";

    public static SignatureAlgorithm Read(ReadOnlyMemory<byte> identifier)
    {
        AsnReader reader = new AsnReader(identifier, AsnEncodingRules.DER).ReadSequence();
        string oid = reader.ReadObjectIdentifier();
        return new SignatureAlgorithm(oid, oid == RsaPss ? PssHash(reader) : HashOf(oid));
    }

    /// <summary>Of the signature on a certificate.</summary>
    public static SignatureAlgorithm Of(X509Certificate2 certificate)
    {
        try
        {
            AsnReader whole = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
            whole.ReadEncodedValue();
            return Read(whole.ReadEncodedValue());
        }
        catch (AsnContentException)
        {
            return new SignatureAlgorithm(certificate.SignatureAlgorithm.Value ?? "", null);
        }
    }

    /// <summary>Whether the key of one certificate signed another. False, too, where the algorithm is not known here.</summary>
    public static bool IsSignedBy(X509Certificate2 issued, X509Certificate2 issuer)
    {
        try
        {
            AsnReader whole = new AsnReader(issued.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
            ReadOnlyMemory<byte> signed = whole.ReadEncodedValue();
            SignatureAlgorithm algorithm = Read(whole.ReadEncodedValue());
            return algorithm.Verify(issuer, signed.Span, whole.ReadBitString(out _));
        }
        catch (AsnContentException)
        {
            return false;
        }
    }

    /// <summary>MD2, MD4, MD5, SHA-1: signatures under other data can be made (fact sheet 8.3).</summary>
    public bool IsBroken => Hash == HashAlgorithmName.MD5 || Hash == HashAlgorithmName.SHA1 || Oid is "1.2.840.113549.1.1.2" or "1.2.840.113549.1.1.3";

    public bool Verify(X509Certificate2 signer, ReadOnlySpan<byte> data, byte[] signature)
    {
        if (Hash is not { } hash)
        {
            return false;
        }

        try
        {
            using AsymmetricAlgorithm? key = CertificateKeys.TryOpen(signer.PublicKey);
            return (key as RSA)?.VerifyData(data, signature, hash, Oid == RsaPss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1)
                ?? (key as ECDsa)?.VerifyData(data, signature, hash, DSASignatureFormat.Rfc3279DerSequence) ?? false;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static HashAlgorithmName? HashOf(string oid) => oid switch
    {
        "1.2.840.113549.1.1.4" => HashAlgorithmName.MD5,
        "1.2.840.113549.1.1.5" or "1.2.840.10045.4.1" or "1.3.14.3.2.29" or "1.3.14.3.2.26" => HashAlgorithmName.SHA1,
        "1.2.840.113549.1.1.11" or "1.2.840.10045.4.3.2" or "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
        "1.2.840.113549.1.1.12" or "1.2.840.10045.4.3.3" or "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
        "1.2.840.113549.1.1.13" or "1.2.840.10045.4.3.4" or "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
        _ => null,
    };

    /// <summary>RSASSA-PSS-params: [0] the hash, SHA-1 where it is left out (RFC 4055 section 3.1).</summary>
    private static HashAlgorithmName? PssHash(AsnReader reader)
    {
        Asn1Tag hash = new(TagClass.ContextSpecific, 0, isConstructed: true);
        AsnReader? parameters = reader.HasData ? reader.ReadSequence() : null;
        return parameters?.HasData == true && parameters.PeekTag() == hash ? HashOf(parameters.ReadSequence(hash).ReadSequence().ReadObjectIdentifier()) : HashAlgorithmName.SHA1;
    }
}

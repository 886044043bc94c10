using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates.Tests.Status;

/// <summary>An authority of a test, which issues what is asked of it, good or not.</summary>
internal sealed class TestAuthority
{
    public static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private static int _serial;

    private readonly ECDsa _key;

    private TestAuthority(X509Certificate2 certificate, ECDsa key) => (Certificate, _key) = (certificate, key);

    public X509Certificate2 Certificate { get; }

    public static TestAuthority Root(string name = "Root")
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new TestAuthority(Request($"CN={name}", key, isAuthority: true, null).CreateSelfSigned(Now.AddYears(-1), Now.AddYears(10)), key);
    }

    /// <param name="pathLength">Authorities below it; null: any number.</param>
    /// <param name="extensions">In place of none.</param>
    public TestAuthority Below(string name, int? pathLength = null, DateTimeOffset? end = null, params X509Extension[] extensions)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new TestAuthority(Sign(With(Request($"CN={name}", key, isAuthority: true, pathLength), extensions), null, end ?? Now.AddYears(5)), key);
    }

    /// <summary>The same name and key, issued by another one.</summary>
    public X509Certificate2 CrossSign(TestAuthority other) => Sign(Request(other.Certificate.SubjectName.Name, other._key, isAuthority: true, null), null, Now.AddYears(5));

    public X509Certificate2 Issue(
        string host, DateTimeOffset? begin = null, DateTimeOffset? end = null, string usage = "1.3.6.1.5.5.7.3.1", AsymmetricAlgorithm? key = null, HashAlgorithmName? hash = null)
    {
        using ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(host);
        CertificateRequest request = key is RSA rsa ? new CertificateRequest($"CN={host}", rsa, hash ?? HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={host}", (ECDsa?)key ?? own, hash ?? HashAlgorithmName.SHA256);
        return Sign(With(request, names.Build(), new X509BasicConstraintsExtension(false, false, 0, true), new X509EnhancedKeyUsageExtension([new Oid(usage)], false)), begin, end);
    }

    public byte[] Revoke(DateTimeOffset? next = null, params X509Certificate2[] revoked)
    {
        CertificateRevocationListBuilder list = new();
        foreach (X509Certificate2 one in revoked)
        {
            list.AddEntry(one.SerialNumberBytes.Span, Now.AddDays(-2), X509RevocationReason.KeyCompromise);
        }

        return list.Build(Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), BigInteger.One, next ?? Now.AddDays(7), HashAlgorithmName.SHA256,
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false), Now.AddDays(-3));
    }

    /// <summary>Name constraints: DNS names below <paramref name="domain"/> only (RFC 5280 section 4.2.1.10).</summary>
    public static X509Extension OnlyBelow(string domain)
    {
        System.Formats.Asn1.AsnWriter writer = new(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 0)))
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(System.Formats.Asn1.UniversalTagNumber.IA5String, domain, new System.Formats.Asn1.Asn1Tag(System.Formats.Asn1.TagClass.ContextSpecific, 2));
        }

        return new X509Extension("2.5.29.30", writer.Encode(), critical: true);
    }

    private static CertificateRequest Request(string subject, ECDsa key, bool isAuthority, int? pathLength)
    {
        CertificateRequest request = new(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, pathLength is not null, pathLength ?? 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request;
    }

    private static CertificateRequest With(CertificateRequest request, params X509Extension[] extensions)
    {
        foreach (X509Extension one in extensions)
        {
            request.CertificateExtensions.Add(one);
        }

        return request;
    }

    private X509Certificate2 Sign(CertificateRequest request, DateTimeOffset? begin, DateTimeOffset? end)
    {
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        return request.Create(
            Certificate.SubjectName, request.HashAlgorithm == HashAlgorithmName.SHA1 ? new Sha1Generator(_key) : X509SignatureGenerator.CreateForECDsa(_key), begin ?? Now.AddDays(-30), end ?? Now.AddDays(60), BitConverter.GetBytes(Interlocked.Increment(ref _serial) | 0x4000_0000));
    }

    /// <summary>ecdsa-with-SHA1, which the platform no longer makes.</summary>
    private sealed class Sha1Generator(ECDsa key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm) => Convert.FromHexString("300906072A8648CE3D0401");

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.SignData(data, HashAlgorithmName.SHA1, DSASignatureFormat.Rfc3279DerSequence);

        protected override PublicKey BuildPublicKey() => new(key);
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postern.Certificates.Tests.Formats;

/// <summary>An authority that renewed under the same name with another key: only signatures tell.</summary>
public sealed class SameNameIssuersTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_issuer_whose_key_signed_is_in_the_chain(bool oldFirst)
    {
        using ECDsa oldKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa newKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 former = Authority(oldKey);
        using X509Certificate2 current = Authority(newKey);
        using X509Certificate2 leaf = new CertificateRequest("CN=mail.example.com", leafKey, HashAlgorithmName.SHA256).Create(
            current.SubjectName, X509SignatureGenerator.CreateForECDsa(newKey), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(5), [1, 2, 3]);
        X509Certificate2[] issuers = oldFirst ? [former, current] : [current, former];
        byte[] pem = Encoding.ASCII.GetBytes(string.Concat(((X509Certificate2[])[leaf, .. issuers]).Select(one => one.ExportCertificatePem() + "\n")));

        using CertificateBundle bundle = CertificateFileReader.ReadBundle(pem, null, "chain.pem", out IReadOnlyList<string> notes);

        Assert.Equal(current.Thumbprint, Assert.Single(bundle.Chain).Thumbprint);
        Assert.Contains(former.Thumbprint, Assert.Single(notes), StringComparison.Ordinal);
    }

    private static X509Certificate2 Authority(ECDsa key)
    {
        CertificateRequest root = new("CN=Example Issuing", key, HashAlgorithmName.SHA256);
        root.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return root.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(90));
    }
}

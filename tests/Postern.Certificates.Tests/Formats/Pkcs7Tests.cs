using System.Text;
using Postern.Testing;

namespace Postern.Certificates.Tests.Formats;

[Trait("RFC", "2315")]
public sealed class Pkcs7Tests
{
    [SkippableTheory]
    [InlineData("PEM")]
    [InlineData("DER")]
    public async Task OpenSsl_and_Postern_read_each_others(string form)
    {
        Peers.Require("openssl");
        using TestBundle samples = TestBundle.Ec();
        using TestFolder folder = new();
        samples.Save(folder);
        await TestBundle.OpenSslAsync("crl2pkcs7", "-nocrl", "-certfile", folder["chain.pem"], "-certfile", folder["leaf.pem"], "-outform", form, "-out", folder["theirs.p7b"]);
        await File.WriteAllBytesAsync(folder["ours.p7b"], CertificateFileWriter.Pkcs7(samples.Bundle, form == "PEM"));
        await TestBundle.OpenSslAsync("pkcs7", "-print_certs", "-inform", form, "-in", folder["ours.p7b"], "-out", folder["certs.pem"]);

        foreach (string file in (string[])["theirs.p7b", "ours.p7b", "certs.pem"])
        {
            using CertificateBundle bundle = CertificateFileReader.ReadBundle(await File.ReadAllBytesAsync(folder[file]), null, file, out _);
            Assert.Equal(samples.Leaf.Thumbprint, bundle.Certificate.Thumbprint);
            Assert.False(bundle.Certificate.HasPrivateKey);
            Assert.Equal([samples.Issuer.Thumbprint, samples.Root.Thumbprint], bundle.Chain.Select(one => one.Thumbprint));
        }
    }

    [Fact]
    public void It_may_stand_under_the_name_of_a_certificate_or_as_bare_Base64()
    {
        using TestBundle samples = TestBundle.Ec();
        string pem = Encoding.ASCII.GetString(CertificateFileWriter.Pkcs7(samples.Bundle, asPem: true));
        string renamed = pem.Replace("PKCS7", "CERTIFICATE", StringComparison.Ordinal);
        string bare = string.Join("\r\n", pem.Split('\n')[1..^2]);
        foreach ((string text, CertificateFileFormat format) in ((string, CertificateFileFormat)[])[(renamed, CertificateFileFormat.Pem), (bare, CertificateFileFormat.Base64)])
        {
            using CertificateFileContent content = CertificateFileReader.Read(Encoding.ASCII.GetBytes(text), null, "answer.cer");
            Assert.Equal(format, content.Format);
            Assert.Equal(((string[])[samples.Leaf.Thumbprint, samples.Issuer.Thumbprint, samples.Root.Thumbprint]).Order(), content.Certificates.Select(one => one.Certificate.Thumbprint).Order());
        }
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Testing;

namespace Postern.Certificates.Tests.Issuing;

public sealed class SigningRequestTests
{
    [SkippableTheory]
    [Trait("RFC", "2986")]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    [InlineData(KeyAlgorithm.Rsa3072)]
    public async Task OpenSSL_reads_the_request_and_its_names(KeyAlgorithm algorithm)
    {
        Peers.Require("openssl");
        using TestFolder folder = new();
        using AsymmetricAlgorithm key = NewKey.Make(algorithm);
        byte[] request = SigningRequest.Create(CertificateSubject.Parse("C=DE, O=Bücher GmbH, CN=mail.example.com"), CertificateNames.Read(["mail.example.com", "*.example.org", "bücher.example"]), key);
        await File.WriteAllTextAsync(folder["mail.csr"], PemEncoding.WriteString(SigningRequest.Label, request));

        string text = (await ChildProcess.RunAsync("openssl", ["req", "-in", folder["mail.csr"], "-verify", "-noout", "-text", "-nameopt", "utf8,sep_comma_plus"])).MustSucceed().Output;

        Assert.Contains("DNS:mail.example.com, DNS:*.example.org, DNS:xn--bcher-kva.example", text, StringComparison.Ordinal);
        Assert.Contains("O=Bücher GmbH", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_subject_keeps_its_order_and_needs_a_common_name()
    {
        X500DistinguishedName name = CertificateSubject.Parse("C=DE,O=Example,CN=mail.example.com");

        Assert.Equal("mail.example.com", CertificateSubject.CommonName(name));
        Assert.Equal("CN=mail.example.com, O=Example, C=DE", new X500DistinguishedName(name.RawData).Decode(X500DistinguishedNameFlags.Reversed | X500DistinguishedNameFlags.UseCommas));
        Assert.Throws<ArgumentException>(() => CertificateSubject.Parse("O=Example"));
        Assert.Throws<ArgumentException>(() => CertificateSubject.Parse("mail.example.com"));
        Assert.Throws<ArgumentException>(() => CertificateSubject.Parse("CN=" + new string('a', CertificateSubject.MaxLength)));
    }

    [Theory]
    [InlineData("MAIL.Example.com.", "mail.example.com")]
    [InlineData("*.example.com", "*.example.com")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("::1", "::1")]
    public void Names_are_read_as_they_stand_in_certificates(string text, string expected)
    {
        Assert.True(CertificateNames.TryRead(text, out string? name, out _));
        Assert.Equal(expected, name);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("a.*.example.com")]
    [InlineData("mail_1.example.com")]
    [InlineData("two words")]
    public void What_no_certificate_may_name_is_refused(string text) => Assert.False(CertificateNames.TryRead(text, out _, out _));

    [Fact]
    public void Names_of_the_limits_are_taken_and_one_more_refused()
    {
        string[] most = [.. Enumerable.Range(0, CertificateNames.MaxNames).Select(i => $"m{i}.example.com")];

        Assert.Equal(most, CertificateNames.Read([.. most, most[0]]));
        Assert.Throws<ArgumentException>(() => CertificateNames.Read([.. most, "one.more.example.com"]));
        Assert.False(CertificateNames.TryRead(string.Join('.', Enumerable.Repeat(new string('a', 63), 4)) + ".b", out _, out _));
    }
}

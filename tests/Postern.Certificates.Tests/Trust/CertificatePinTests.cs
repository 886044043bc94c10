using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates.Tests.Trust;

public class CertificatePinTests
{
    private static X509Certificate2 Make() => SelfSignedCertificate.Create(
        new SelfSignedRequest("edge1", ["edge1"], KeyAlgorithm.EcdsaP256, TimeSpan.FromDays(1)), TimeProvider.System);

    [Fact]
    public void Pin_matches_exactly_its_certificate()
    {
        using X509Certificate2 one = Make();
        using X509Certificate2 other = Make();

        CertificatePin pin = CertificatePin.Of(one.RawData);

        Assert.True(pin.Matches(one));
        Assert.False(pin.Matches(other));
    }

    [Fact]
    public void Pin_covers_the_whole_certificate_not_just_the_key()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=edge1", key, HashAlgorithmName.SHA256);
        using X509Certificate2 first = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1));
        using X509Certificate2 renewed = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(2));

        Assert.False(CertificatePin.Of(first).Matches(renewed));
    }

    [Fact]
    public void Pin_is_the_fingerprint_that_openssl_prints()
    {
        using X509Certificate2 certificate = Make();
        CertificatePin pin = CertificatePin.Of(certificate);
        string colons = string.Join(':', certificate.GetCertHashString(HashAlgorithmName.SHA256).Chunk(2).Select(pair => new string(pair)));

        Assert.Equal(certificate.GetCertHashString(HashAlgorithmName.SHA256), pin.ToString(), ignoreCase: true);
        Assert.Equal(pin, CertificatePin.Parse(colons));
        Assert.Equal(pin.GetHashCode(), CertificatePin.Parse(pin.ToString()).GetHashCode());
        Assert.Equal(SHA256.HashData(certificate.RawData), pin.Sha256.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("zz00000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("00000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("000000000000000000000000000000000000000000000000000000000000000000")]
    public void Pin_parse_refuses_what_is_no_fingerprint(string text) => Assert.Throws<FormatException>(() => CertificatePin.Parse(text));
}

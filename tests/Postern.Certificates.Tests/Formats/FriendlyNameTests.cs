namespace Postern.Certificates.Tests.Formats;

public sealed class FriendlyNameTests
{
    [Fact]
    public void A_name_that_no_Pkcs12_file_can_have_is_refused_with_a_hint()
    {
        using TestBundle samples = TestBundle.Ec();
        CertificateBundle named = new(samples.Leaf, []) { FriendlyName = "mail \U0001F4E7" };

        CertificateFormatException refused = Assert.Throws<CertificateFormatException>(() => CertificateFileWriter.Pkcs12(named, "secret", Pkcs12Profile.Modern));

        Assert.Equal("unsupportedName", refused.Code);
        Assert.NotEmpty(refused.Hint);
    }
}

using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postern.Certificates.Tests.Sealing;

[Trait("RFC", "5652")]
[Trait("RFC", "5083")]
[Trait("RFC", "5084")]
[Trait("RFC", "4055")]
[Trait("RFC", "3560")]
[Trait("RFC", "5753")]
[Trait("RFC", "3394")]
[Trait("RFC", "3211")]
[Trait("RFC", "8018")]
public sealed class SealedDataTests
{
    private static readonly byte[] Content = Encoding.UTF8.GetBytes("what nobody else may read");

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    [InlineData(KeyAlgorithm.EcdsaP384)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    public void Sealed_content_opens_with_the_owners_key_only(KeyAlgorithm algorithm)
    {
        using X509Certificate2 owner = Make(algorithm);
        using X509Certificate2 other = Make(algorithm);
        byte[] sealedContent = SealedData.Seal(Content, owner);
        Assert.Equal(Content, SealedData.Open(sealedContent, [other, owner]));
        SealingException e = Assert.Throws<SealingException>(() => SealedData.Open(sealedContent, [other]));
        Assert.Equal(SealingFault.ForOthers, e.Fault);
        Assert.Contains("CN=node", e.Message, StringComparison.Ordinal);
        Assert.NotEqual(sealedContent, SealedData.Seal(Content, owner));
    }

    [Fact]
    public void Sealed_content_opens_with_the_passphrase_only()
    {
        byte[] sealedContent = SealedData.Seal(Content, "correct horse");
        Assert.Equal(Content, SealedData.Open(sealedContent, "correct horse"));
        Assert.Equal(SealingFault.WrongPassphrase, Assert.Throws<SealingException>(() => SealedData.Open(sealedContent, "correct house")).Fault);
        using X509Certificate2 other = Make(KeyAlgorithm.EcdsaP256);
        Assert.Equal(SealingFault.ForOthers, Assert.Throws<SealingException>(() => SealedData.Open(sealedContent, [other])).Fault);
    }

    private static X509Certificate2 Make(KeyAlgorithm algorithm) =>
        SelfSignedCertificate.Create(new SelfSignedRequest("node", ["node.example.net"], algorithm, TimeSpan.FromDays(30)), TimeProvider.System);
}

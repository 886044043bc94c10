using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates.Tests.Sealing;

/// <summary>Sealed octets that were cut, changed or forged: refused with a reason, and nothing else happens.</summary>
public sealed class HostileSealTests
{
    private static readonly byte[] Content = "ESRA.edge.hub1.0 and its password"u8.ToArray();

    private static X509Certificate2 Make(KeyAlgorithm algorithm, string name = "hub1") => SelfSignedCertificate.Create(
        new SelfSignedRequest(name, [name], algorithm, TimeSpan.FromDays(1)), TimeProvider.System);

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    [Trait("RFC", "5083")]
    public void What_is_cut_at_any_octet_is_damaged(KeyAlgorithm algorithm)
    {
        using X509Certificate2 certificate = Make(algorithm);
        byte[] sealedContent = SealedData.Seal(Content, certificate);

        for (int length = 0; length < sealedContent.Length; length++)
        {
            Assert.Equal(SealingFault.Damaged, FaultOf(() => SealedData.Open(sealedContent.AsSpan(0, length), [certificate])));
        }

        Assert.Equal(SealingFault.Damaged, FaultOf(() => SealedData.Open([.. sealedContent, 0], [certificate])));
    }

    [Fact]
    public void Passphrase_form_that_is_cut_at_any_octet_is_damaged()
    {
        byte[] sealedContent = SealedData.Seal(Content, "passphrase");

        for (int length = 0; length < sealedContent.Length; length++)
        {
            Assert.Equal(SealingFault.Damaged, FaultOf(() => SealedData.Open(sealedContent.AsSpan(0, length), "passphrase")));
        }
    }

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    public void Changed_octet_gives_the_same_content_or_a_reason(KeyAlgorithm algorithm)
    {
        using X509Certificate2 certificate = Make(algorithm);
        byte[] sealedContent = SealedData.Seal(Content, certificate);
        int opened = 0;

        for (int at = 0; at < sealedContent.Length; at++)
        {
            foreach (int change in (int[])[1, 0x20, 0x80, 0xFF])
            {
                byte[] changed = [.. sealedContent];
                changed[at] ^= (byte)change;
                try
                {
                    Assert.Equal(Content, SealedData.Open(changed, [certificate]));
                    opened++;
                }
                catch (SealingException)
                {
                }
            }
        }

        // Versions, the type of content and what is said of the sender's key twice are not authenticated; nothing follows from them. Content and keys are.
        Assert.InRange(opened, 0, sealedContent.Length * 4 / 8);
    }

    [Fact]
    public void Recipient_with_an_unreadable_name_is_refused_with_a_reason()
    {
        using X509Certificate2 certificate = Make(KeyAlgorithm.EcdsaP256, "aaaaaaaa");
        using X509Certificate2 other = Make(KeyAlgorithm.EcdsaP256);
        byte[] sealedContent = SealedData.Seal(Content, certificate);

        // The name's value becomes a kind of string that no name has.
        int at = sealedContent.AsSpan().IndexOf("aaaaaaaa"u8);
        sealedContent[at - 2] = 0x02;

        Assert.Equal(SealingFault.ForOthers, FaultOf(() => SealedData.Open(sealedContent, [other])));
        Assert.Single(SealedData.Recipients(sealedContent));
    }

    [Fact]
    public void Point_off_the_curve_draws_nothing_out()
    {
        using X509Certificate2 certificate = Make(KeyAlgorithm.EcdsaP256);
        byte[] sealedContent = SealedData.Seal(Content, certificate);

        // An uncompressed point of P-256 as BIT STRING: 03 42 00 04 and 64 octets (SEC 1 section 2.3.3).
        int at = sealedContent.AsSpan().IndexOf((byte[])[0x03, 0x42, 0x00, 0x04]);
        sealedContent[at + 4 + 63] ^= 1;

        Assert.Equal(SealingFault.Damaged, FaultOf(() => SealedData.Open(sealedContent, [certificate])));
    }

    [Fact]
    public void Passphrase_rounds_beyond_the_limit_are_not_begun()
    {
        byte[] sealedContent = SealedData.Seal(Content, "passphrase");

        // 600,000 is the INTEGER 02 03 09 27 C0; 4,000,001 is one more than the limit.
        int at = sealedContent.AsSpan().IndexOf((byte[])[0x02, 0x03, 0x09, 0x27, 0xC0]);
        ((byte[])[0x3D, 0x09, 0x01]).CopyTo(sealedContent, at + 2);

        Assert.Equal(SealingFault.UnknownAlgorithm, FaultOf(() => SealedData.Open(sealedContent, "passphrase")));
    }

    [Fact]
    public void More_recipients_than_are_looked_at_are_refused()
    {
        AsnWriter writer = new(AsnEncodingRules.BER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.9.16.1.23");
            using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
            using (writer.PushSequence())
            {
                writer.WriteInteger(0);
                using (writer.PushSetOf())
                {
                    for (int i = 0; i < 65; i++)
                    {
                        writer.WriteNull(new Asn1Tag(TagClass.ContextSpecific, 4));
                    }
                }
            }
        }

        Assert.Equal(SealingFault.Damaged, FaultOf(() => SealedData.Recipients(writer.Encode())));
    }

    [Fact]
    public void Certificate_from_before_key_agreement_was_said_still_opens()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=old", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        using X509Certificate2 old = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));

        Assert.Equal(Content, SealedData.Open(SealedData.Seal(Content, old), [old]));
    }

    [Fact]
    public void Public_half_seals_and_does_not_open()
    {
        using X509Certificate2 whole = Make(KeyAlgorithm.Rsa2048);
        using X509Certificate2 half = X509CertificateLoader.LoadCertificate(whole.RawData);

        byte[] sealedContent = SealedData.Seal(Content, half);

        Assert.Equal(SealingFault.ForOthers, FaultOf(() => SealedData.Open(sealedContent, [half])));
        Assert.Equal(Content, SealedData.Open(sealedContent, [whole]));
    }

    [Fact]
    public void Neither_key_opens_what_is_for_the_other()
    {
        using X509Certificate2 certificate = Make(KeyAlgorithm.EcdsaP256);

        Assert.Equal(SealingFault.ForOthers, FaultOf(() => SealedData.Open(SealedData.Seal(Content, certificate), "passphrase")));
        Assert.Equal(SealingFault.ForOthers, FaultOf(() => SealedData.Open(SealedData.Seal(Content, "passphrase"), [certificate])));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    public void Content_of_any_length_comes_back_and_is_never_sealed_the_same(int length)
    {
        byte[] content = RandomNumberGenerator.GetBytes(length);
        using X509Certificate2 certificate = Make(KeyAlgorithm.EcdsaP256);
        byte[] sealedContent = SealedData.Seal(content, certificate);

        Assert.Equal(content, SealedData.Open(sealedContent, [certificate]));
        Assert.NotEqual(sealedContent, SealedData.Seal(content, certificate));
    }

    private static SealingFault FaultOf(Action open) => Assert.Throws<SealingException>(open).Fault;
}

using System.Security.Cryptography.X509Certificates;
using Postern.Testing;

namespace Postern.Certificates.Tests.Sealing;

/// <summary>What is sealed here, OpenSSL opens, and the other way round.</summary>
public sealed class OpenSslTests
{
    private static readonly byte[] Content = "between two implementations"u8.ToArray();

    public static TheoryData<KeyAlgorithm> Algorithms => [.. Enum.GetValues<KeyAlgorithm>()];

    [SkippableTheory]
    [MemberData(nameof(Algorithms))]
    [Trait("RFC", "3560")]
    [Trait("RFC", "4055")]
    [Trait("RFC", "5753")]
    [Trait("RFC", "5084")]
    public async Task OpenSsl_opens_what_is_sealed_for_a_certificate(KeyAlgorithm algorithm)
    {
        Peers.Require("openssl");
        using TestFolder folder = new();
        using X509Certificate2 certificate = Save(folder, algorithm);
        await File.WriteAllBytesAsync(folder["sealed"], SealedData.Seal(Content, certificate));

        await RunAsync("cms", "-decrypt", "-inform", "DER", "-binary", "-in", folder["sealed"], "-out", folder["opened"], "-recip", folder["crt.pem"], "-inkey", folder["key.pem"]);

        Assert.Equal(Content, await File.ReadAllBytesAsync(folder["opened"]));
    }

    [SkippableTheory]
    [MemberData(nameof(Algorithms))]
    [Trait("RFC", "5083")]
    public async Task What_OpenSsl_sealed_for_a_certificate_is_opened(KeyAlgorithm algorithm)
    {
        Peers.Require("openssl");
        using TestFolder folder = new();
        using X509Certificate2 certificate = Save(folder, algorithm);
        await File.WriteAllBytesAsync(folder["content"], Content);
        bool isRsa = algorithm.ToString().StartsWith("Rsa", StringComparison.Ordinal);
        string[] method = isRsa ? ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"] : ["-keyopt", "ecdh_kdf_md:sha256"];

        // With and without streaming: in BER of unknown length, and in DER; named by issuer or by key.
        foreach (string[] form in (string[][])[["-stream"], ["-nostream"], ["-keyid"]])
        {
            string[] streaming = form[0] == "-nostream" ? [] : form;
            await RunAsync(
                ["cms", "-encrypt", "-aes-256-gcm", "-outform", "DER", "-binary", "-in", folder["content"], "-out", folder["sealed"], .. streaming, "-recip", folder["crt.pem"], .. method]);

            Assert.Equal(Content, SealedData.Open(await File.ReadAllBytesAsync(folder["sealed"]), [certificate]));
        }
    }

    [SkippableFact]
    public async Task What_is_sealed_too_weakly_is_refused_by_name()
    {
        Peers.Require("openssl");
        using TestFolder folder = new();
        using X509Certificate2 certificate = Save(folder, KeyAlgorithm.Rsa2048);
        await File.WriteAllBytesAsync(folder["content"], Content);
        string[][] weak =
        [
            ["-aes-256-gcm"],
            ["-aes-256-cbc", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"],
            ["-aes-128-gcm", "-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"],
        ];
        foreach (string[] method in weak)
        {
            await RunAsync(["cms", "-encrypt", method[0], "-outform", "DER", "-binary", "-in", folder["content"], "-out", folder["sealed"], "-recip", folder["crt.pem"], .. method[1..]]);

            byte[] sealedData = await File.ReadAllBytesAsync(folder["sealed"]);
            Assert.Equal(SealingFault.UnknownAlgorithm, Assert.Throws<SealingException>(() => SealedData.Open(sealedData, [certificate])).Fault);
        }
    }

    [SkippableFact]
    [Trait("RFC", "3211")]
    [Trait("RFC", "8018")]
    public async Task OpenSsl_opens_what_is_sealed_with_a_passphrase()
    {
        Peers.Require("openssl");
        using TestFolder folder = new();
        await File.WriteAllBytesAsync(folder["sealed"], SealedData.Seal(Content, "a long passphrase"));

        await RunAsync("cms", "-decrypt", "-inform", "DER", "-binary", "-in", folder["sealed"], "-out", folder["opened"], "-pwri_password", "a long passphrase");

        Assert.Equal(Content, await File.ReadAllBytesAsync(folder["opened"]));
    }

    private static X509Certificate2 Save(TestFolder folder, KeyAlgorithm algorithm)
    {
        X509Certificate2 certificate = SelfSignedCertificate.Create(
            new SelfSignedRequest("hub1", ["hub1"], algorithm, TimeSpan.FromDays(1)), TimeProvider.System);
        File.WriteAllText(folder["crt.pem"], certificate.ExportCertificatePem());
        File.WriteAllText(folder["key.pem"], certificate.GetRSAPrivateKey()?.ExportPkcs8PrivateKeyPem() ?? certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return certificate;
    }

    private static async Task RunAsync(params string[] arguments)
    {
        CommandResult result = await ChildProcess.RunAsync("openssl", arguments);
        Assert.True(result.ExitCode == 0, result.Error);
    }
}

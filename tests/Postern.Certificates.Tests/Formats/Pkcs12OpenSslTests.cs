using System.Security.Cryptography.X509Certificates;
using Postern.Testing;

namespace Postern.Certificates.Tests.Formats;

/// <summary>PKCS #12 between OpenSSL, .NET and Postern, both ways.</summary>
[Trait("RFC", "7292")]
public sealed class Pkcs12OpenSslTests
{
    private const string Password = "pässword 1";

    public static TheoryData<string, string> Protections => new()
    {
        { "", "PBES2 (PBKDF2-HMAC-SHA256, AES-256-CBC), 2048 iterations" },
        { "-certpbe AES-128-CBC -keypbe AES-128-CBC -macalg sha512 -iter 10000", "PBES2 (PBKDF2-HMAC-SHA256, AES-128-CBC), 10000 iterations" },
        { "-certpbe AES-192-CBC -keypbe AES-192-CBC -macalg sha384 -iter 1", "PBES2 (PBKDF2-HMAC-SHA256, AES-192-CBC), 1 iterations" },
        { "-legacy", "pbeWithSHA1And40BitRC2-CBC, 2048 iterations" },
        { "-legacy -certpbe PBE-SHA1-RC2-128 -keypbe PBE-SHA1-RC2-128", "pbeWithSHA1And128BitRC2-CBC, 2048 iterations" },
        { "-legacy -certpbe PBE-SHA1-2DES -keypbe PBE-SHA1-2DES", "pbeWithSHA1And2-KeyTripleDES-CBC, 2048 iterations" },
        { "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1", "pbeWithSHA1And3-KeyTripleDES-CBC, 2048 iterations" },
        { "-nomac", "PBES2 (PBKDF2-HMAC-SHA256, AES-256-CBC), 2048 iterations" },
    };

    [SkippableTheory]
    [MemberData(nameof(Protections))]
    public async Task What_OpenSsl_exports_is_read(string options, string protection)
    {
        Peers.Require("openssl");
        foreach (TestBundle one in (TestBundle[])[TestBundle.Rsa(), TestBundle.Ec()])
        {
            using TestBundle samples = one;
            using TestFolder folder = new();
            samples.Save(folder);
            await TestBundle.OpenSslAsync(
                ["pkcs12", "-export", "-in", folder["leaf.pem"], "-inkey", folder["key.pem"], "-certfile", folder["chain.pem"], "-out", folder["out.pfx"],
                    "-passout", $"pass:{Password}", "-name", "my mail", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
            byte[] pfx = await File.ReadAllBytesAsync(folder["out.pfx"]);

            using CertificateFileContent content = CertificateFileReader.Read(pfx, Password, "out.pfx");
            using CertificateBundle bundle = CertificateBundling.Make([content], null, out _);

            samples.MustBe(bundle);
            Assert.Equal("my mail", bundle.FriendlyName);
            Assert.Equal(CertificateFileFormat.Pkcs12, content.Format);
            Assert.Contains(protection, content.Protection!.Encryption);
            Assert.Equal(options.Contains("nomac", StringComparison.Ordinal), content.Protection.Mac is null);
            Assert.Equal("wrongPassword", Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(pfx, "other", "out.pfx")).Code);
            Assert.Equal("passwordNeeded", Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(pfx, null, "out.pfx")).Code);
        }
    }

    [SkippableTheory]
    [InlineData("-certpbe NONE -keypbe NONE", "")]
    [InlineData("-certpbe NONE -keypbe NONE -nomac", "")]
    [InlineData("", "")]
    [InlineData("-nomac", "")]
    public async Task No_password_and_the_empty_one_open_the_same_files(string options, string password)
    {
        Peers.Require("openssl");
        using TestBundle samples = TestBundle.Ec();
        using TestFolder folder = new();
        samples.Save(folder);
        await TestBundle.OpenSslAsync(
            ["pkcs12", "-export", "-in", folder["leaf.pem"], "-inkey", folder["key.pem"], "-certfile", folder["chain.pem"], "-out", folder["out.pfx"],
                "-passout", $"pass:{password}", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        byte[] pfx = await File.ReadAllBytesAsync(folder["out.pfx"]);

        foreach (string? tried in (string?[])[null, ""])
        {
            using CertificateBundle bundle = CertificateFileReader.ReadBundle(pfx, tried, "out.pfx", out _);
            samples.MustBe(bundle);
        }
    }

    [Fact]
    public void What_NET_exports_with_no_password_is_read()
    {
        using TestBundle samples = TestBundle.Ec();
        foreach (string? written in (string?[])[null, ""])
        {
            byte[] pfx = new X509Certificate2Collection { samples.Leaf, Public(samples.Issuer), Public(samples.Root) }.Export(X509ContentType.Pkcs12, written)!;
            foreach (string? tried in (string?[])[null, ""])
            {
                using CertificateBundle bundle = CertificateFileReader.ReadBundle(pfx, tried, "out.pfx", out _);
                samples.MustBe(bundle);
            }
        }
    }

    [SkippableTheory]
    [InlineData(Pkcs12Profile.Modern, "PBES2, PBKDF2, AES-256-CBC", "sha256")]
    [InlineData(Pkcs12Profile.Legacy, "pbeWithSHA1And3-KeyTripleDES-CBC", "sha1")]
    public async Task OpenSsl_and_NET_read_what_is_written(Pkcs12Profile profile, string protection, string mac)
    {
        Peers.Require("openssl");
        foreach (TestBundle one in (TestBundle[])[TestBundle.Rsa(), TestBundle.Ec()])
        {
            using TestBundle samples = one;
            using TestFolder folder = new();
            byte[] pfx = CertificateFileWriter.Pkcs12(samples.Bundle, Password, profile);
            await File.WriteAllBytesAsync(folder["in.pfx"], pfx);

            CommandResult info = await ChildProcess.RunAsync("openssl", ["pkcs12", "-info", "-in", folder["in.pfx"], "-passin", $"pass:{Password}", "-nodes", "-out", folder["out.pem"]]);
            Assert.True(info.ExitCode == 0, info.Error);
            Assert.Contains($"MAC: {mac}", info.Error, StringComparison.Ordinal);
            Assert.Equal(2, info.Error.Split(protection).Length - 1);
            using CertificateBundle again = CertificateFileReader.ReadBundle(await File.ReadAllBytesAsync(folder["out.pem"]), null, "out.pem", out _);
            samples.MustBe(again);

            using X509Certificate2 platform = X509CertificateLoader.LoadPkcs12(pfx, Password);
            Assert.Equal(samples.Leaf.Thumbprint, platform.Thumbprint);
            Assert.True(platform.HasPrivateKey);

            using CertificateBundle own = CertificateFileReader.ReadBundle(pfx, Password, "in.pfx", out IReadOnlyList<string> notes);
            samples.MustBe(own);
            Assert.Equal(samples.Bundle.FriendlyName, own.FriendlyName);
            Assert.Empty(notes);
        }
    }

    private static X509Certificate2 Public(X509Certificate2 certificate) => X509CertificateLoader.LoadCertificate(certificate.RawData);
}

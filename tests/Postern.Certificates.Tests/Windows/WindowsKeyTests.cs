using Postern.Certificates.Tests.Formats;
using Postern.Testing;

namespace Postern.Certificates.Tests.Windows;

/// <summary>PKCS #12 as Windows writes it: with the provider beside the key (fact sheet 7.8).</summary>
public sealed class WindowsKeyTests
{
    private const string Password = "secret";

    [SkippableTheory]
    [InlineData("Microsoft Software Key Storage Provider", "-keyex", WindowsKeyInterface.Cng, 1, WindowsKeyUse.Refused)]
    [InlineData("Microsoft Platform Crypto Provider", "", WindowsKeyInterface.Cng, null, WindowsKeyUse.Refused)]
    [InlineData("Microsoft RSA SChannel Cryptographic Provider", "-keyex", WindowsKeyInterface.Capi1, 1, WindowsKeyUse.Usable)]
    [InlineData("Microsoft Enhanced RSA and AES Cryptographic Provider", "", WindowsKeyInterface.Capi1, null, WindowsKeyUse.Usable)]
    [InlineData("Microsoft Strong Cryptographic Provider", "-keysig", WindowsKeyInterface.Capi1, 2, WindowsKeyUse.Refused)]
    [InlineData("Vendor Crypto Provider", "", WindowsKeyInterface.Unknown, null, WindowsKeyUse.Unknown)]
    [InlineData("", "", WindowsKeyInterface.Unknown, null, WindowsKeyUse.Usable)]
    public async Task Provider_and_key_specification_are_read_and_judged(string provider, string keySpec, WindowsKeyInterface kind, int? number, WindowsKeyUse use)
    {
        Peers.Require("openssl");
        using TestBundle samples = TestBundle.Rsa();
        PrivateKeyEntry key = await ExportAsync(samples, [.. provider.Length > 0 ? (string[])["-CSP", provider, "-LMK"] : [], .. keySpec.Length > 0 ? (string[])[keySpec] : []]);

        Assert.Equal(provider.Length > 0 ? provider : null, key.Windows.ProviderName);
        Assert.Equal(provider.Length > 0, key.Windows.IsMachineKeySet);
        Assert.Equal(number, key.Windows.KeySpec);
        Assert.Equal(kind, WindowsKeyProvider.Classify(key.Windows.ProviderName, null));
        Assert.Equal(use, WindowsKeyVerdict.OfFile(key.Algorithm, key.Windows).Use);
    }

    [SkippableFact]
    public async Task A_key_of_an_elliptic_curve_is_refused_and_cannot_be_converted()
    {
        Peers.Require("openssl");
        using TestBundle samples = TestBundle.Ec();
        PrivateKeyEntry key = await ExportAsync(samples, []);

        WindowsKeyVerdict verdict = WindowsKeyVerdict.OfFile(key.Algorithm, key.Windows);

        Assert.Equal((WindowsKeyUse.Refused, false), (verdict.Use, verdict.CanConvert));
        using CertificateFileContent content = CertificateFileReader.Read(CertificateFileWriter.Pkcs12(samples.Bundle, Password, Pkcs12Profile.Modern), Password, "ec.pfx");
        CertificateFormatException refusal = Assert.Throws<CertificateFormatException>(
            () => WindowsKeyConversion.Convert(content, WindowsKeyInterface.Capi1, Password, Pkcs12Profile.Modern, out _));
        Assert.Equal("cannotConvert", refusal.Code);
        Assert.NotEmpty(WindowsKeyConversion.Convert(content, WindowsKeyInterface.Cng, Password, Pkcs12Profile.Modern, out _));
    }

    [SkippableTheory]
    [InlineData(WindowsKeyInterface.Capi1, Pkcs12Profile.Modern, "X509v3 Key Usage: 10")]
    [InlineData(WindowsKeyInterface.Capi1, Pkcs12Profile.Legacy, "X509v3 Key Usage: 10")]
    [InlineData(WindowsKeyInterface.Cng, Pkcs12Profile.Modern, "Microsoft Software Key Storage Provider")]
    public async Task Converting_keeps_certificate_chain_and_key_and_changes_what_stands_beside_the_key(WindowsKeyInterface to, Pkcs12Profile profile, string seen)
    {
        Peers.Require("openssl");
        using TestBundle samples = TestBundle.Rsa();
        using TestFolder folder = new();
        WindowsKeyInterface from = to == WindowsKeyInterface.Cng ? WindowsKeyInterface.Capi1 : WindowsKeyInterface.Cng;
        WindowsKeyAttributes before = new(from == WindowsKeyInterface.Cng ? WindowsKeyProvider.SoftwareStorage : WindowsKeyProvider.SChannel, true, null);
        using CertificateFileContent old = CertificateFileReader.Read(CertificateFileWriter.Pkcs12(samples.Bundle, Password, Pkcs12Profile.Modern, before), Password, "old.pfx");
        Assert.Equal(from, WindowsKeyProvider.Classify(old.Keys[0].Windows.ProviderName, null));

        byte[] octets = WindowsKeyConversion.Convert(old, to, Password, profile, out IReadOnlyList<string> notes);

        Assert.Empty(notes);
        using CertificateFileContent now = CertificateFileReader.Read(octets, Password, "new.pfx");
        using CertificateBundle bundle = CertificateBundling.Make([now], null, out _);
        samples.MustBe(bundle);
        Assert.Equal(samples.Bundle.FriendlyName, bundle.FriendlyName);
        Assert.Equal(to, WindowsKeyProvider.Classify(now.Keys[0].Windows.ProviderName, null));
        Assert.Equal(to == WindowsKeyInterface.Capi1 ? 1 : null, now.Keys[0].Windows.KeySpec);
        Assert.True(now.Keys[0].Windows.IsMachineKeySet);

        await File.WriteAllBytesAsync(folder["new.pfx"], octets);
        string text = await TestBundle.OpenSslAsync("pkcs12", "-in", folder["new.pfx"], "-passin", $"pass:{Password}", "-nodes");
        Assert.Contains(seen, text, StringComparison.Ordinal);
        Assert.Contains("Microsoft Local Key set: <No Values>", text, StringComparison.Ordinal);
        Assert.Contains(now.Keys[0].Windows.ProviderName!, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_key_is_not_converted()
    {
        using TestBundle samples = TestBundle.Rsa();
        using CertificateFileContent content = CertificateFileReader.Read(CertificateFileWriter.Pkcs7(samples.Bundle, asPem: false), null, "mail.p7b");

        Assert.Equal("noKey", Assert.Throws<CertificateFormatException>(() => WindowsKeyConversion.Convert(content, WindowsKeyInterface.Capi1, Password, Pkcs12Profile.Modern, out _)).Code);
    }

    [Theory]
    [InlineData("whatever", 0, WindowsKeyInterface.Cng)]
    [InlineData("whatever", 12, WindowsKeyInterface.Capi1)]
    [InlineData(null, null, WindowsKeyInterface.Unknown)]
    [InlineData("microsoft base smart card crypto provider", null, WindowsKeyInterface.Capi1)]
    [InlineData("nCipher Security World Key Storage Provider", null, WindowsKeyInterface.Cng)]
    public void A_type_counts_more_than_a_name(string? name, int? type, WindowsKeyInterface kind) => Assert.Equal(kind, WindowsKeyProvider.Classify(name, type));

    private static async Task<PrivateKeyEntry> ExportAsync(TestBundle samples, string[] options)
    {
        using TestFolder folder = new();
        samples.Save(folder);
        await TestBundle.OpenSslAsync(["pkcs12", "-export", "-in", folder["leaf.pem"], "-inkey", folder["key.pem"], "-out", folder["win.pfx"], "-passout", $"pass:{Password}", .. options]);
        return CertificateFileReader.Read(await File.ReadAllBytesAsync(folder["win.pfx"]), Password, "win.pfx").Keys.Single();
    }
}

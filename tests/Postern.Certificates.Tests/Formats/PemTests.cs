using System.Text;
using Postern.Testing;

namespace Postern.Certificates.Tests.Formats;

/// <summary>Text files as people have them: in any order, with anything around the blocks, in any encoding.</summary>
[Trait("RFC", "7468")]
public sealed class PemTests
{
    private const string Password = "secret";

    [Fact]
    public void Certificate_key_and_issuers_are_told_apart_in_any_order()
    {
        using TestBundle samples = TestBundle.Rsa();
        string[] blocks = [samples.LeafPem, samples.KeyPem, samples.IssuerPem, samples.RootPem];
        foreach (string[] order in Orders(blocks))
        {
            using CertificateBundle bundle = CertificateFileReader.ReadBundle(Encoding.ASCII.GetBytes(string.Concat(order)), null, "mail.pem", out IReadOnlyList<string> notes);
            samples.MustBe(bundle);
            Assert.Empty(notes);
        }
    }

    [Fact]
    public void Text_around_ends_of_lines_and_encodings_do_not_matter()
    {
        using TestBundle samples = TestBundle.Ec();
        string text = "Bag Attributes\n    friendlyName: --- mail ---\nsubject=CN = büro\n" + samples.KeyPem + "\n\n  some words\n" + samples.IssuerPem + "-----\n" + samples.LeafPem + samples.RootPem.TrimEnd();
        string indented = string.Join('\n', text.Split('\n').Select(line => "    " + line + " "));
        Encoding[] encodings = [new UTF8Encoding(false), new UTF8Encoding(true), new UnicodeEncoding(false, true), new UnicodeEncoding(true, true)];
        foreach (string one in (string[])[text, text.Replace("\n", "\r\n", StringComparison.Ordinal), indented])
        {
            foreach (Encoding encoding in encodings)
            {
                using CertificateBundle bundle = CertificateFileReader.ReadBundle((byte[])[.. encoding.GetPreamble(), .. encoding.GetBytes(one)], null, "mail.pem", out _);
                samples.MustBe(bundle);
            }
        }

        foreach (Encoding bare in (Encoding[])[new UnicodeEncoding(false, false), new UnicodeEncoding(true, false)])
        {
            using CertificateBundle bundle = CertificateFileReader.ReadBundle(bare.GetBytes(samples.KeyPem + samples.RootPem + samples.LeafPem + samples.IssuerPem), null, "mail.pem", out _);
            samples.MustBe(bundle);
        }
    }

    [SkippableTheory]
    [InlineData("rsa -traditional")]
    [InlineData("rsa -traditional -aes128")]
    [InlineData("rsa -traditional -aes192")]
    [InlineData("rsa -traditional -aes256")]
    [InlineData("rsa -traditional -des3")]
    [InlineData("ec")]
    [InlineData("ec -aes256")]
    [InlineData("rsa pkcs8 -topk8 -v2 aes-256-cbc")]
    [InlineData("ec pkcs8 -topk8 -v2 aes-128-cbc -v2prf hmacWithSHA512 -iter 5000")]
    [InlineData("rsa pkcs8 -topk8 -v2 des3 -v2prf hmacWithSHA1")]
    [InlineData("rsa pkcs8 -topk8 -v1 PBE-SHA1-3DES")]
    [InlineData("ec pkcs8 -topk8 -v1 PBE-MD5-DES -provider legacy -provider default")]
    [InlineData("ec pkcs8 -topk8 -v1 PBE-SHA1-DES -provider legacy -provider default")]
    [Trait("RFC", "1421")]
    [Trait("RFC", "5208")]
    [Trait("RFC", "5915")]
    [Trait("RFC", "8017")]
    [Trait("RFC", "8018")]
    public async Task Keys_as_OpenSsl_writes_them_are_read(string how)
    {
        Peers.Require("openssl");
        string[] words = how.Split(' ');
        using TestBundle samples = words[0] == "rsa" ? TestBundle.Rsa() : TestBundle.Ec();
        using TestFolder folder = new();
        samples.Save(folder);
        string[] command = words is [_, "pkcs8", .. var rest] ? ["pkcs8", .. rest] : words;
        bool isEncrypted = command[0] == "pkcs8" || words.Any(one => one.StartsWith("-aes", StringComparison.Ordinal) || one == "-des3");
        await TestBundle.OpenSslAsync([.. command, "-in", folder["key.pem"], "-out", folder["old.pem"], .. isEncrypted ? (string[])["-passout", $"pass:{Password}"] : []]);
        byte[] file = Encoding.ASCII.GetBytes(samples.RootPem + await File.ReadAllTextAsync(folder["old.pem"]) + samples.LeafPem + samples.IssuerPem);

        using CertificateBundle bundle = CertificateFileReader.ReadBundle(file, Password, "mail.pem", out _);

        samples.MustBe(bundle);
        if (isEncrypted)
        {
            Assert.Equal("wrongPassword", Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(file, "other", "mail.pem")).Code);
            Assert.Equal("passwordNeeded", Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(file, null, "mail.pem")).Code);
        }
    }

    [SkippableFact]
    public async Task An_EC_key_may_stand_behind_its_parameters()
    {
        Peers.Require("openssl");
        using TestFolder folder = new();
        await TestBundle.OpenSslAsync("ecparam", "-name", "secp384r1", "-genkey", "-out", folder["key.pem"]);
        Assert.Contains("EC PARAMETERS", await File.ReadAllTextAsync(folder["key.pem"]), StringComparison.Ordinal);

        using CertificateFileContent content = CertificateFileReader.Read(await File.ReadAllBytesAsync(folder["key.pem"]), null, "key.pem");

        Assert.Equal(("EC", 384), (content.Keys.Single().Algorithm, content.Keys.Single().Bits));
    }

    [SkippableFact]
    public async Task OpenSsl_reads_what_is_written()
    {
        Peers.Require("openssl");
        using TestBundle samples = TestBundle.Rsa();
        using TestFolder folder = new();
        await File.WriteAllBytesAsync(folder["key.pem"], CertificateFileWriter.KeyPem(samples.Bundle, Password));
        await File.WriteAllBytesAsync(folder["all.pem"], CertificateFileWriter.Pem(samples.Bundle));
        await TestBundle.OpenSslAsync("pkcs8", "-in", folder["key.pem"], "-passin", $"pass:{Password}", "-out", folder["plain.pem"]);

        Assert.Equal(samples.KeyPem, await File.ReadAllTextAsync(folder["plain.pem"]));
        Assert.Equal(samples.LeafPem + samples.IssuerPem + samples.RootPem, await File.ReadAllTextAsync(folder["all.pem"]));
        using CertificateFileContent key = CertificateFileReader.Read(await File.ReadAllBytesAsync(folder["key.pem"]), Password, "key.pem");
        using CertificateFileContent all = CertificateFileReader.Read(await File.ReadAllBytesAsync(folder["all.pem"]), null, "all.pem");
        using CertificateBundle bundle = CertificateBundling.Make([all, key], null, out _);
        samples.MustBe(bundle);
        Assert.Equal($"PBES2 (PBKDF2-HMAC-SHA256, AES-256-CBC), {CertificateFileWriter.ModernIterations} iterations", key.Keys[0].Encryption);
    }

    [Fact]
    public void What_is_wrong_is_said_with_its_line()
    {
        using TestBundle samples = TestBundle.Ec();
        string pem = samples.LeafPem;
        Assert.Contains("line 1 has no end", Message(pem[..(pem.Length / 2)]), StringComparison.Ordinal);
        Assert.Contains("line 1 is cut off", Message(pem[..200] + "\n" + samples.KeyPem), StringComparison.Ordinal);
        Assert.Contains("that begins in line 2 is not Base64", Message("\n" + pem.Replace("MII", "M*I", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("is the rest of a BEGIN", Message(pem + "-----BEG"), StringComparison.Ordinal);
        Assert.Contains("is no file of certificates", Message("hello"), StringComparison.Ordinal);
        Assert.Contains("there is only: the PUBLIC KEY in line 1", Hint("-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n"), StringComparison.Ordinal);
    }

    private static string Message(string text) => Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(Encoding.UTF8.GetBytes(text), null, "mail.pem")).Message;

    private static string Hint(string text) => Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(Encoding.UTF8.GetBytes(text), null, "mail.pem")).Hint;

    private static IEnumerable<string[]> Orders(string[] blocks) => blocks.Length == 1 ? [blocks]
        : blocks.SelectMany((one, place) => Orders([.. blocks[..place], .. blocks[(place + 1)..]]).Select(rest => (string[])[one, .. rest]));
}

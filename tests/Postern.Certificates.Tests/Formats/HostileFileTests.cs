using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Testing;

namespace Postern.Certificates.Tests.Formats;

/// <summary>Files that are cut, changed or made to hurt: refused with a reason, or read; never anything else, and never half.</summary>
public sealed class HostileFileTests
{
    private const string Password = "secret";
    private const int FewIterations = 1;

    private static readonly PbeParameters Modern = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, FewIterations);

    public static TheoryData<string> Forms => ["pfx", "pfx-3des", "pfx-bare", "p7b", "crt", "csr", "key", "key-encrypted", "pem", "base64"];

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_file_that_is_cut_anywhere_is_refused(string form)
    {
        byte[] whole = Make(form);
        using (CertificateFileReader.Read(whole, Password, "mail"))
        {
        }

        for (int length = 0; length < whole.Length; length++)
        {
            byte[] cut = whole[..length];
            if (form == "pem" && IsWholeBlocks(cut))
            {
                continue;
            }

            CertificateFormatException refusal = Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(cut, Password, "mail"));
            Assert.True(refusal.Code is "damaged" or "notRecognized" or "nothingThere", $"{form} of {length} octets: {refusal.Code}: {refusal.Message}");
            Assert.NotEmpty(refusal.Hint);
        }
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_file_with_a_changed_octet_is_refused_or_read(string form)
    {
        byte[] whole = Make(form);
        byte[] changes = [0x01, 0x80, 0xFF, 0x20];
        for (int place = 0; place < whole.Length; place++)
        {
            byte[] changed = [.. whole];
            changed[place] ^= changes[place % changes.Length];
            try
            {
                using CertificateFileContent content = CertificateFileReader.Read(changed, Password, "mail", new CertificateReadLimits { MaxIterations = 1000, MaxTotalIterations = 1000 });
                using CertificateBundle bundle = CertificateBundling.Make([content], null, out _);
            }
            catch (CertificateFormatException e)
            {
                Assert.NotEmpty(e.Message);
            }
        }
    }

    [Theory]
    [InlineData("octets", "limit")]
    [InlineData("certificate", "limit")]
    [InlineData("key", "limit")]
    [InlineData("certificates", "limit")]
    [InlineData("keys", "limit")]
    [InlineData("elements", "limit")]
    [InlineData("iterations", "limit")]
    [InlineData("total", "limit")]
    public void Each_limit_holds_and_what_is_just_within_is_read(string which, string code)
    {
        using TestBundle bundle = TestBundle.Ec();
        using TestBundle second = TestBundle.Ec();
        byte[] pem = Encoding.ASCII.GetBytes(bundle.LeafPem + bundle.IssuerPem + bundle.RootPem + bundle.KeyPem + second.KeyPem);
        byte[] pfx = Pfx(bundle.Bundle, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 500), 700);
        int certificate = new[] { bundle.Leaf, bundle.Issuer, bundle.Root }.Max(one => one.RawData.Length);
        int key = bundle.Leaf.GetECDsaPrivateKey()!.ExportPkcs8PrivateKey().Length;
        (byte[] file, CertificateReadLimits within, CertificateReadLimits beyond) = which switch
        {
            "octets" => (pem, new CertificateReadLimits { MaxFileOctets = pem.Length }, new CertificateReadLimits { MaxFileOctets = pem.Length - 1 }),
            "certificate" => (pem, new CertificateReadLimits { MaxCertificateOctets = certificate }, new CertificateReadLimits { MaxCertificateOctets = certificate - 1 }),
            "key" => (pem, new CertificateReadLimits { MaxKeyOctets = key }, new CertificateReadLimits { MaxKeyOctets = key - 1 }),
            "certificates" => (pem, new CertificateReadLimits { MaxCertificates = 3 }, new CertificateReadLimits { MaxCertificates = 2 }),
            "keys" => (pem, new CertificateReadLimits { MaxKeys = 2 }, new CertificateReadLimits { MaxKeys = 1 }),
            "elements" => (pem, new CertificateReadLimits { MaxElements = 5 }, new CertificateReadLimits { MaxElements = 4 }),
            "iterations" => (pfx, new CertificateReadLimits { MaxIterations = 700 }, new CertificateReadLimits { MaxIterations = 699 }),
            _ => (pfx, new CertificateReadLimits { MaxTotalIterations = 1700 }, new CertificateReadLimits { MaxTotalIterations = 1699 }),
        };

        CertificateFileReader.Read(file, Password, "mail", within).Dispose();
        CertificateFormatException refusal = Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(file, Password, "mail", beyond));

        Assert.Equal(code, refusal.Code);
        Assert.Contains("at most", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bags_in_bags_are_read_to_a_depth_and_refused_beyond_it()
    {
        using TestBundle bundle = TestBundle.Ec();

        using CertificateBundle read = CertificateFileReader.ReadBundle(Nested(bundle, CertificateReadLimits.Default.MaxDepth - 1), Password, "mail", out _);
        Assert.Equal(bundle.Leaf.Thumbprint, read.Certificate.Thumbprint);
        Assert.Equal("limit", Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(Nested(bundle, CertificateReadLimits.Default.MaxDepth), Password, "mail")).Code);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(10_000)]
    public void Indefinite_lengths_that_nest_deeply_are_refused(int depth)
    {
        byte[] open = [.. Enumerable.Repeat<byte[]>([0x30, 0x80], depth).SelectMany(one => one)];
        byte[] closed = [.. open, .. new byte[2 * depth]];
        byte[] octets = [0x30, 0x80, .. Enumerable.Repeat<byte[]>([0x24, 0x80], depth).SelectMany(one => one), .. new byte[(2 * depth) + 2]];
        foreach (byte[] one in (byte[][])[open, closed, octets])
        {
            Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(one, Password, "mail"));
        }
    }

    [SkippableTheory]
    [InlineData("pkcs8 -topk8 -scrypt", "scrypt")]
    [InlineData("pkcs8 -topk8 -v2 camellia-256-cbc", "PBES2 with the cipher")]
    [InlineData("pkcs8 -topk8 -v1 PBE-SHA1-RC4-128 -provider legacy -provider default", "RC4")]
    public async Task What_is_not_supported_is_not_called_a_wrong_password(string command, string named)
    {
        Peers.Require("openssl");
        using TestBundle bundle = TestBundle.Ec();
        using TestFolder folder = new();
        bundle.Save(folder);
        await TestBundle.OpenSslAsync([.. command.Split(' '), "-in", folder["key.pem"], "-out", folder["out.pem"], "-passout", $"pass:{Password}"]);

        CertificateFormatException refusal = Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(File.ReadAllBytes(folder["out.pem"]), Password, "out.pem"));

        Assert.Equal("unsupportedAlgorithm", refusal.Code);
        Assert.Contains(named, refusal.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_key_of_another_algorithm_is_named_and_serves_no_certificate()
    {
        Peers.Require("openssl");
        using TestFolder folder = new();
        await TestBundle.OpenSslAsync("req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", folder["key.pem"], "-out", folder["crt.pem"], "-subj", "/CN=mail.example.com", "-days", "2");
        byte[] both = [.. await File.ReadAllBytesAsync(folder["crt.pem"]), .. await File.ReadAllBytesAsync(folder["key.pem"])];

        using CertificateFileContent content = CertificateFileReader.Read(both, null, "mail.pem");

        Assert.Equal("Ed25519", content.Keys.Single().Algorithm);
        Assert.Equal("unsupportedAlgorithm", Assert.Throws<CertificateFormatException>(() => CertificateBundling.Make([content], null, out _)).Code);
    }

    /// <summary>.NET says of such a key that the platform does not support it, and not that it is damaged.</summary>
    [Fact]
    public void A_certificate_on_a_curve_that_nobody_knows_is_shown_and_serves_nothing()
    {
        using TestBundle bundle = TestBundle.Ec();
        byte[] p256 = Convert.FromHexString("06082A8648CE3D030107");
        byte[] der = bundle.Leaf.RawData;
        int place = der.AsSpan().IndexOf(p256);
        der[place + p256.Length - 1] = 0x7F;

        using CertificateFileContent content = CertificateFileReader.Read(der, null, "mail.crt");

        X509Certificate2 certificate = content.Certificates.Single().Certificate;
        Assert.False(CertificateKeys.CanSeal(certificate));
        Assert.Null(CertificateKeys.AlgorithmOf(certificate));
        Assert.Equal(0, CertificateKeys.Describe(certificate.PublicKey).Bits);
        Assert.Throws<SealingException>(() => SealedData.Seal([1], certificate));
        byte[] pem = [.. Encoding.ASCII.GetBytes(bundle.KeyPem + certificate.ExportCertificatePem())];
        Assert.Equal("keyDoesNotFit", Assert.Throws<CertificateFormatException>(() => CertificateFileReader.ReadBundle(pem, null, "mail.pem", out _)).Code);
    }

    [Theory]
    [InlineData(0, "damaged")]
    [InlineData(-5, "damaged")]
    [InlineData(int.MaxValue, "limit")]
    [InlineData(long.MaxValue, "limit")]
    public void Rounds_of_no_sense_are_refused_before_any_is_done(long iterations, string code)
    {
        using TestBundle bundle = TestBundle.Ec();
        byte[] key = bundle.Leaf.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKey(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 0x7654));

        Assert.Equal(code, Assert.Throws<CertificateFormatException>(() => CertificateFileReader.Read(WithIterations(key, iterations), Password, "key")).Code);
    }

    /// <summary>Puts another INTEGER in the place of 0x7654, and makes the lengths around it fit.</summary>
    private static byte[] WithIterations(byte[] der, long iterations)
    {
        System.Formats.Asn1.AsnWriter number = new(System.Formats.Asn1.AsnEncodingRules.DER);
        number.WriteInteger(iterations);
        return Replace(der, [0x02, 0x02, 0x76, 0x54], number.Encode());
    }

    private static byte[] Replace(ReadOnlyMemory<byte> element, byte[] old, byte[] replacement)
    {
        System.Formats.Asn1.AsnReader reader = new(element, System.Formats.Asn1.AsnEncodingRules.BER);
        if (element.Span.SequenceEqual(old))
        {
            return replacement;
        }

        if (!reader.PeekTag().IsConstructed)
        {
            return element.ToArray();
        }

        System.Formats.Asn1.AsnReader children = reader.ReadSequence(reader.PeekTag());
        System.Formats.Asn1.AsnWriter writer = new(System.Formats.Asn1.AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            while (children.HasData)
            {
                writer.WriteEncodedValue(Replace(children.ReadEncodedValue(), old, replacement));
            }
        }

        return writer.Encode();
    }

    private static byte[] Nested(TestBundle bundle, int depth)
    {
        Pkcs12SafeContents contents = new();
        contents.AddCertificate(bundle.Leaf);
        for (int i = 0; i < depth; i++)
        {
            Pkcs12SafeContents outer = new();
            outer.AddNestedContents(contents);
            contents = outer;
        }

        Pkcs12Builder builder = new();
        builder.AddSafeContentsEncrypted(contents, Password, Modern);
        builder.SealWithMac(Password, HashAlgorithmName.SHA256, FewIterations);
        return builder.Encode();
    }

    /// <summary>A text that ends with a block, or before the next one has begun to say what it is, is a whole text of fewer blocks.</summary>
    private static bool IsWholeBlocks(byte[] text) => Encoding.ASCII.GetString(text).TrimEnd('\n').Split('\n')[^1] is var line
        && (line.Trim('-').Length == 0 || (line.StartsWith("-----END ", StringComparison.Ordinal) && line.EndsWith("-----", StringComparison.Ordinal)));

    private static byte[] Pfx(CertificateBundle bundle, PbeParameters protection, int macIterations)
    {
        Pkcs12SafeContents certificates = new();
        certificates.AddCertificate(bundle.Certificate);
        foreach (X509Certificate2 one in bundle.Chain)
        {
            certificates.AddCertificate(X509CertificateLoader.LoadCertificate(one.RawData));
        }

        Pkcs12SafeContents keys = new();
        keys.AddShroudedKey((AsymmetricAlgorithm?)bundle.Certificate.GetECDsaPrivateKey() ?? bundle.Certificate.GetRSAPrivateKey()!, Password, protection);
        Pkcs12Builder builder = new();
        builder.AddSafeContentsEncrypted(certificates, Password, protection);
        builder.AddSafeContentsUnencrypted(keys);
        builder.SealWithMac(Password, HashAlgorithmName.SHA256, macIterations);
        return builder.Encode();
    }

    private static byte[] Make(string form)
    {
        using TestBundle bundle = TestBundle.Ec();
        using ECDsa key = bundle.Leaf.GetECDsaPrivateKey()!;
        switch (form)
        {
            case "pfx":
                return Pfx(bundle.Bundle, Modern, FewIterations);
            case "pfx-3des":
                return Pfx(bundle.Bundle, new PbeParameters(PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, FewIterations), FewIterations);
            case "pfx-bare":
                Pkcs12SafeContents all = new();
                all.AddCertificate(bundle.Leaf);
                all.AddKeyUnencrypted(key);
                Pkcs12Builder builder = new();
                builder.AddSafeContentsUnencrypted(all);
                builder.SealWithoutIntegrity();
                return builder.Encode();
            case "p7b":
                return CertificateFileWriter.Pkcs7(bundle.Bundle, asPem: false);
            case "crt":
                return bundle.Leaf.RawData;
            case "csr":
                return SigningRequest.Create(bundle.Leaf.SubjectName, ["mail.example.com"], key);
            case "key":
                return key.ExportPkcs8PrivateKey();
            case "key-encrypted":
                return key.ExportEncryptedPkcs8PrivateKey(Password, Modern);
            case "pem":
                return Encoding.ASCII.GetBytes(bundle.LeafPem + bundle.KeyPem + bundle.IssuerPem.TrimEnd());
            default:
                return Encoding.ASCII.GetBytes(Convert.ToBase64String(bundle.Leaf.RawData));
        }
    }
}

using System.Globalization;
using System.Text;

namespace Postern.Certificates.Tests.Windows;

/// <summary>What <c>certutil -v -store my</c> prints, as far as it is of use; certutil's wording, values made up.</summary>
public sealed class CertutilTextTests
{
    private const string Cng = "Microsoft Software Key Storage Provider";
    private const string Rsa = "1.2.840.113549.1.1.1 RSA";

    [Fact]
    public void Every_certificate_is_found_with_provider_type_and_key_specification()
    {
        string text = Store(
            Entry(0, "mail.example.com", 1, Key(Cng, "0", "0 -- XCN_AT_NONE")),
            Entry(1, "old.example.com", 2, Key("Microsoft RSA SChannel Cryptographic Provider", "c", "1 -- AT_KEYEXCHANGE")),
            Entry(2, "aes.example.com", 3, Key("Microsoft Enhanced RSA and AES Cryptographic Provider", "18 (24)", "1 -- AT_KEYEXCHANGE")),
            Entry(3, "sign.example.com", 4, Key("Microsoft Strong Cryptographic Provider", "1", "2 -- AT_SIGNATURE")),
            Entry(4, "curve.example.com", 5, Key(Cng, "0", "0 -- XCN_AT_NONE")).Replace(Rsa, "1.2.840.10045.2.1 ECC", StringComparison.Ordinal),
            Entry(5, "nokey.example.com", 6, ""));

        CertutilStore store = CertutilText.Read(Encoding.ASCII.GetBytes(text), "cert.txt");

        Assert.True(store.IsComplete);
        Assert.Equal([Thumbprint(1), Thumbprint(2), Thumbprint(3), Thumbprint(4), Thumbprint(5), Thumbprint(6)], store.Certificates.Select(one => one.Thumbprint));
        Assert.Equal("CN=mail.example.com, O=Example", store.Certificates[0].Subject);
        Assert.Equal([0, 12, 24, 1, 0, null], store.Certificates.Select(one => one.ProviderType));
        Assert.Equal([0, 1, 1, 2, 0, null], store.Certificates.Select(one => one.KeySpec));
        Assert.Equal(
            [WindowsKeyUse.Refused, WindowsKeyUse.Usable, WindowsKeyUse.Usable, WindowsKeyUse.Refused, WindowsKeyUse.Refused, WindowsKeyUse.NoKey],
            store.Certificates.Select(one => one.Verdict.Use));
        Assert.Equal([true, true, true, true, false, false], store.Certificates.Select(one => one.Verdict.CanConvert));
    }

    [Fact]
    public void Encoding_and_ends_of_lines_do_not_matter()
    {
        string text = Store(Entry(0, "mail.example.com", 1, Key(Cng, "0", "0 -- XCN_AT_NONE")), Entry(1, "b.example.com", 2, Key(Cng, "0", "0 -- XCN_AT_NONE")));
        foreach (string one in (string[])[text, text.Replace("\n", "\r\n", StringComparison.Ordinal)])
        {
            foreach (Encoding encoding in (Encoding[])[new UTF8Encoding(true), new UnicodeEncoding(false, true), new UnicodeEncoding(false, false), Encoding.Latin1])
            {
                CertutilStore store = CertutilText.Read((byte[])[.. encoding.GetPreamble(), .. encoding.GetBytes(one)], "cert.txt");
                Assert.Equal([Thumbprint(1), Thumbprint(2)], store.Certificates.Select(found => found.Thumbprint));
                Assert.All(store.Certificates, found => Assert.Equal(WindowsKeyInterface.Cng, found.Interface));
            }
        }
    }

    [Fact]
    public void The_language_of_Windows_does_not_matter()
    {
        string german = Store(Entry(0, "mail.example.com", 7, Key(Cng, "0", "0 -- XCN_AT_NONE")))
            .Replace("Certificate 0", "Zertifikat 0", StringComparison.Ordinal).Replace("Cert Hash(sha1)", "Zertifikathash(sha1)", StringComparison.Ordinal)
            .Replace("Key Container =", "Schl\uFFFDsselcontainer\u00A0=", StringComparison.Ordinal).Replace("Provider =", "Anbieter =", StringComparison.Ordinal)
            .Replace("ProviderType =", "Anbietertyp =", StringComparison.Ordinal).Replace("Subject:", "Antragsteller:", StringComparison.Ordinal)
            .Replace("Issuer:", "Aussteller:", StringComparison.Ordinal).Replace("Serial Number:", "Seriennummer:", StringComparison.Ordinal)
            .Replace("-store command completed successfully.", "-store-Befehl wurde erfolgreich ausgeführt.", StringComparison.Ordinal);

        CertutilStore store = CertutilText.Read(Encoding.UTF8.GetBytes(german), "cert.txt");

        CertutilCertificate one = store.Certificates.Single();
        Assert.True(store.IsComplete);
        Assert.Equal((Thumbprint(7), "CN=mail.example.com, O=Example", Cng, 0, 0), (one.Thumbprint, one.Subject, one.Provider, one.ProviderType, one.KeySpec));
    }

    [Fact]
    public void Without_details_the_name_of_the_provider_decides()
    {
        string text = $"""
            my "Personal"
            ================ Certificate 0 ================
            Serial Number: 01
            Issuer: CN=Example CA
             NotBefore: 1/1/2026 10:00 AM
             NotAfter: 1/1/2027 10:00 AM
            Subject: CN=mail.example.com, O=Example
            Non-root Certificate
            Cert Hash(sha1): {Thumbprint(1).ToLowerInvariant()}
              Key Container = te-1
              Unique container name: 0123
              Provider = {Cng}
            Private key is NOT exportable
            Encryption test passed
            """;

        CertutilStore store = CertutilText.Read(Encoding.ASCII.GetBytes(text), "cert.txt");

        Assert.False(store.IsComplete);
        CertutilCertificate one = store.Certificates.Single();
        Assert.Equal((Thumbprint(1), WindowsKeyInterface.Cng, null), (one.Thumbprint, one.Interface, one.ProviderType));
        Assert.Equal("CN=mail.example.com, O=Example", one.Subject);
    }

    [Fact]
    public void Every_beginning_of_a_text_is_read_or_refused()
    {
        byte[] text = Encoding.ASCII.GetBytes(Store(Entry(0, "mail.example.com", 1, Key(Cng, "0", "0 -- XCN_AT_NONE")), Entry(1, "b.example.com", 2, "")));
        for (int length = 0; length < text.Length - 2; length++)
        {
            try
            {
                Assert.InRange(CertutilText.Read(text.AsSpan(0, length), "cert.txt").Certificates.Count, 1, 2);
            }
            catch (CertificateFormatException e)
            {
                Assert.Equal("notRecognized", e.Code);
            }
        }
    }

    [Fact]
    public void A_thousand_certificates_are_read_and_more_than_allowed_are_refused()
    {
        CertutilLimits limits = new() { MaxCertificates = 1000 };
        byte[] text = Encoding.ASCII.GetBytes(Store([.. Enumerable.Range(0, 1000).Select(i => Entry(i, "mail.example.com", i, Key(Cng, "0", "0 -- XCN_AT_NONE")))]));

        Assert.Equal(1000, CertutilText.Read(text, "cert.txt", limits).Certificates.Count);
        Assert.Equal("limit", Assert.Throws<CertificateFormatException>(() => CertutilText.Read(text, "cert.txt", limits with { MaxCertificates = 999 })).Code);
        Assert.Equal("limit", Assert.Throws<CertificateFormatException>(() => CertutilText.Read(text, "cert.txt", limits with { MaxOctets = text.Length - 1 })).Code);
        Assert.Equal("Microsoft Software Key Storage Prov", CertutilText.Read(text, "cert.txt", limits with { MaxLine = "    Provider = Microsoft Software Key Storage Prov".Length }).Certificates[^1].Provider);
    }

    private static string Store(params string[] entries) => "my \"Personal\"\n" + string.Concat(entries) + "CertUtil: -store command completed successfully.\n";

    private static string Key(string provider, string type, string keySpec) => $"""
          CERT_KEY_PROV_INFO_PROP_ID(2):
            Key Container = te-0125d557
          Unique container name: b59b1bf435f36edf92e0609b0f6826a0_a1b49e9a
            Provider = {provider}
            ProviderType = {type}
            Flags = 20 (32)
              CRYPT_MACHINE_KEYSET -- 20 (32)
            KeySpec = {keySpec}


        """;

    private static string Entry(int number, string name, int seed, string key) => $"""
        ================ Certificate {number} ================
        X509 Certificate:
        Version: 3
        Serial Number: {seed:x4}
        Signature Algorithm:
            Algorithm ObjectId: 1.2.840.113549.1.1.11 sha256RSA
            Algorithm Parameters:
            05 00
        Issuer:
            CN=Example CA
            DC=example
          Name Hash(sha1): {Thumbprint(seed + 5000).ToLowerInvariant()}

         NotBefore: 1/1/2026 10:00 AM
         NotAfter: 1/1/2027 10:00 AM

        Subject:
            CN={name}
            O=Example
          Name Hash(sha1): {Thumbprint(seed + 6000).ToLowerInvariant()}

        Public Key Algorithm:
            Algorithm ObjectId: {Rsa}
        Public Key Length: 2048 bits
        Certificate Extensions: 1
            2.5.29.17: Flags = 0, Length = 12
            Subject Alternative Name
                DNS Name={name}
        Key Id Hash(sha1): {Thumbprint(seed + 7000).ToLowerInvariant()}
        Cert Hash(md5): 866c58775c60d815d9d65aaeb99dc125
        Cert Hash(sha1): {Thumbprint(seed).ToLowerInvariant()}
        Cert Hash(sha256): {Thumbprint(seed).ToLowerInvariant()}000000000000000000000000

        {key}  CERT_SHA1_HASH_PROP_ID(3):
            {string.Join(' ', Thumbprint(seed).ToLowerInvariant().Chunk(2).Select(pair => new string(pair)))}

          CERT_ACCESS_STATE_PROP_ID(14):
          AccessState = 2
            CERT_ACCESS_STATE_SYSTEM_STORE_FLAG -- 2


        """;

    private static string Thumbprint(int seed) => string.Concat(Enumerable.Repeat(seed.ToString("X8", CultureInfo.InvariantCulture), 5));
}

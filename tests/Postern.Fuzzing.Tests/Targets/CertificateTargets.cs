using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Certificates;
using Postern.Mail;
using Postern.Testing;

namespace Postern.Fuzzing.Tests.Targets;

/// <summary>Readers of certificates of others: files, revocation lists, the certificates themselves, texts of certutil, reports of edges, names.</summary>
internal static class CertificateTargets
{
    private const string Password = "secret";
    private const string CertificateRevocationList = "X509 CRL";

    /// <summary>Few rounds: a mutated number of them would cost seconds. Small enough that a short run meets the others, too.</summary>
    private static readonly CertificateReadLimits Limits = new()
    {
        MaxFileOctets = 64 * 1024,
        MaxCertificateOctets = 8 * 1024,
        MaxKeyOctets = 4 * 1024,
        MaxCertificates = 20,
        MaxKeys = 5,
        MaxElements = 50,
        MaxIterations = 2000,
        MaxTotalIterations = 8000,
    };

    private static readonly PbeParameters Modern = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1);
    private static readonly PbeParameters Old = new(PbeEncryptionAlgorithm.TripleDes3KeyPkcs12, HashAlgorithmName.SHA1, 1);

    private static readonly Certs Authority = Certs.Create();
    private static readonly X509Certificate2 Leaf = Authority.IssueServer("mail.example.com", "*.example.com");
    private static readonly TempFolder Trust = new();

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("certfile", 5_000, [.. Files()], File),
        new("certificate", 1_500, [Leaf.RawData, Authority.Authority.RawData, .. Selfsigned()], Certificate),
        new("trust", 600, [RevocationList(), Encoding.ASCII.GetBytes(PemEncoding.WriteString(CertificateRevocationList, RevocationList())), Authority.Authority.RawData], TrustFile),
        new("certutil", 5_000, [Encoding.ASCII.GetBytes(CertutilText()), Encoding.Unicode.GetBytes(CertutilText())], Certutil),
        new("report", 5_000, [Report()], ReadReport),
        new("certname", 10_000, [.. ((string[])["<I>CN=CA, O=Example<S>CN=mail.example.com", "C=DE,O=\"Example, Inc\",CN=mail.example.com", "*.example.com", "büro.example", "2001:db8::1", "30%", "14", "smtp,imap"]).Select(Encoding.UTF8.GetBytes)], Names),
    ];

    private static string File(byte[] input)
    {
        try
        {
            using CertificateFileContent content = CertificateFileReader.Read(input, Password, "fuzz", Limits);
            foreach (PrivateKeyEntry key in content.Keys)
            {
                WindowsKeyVerdict.OfFile(key.Algorithm, key.Windows);
            }

            using CertificateBundle bundle = CertificateBundling.Make([content], null, out IReadOnlyList<string> notes);
            byte[] written = CertificateFileWriter.Pem(bundle);
            using CertificateBundle again = CertificateFileReader.ReadBundle(written, null, "again", out _);
            return again.Certificate.Thumbprint == bundle.Certificate.Thumbprint ? $"{content.Format} {content.Certificates.Count} {content.Keys.Count} {notes.Count}"
                : throw new InvalidDataException("another certificate came out than went in");
        }
        catch (CertificateFormatException e)
        {
            return e.Code + e.InnerException?.Message;
        }
    }

    private static string Certificate(byte[] input)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = ForeignCertificate.Load(input);
        }
        catch (CryptographicException e)
        {
            return e.Message;
        }

        using (certificate)
        {
            CertificateExaminer examiner = new(TrustFolder.Read(Trust[""], withSystemRoots: false), TimeProvider.System);
            CertificateExamination found = examiner.Examine(certificate, [Authority.Authority], new ExaminationOptions { Names = ["mail.example.com", "192.0.2.1"] });
            return $"{found.Status} {found.Reason} {CertificateKeys.CanSeal(certificate)} {CertificateKeys.AlgorithmOf(certificate)} {CertificateKeys.Describe(certificate)} {CertifiedNames.Names(certificate).Count}";
        }
    }

    private static string TrustFile(byte[] input)
    {
        foreach (string folder in (string[])["roots", "intermediates", "crls"])
        {
            Trust.CreateFolder(folder);
            System.IO.File.WriteAllBytes(Trust[folder, "fuzz"], input);
        }

        try
        {
            TrustFolder trust = TrustFolder.Read(Trust[""], withSystemRoots: false);
            CertificateExamination found = new CertificateExaminer(trust, TimeProvider.System).Examine(Leaf, [Authority.Authority]);
            return $"{found.Status} {string.Join(';', trust.Faults)}";
        }
        finally
        {
            foreach (string folder in (string[])["roots", "intermediates", "crls"])
            {
                System.IO.File.Delete(Trust[folder, "fuzz"]);
            }
        }
    }

    private static string Certutil(byte[] input)
    {
        try
        {
            CertutilStore store = Postern.Certificates.CertutilText.Read(input, "fuzz", new CertutilLimits { MaxOctets = 64 * 1024, MaxCertificates = 20 });
            return string.Join(' ', store.Certificates.Select(one => $"{one.Thumbprint?.Length} {one.Interface} {one.Verdict.Use} {one.Subject is null}"));
        }
        catch (CertificateFormatException e)
        {
            return e.Code;
        }
    }

    private static string ReadReport(byte[] input) => CertificateReport.TryRead(input) is { } report ? $"{report.Certificates.Count} certificates, {report.Write().Length}" : "no report";

    private static string Names(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        StringBuilder words = new();
        words.Append(TlsCertificateName.TryParse(text, out TlsCertificateName? pair, out string? error) ? "+" : error[..Math.Min(error.Length, 20)]);
        words.Append(CertificateNames.TryRead(text, out _, out _) ? '+' : '-').Append(ExpiryThreshold.TryParse(text, out _) ? '+' : '-').Append(MailServicesText.TryParse(text, out _, out _) ? '+' : '-');
        words.Append(CertificateExaminer.Covers(Leaf, text) ? '+' : '-').Append(LocalCertificateStore.Fits(text, Leaf.Thumbprint, new string('0', 64)) ? '+' : '-');
        try
        {
            words.Append(CertificateSubject.Parse(text).Name.Length > 0);
        }
        catch (ArgumentException e)
        {
            words.Append(e.Message.Length);
        }

        return pair is null || TlsCertificateName.TryParse(pair.ToString(), out TlsCertificateName? again, out _) && again == pair ? words.ToString() : throw new InvalidDataException($"{pair} became another");
    }

    /// <summary>One of each form; those of PKCS #12 without a MAC, too, so that damage gets past it.</summary>
    private static IEnumerable<byte[]> Files()
    {
        ECDsa key = Leaf.GetECDsaPrivateKey()!;
        CertificateBundle bundle = new(Leaf, [Authority.Authority]) { FriendlyName = "mail" };
        string pem = Encoding.ASCII.GetString(CertificateFileWriter.Pem(bundle));
        yield return Encoding.ASCII.GetBytes(pem + key.ExportPkcs8PrivateKeyPem());
        yield return Encoding.Unicode.GetBytes("text\n" + key.ExportECPrivateKeyPem() + "\n" + pem);
        yield return Encoding.ASCII.GetBytes(key.ExportEncryptedPkcs8PrivateKeyPem(Password, Modern) + "\n" + pem);
        yield return Leaf.RawData;
        yield return key.ExportPkcs8PrivateKey();
        yield return key.ExportECPrivateKey();
        yield return key.ExportEncryptedPkcs8PrivateKey(Password, Modern);
        yield return SigningRequest.Create(Leaf.SubjectName, ["mail.example.com"], key);
        yield return CertificateFileWriter.Pkcs7(bundle, asPem: false);
        yield return Encoding.ASCII.GetBytes(Convert.ToBase64String(CertificateFileWriter.Pkcs7(bundle, asPem: false)));
        foreach ((PbeParameters? protection, bool hasMac) in ((PbeParameters?, bool)[])[(Modern, true), (Old, true), (Modern, false), (null, false), (null, true)])
        {
            yield return Pfx(key, protection, hasMac);
        }
    }

    private static byte[] Pfx(ECDsa key, PbeParameters? protection, bool hasMac)
    {
        Pkcs12SafeContents inner = new();
        inner.AddCertificate(Leaf).Attributes.Add(new Pkcs9LocalKeyId([1]));
        Pkcs12SafeContents contents = new();
        contents.AddNestedContents(inner);
        contents.AddSecret(new Oid("1.2.3"), new byte[] { 4, 1, 0 });
        Pkcs12SafeBag bag = protection is null ? contents.AddKeyUnencrypted(key) : contents.AddShroudedKey(key, Password, protection);
        bag.Attributes.Add(new AsnEncodedData(WindowsKeyAttributes.ProviderNameOid, new byte[] { 0x1E, 2, 0, 0x41 }));
        Pkcs12Builder builder = new();
        if (protection is null)
        {
            builder.AddSafeContentsUnencrypted(contents);
        }
        else
        {
            builder.AddSafeContentsEncrypted(contents, Password, protection);
        }

        if (hasMac)
        {
            builder.SealWithMac(Password, HashAlgorithmName.SHA256, 1);
        }
        else
        {
            builder.SealWithoutIntegrity();
        }

        return builder.Encode();
    }

    private static IEnumerable<byte[]> Selfsigned() => ((KeyAlgorithm[])[KeyAlgorithm.EcdsaP384, KeyAlgorithm.Rsa2048]).Select(algorithm =>
        SelfSignedCertificate.Create(new SelfSignedRequest("edge1", ["edge1", "192.0.2.1"], algorithm, TimeSpan.FromDays(30)), TimeProvider.System).RawData);

    private static byte[] RevocationList()
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        CertificateRevocationListBuilder builder = new();
        builder.AddEntry(Leaf, now.AddHours(-1), X509RevocationReason.KeyCompromise);
        builder.AddEntry([1, 2, 3], now.AddHours(-2));
        return builder.Build(Authority.Authority, 1, now.AddDays(1), HashAlgorithmName.SHA256, thisUpdate: now.AddHours(-1));
    }

    private static byte[] Report() => new CertificateReport(CertificateReport.CurrentVersion, TimeProvider.System.GetUtcNow(), [], 0).Write();

    private static string CertutilText() => """
        my "Personal"
        ================ Certificate 0 ================
        Issuer:
            CN=Example CA
        Subject:
            CN=mail.example.com
            O=Example
        Public Key Algorithm:
            Algorithm ObjectId: 1.2.840.113549.1.1.1 RSA
        Cert Hash(sha1): 00112233445566778899aabbccddeeff00112233
          CERT_KEY_PROV_INFO_PROP_ID(2):
            Key Container = te-1
            Provider = Microsoft Software Key Storage Provider
            ProviderType = 0
            Flags = 20 (32)
            KeySpec = 0 -- XCN_AT_NONE
          CERT_SHA1_HASH_PROP_ID(3):
            00 11 22 33 44 55 66 77 88 99 aa bb cc dd ee ff 00 11 22 33
        ================ Certificate 1 ================
        Subject: CN=old.example.com
          Provider = Microsoft RSA SChannel Cryptographic Provider
        CertUtil: -store command completed successfully.
        """;
}

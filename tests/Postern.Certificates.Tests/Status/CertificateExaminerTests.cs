using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Testing;

namespace Postern.Certificates.Tests.Status;

/// <summary>A tree of authorities with every fault that a chain has in practice; what OpenSSL says of the same files is compared where it can say it.</summary>
public sealed class CertificateExaminerTests : IDisposable
{
    private const string Host = "mail.example.com";

    private readonly TestFolder _folder = new();
    private readonly TestAuthority _root = TestAuthority.Root();

    public CertificateExaminerTests()
    {
        foreach (string one in (string[])[TrustFolder.RootsFolder, TrustFolder.IntermediatesFolder, TrustFolder.ListsFolder])
        {
            Directory.CreateDirectory(_folder[one]);
        }

        Trust("root", _root.Certificate);
    }

    [SkippableFact]
    public async Task Certificate_below_a_trusted_root_is_valid()
    {
        TestAuthority below = _root.Below("Issuing");
        X509Certificate2 leaf = below.Issue(Host);

        CertificateExamination found = Examine(leaf, [below.Certificate]);

        Assert.Equal((CertificateStatus.Valid, null, RootCaType.Enterprise), (found.Status, found.Reason, found.RootCaType));
        Assert.Equal([LinkOrigin.Subject, LinkOrigin.Chain, LinkOrigin.OwnRoots], found.Links.Select(one => one.Origin));
        await AgreesAsync(true, leaf, [below.Certificate]);
    }

    [SkippableFact]
    public async Task Dates_of_every_link_count()
    {
        DateTimeOffset now = TestAuthority.Now;
        TestAuthority old = _root.Below("Old", end: now.AddDays(-1));
        (X509Certificate2 Leaf, X509Certificate2[] Chain, CertificateStatus Status, string Said)[] cases =
        [
            (_root.Issue(Host, end: now.AddHours(-1)), [], CertificateStatus.Expired, "the certificate expired at"),
            (_root.Issue(Host, begin: now.AddHours(1)), [], CertificateStatus.NotYetValid, "the certificate is good from"),
            (old.Issue(Host, end: now.AddDays(3)), [old.Certificate], CertificateStatus.Expired, "the issuer 'CN=Old' (link 1) expired at"),
        ];
        foreach ((X509Certificate2 leaf, X509Certificate2[] chain, CertificateStatus status, string said) in cases)
        {
            CertificateExamination found = Examine(leaf, chain);

            Assert.Equal(status, found.Status);
            Assert.StartsWith(said, found.Reason, StringComparison.Ordinal);
            await AgreesAsync(false, leaf, chain);
        }
    }

    [SkippableFact]
    public async Task Missing_or_foreign_issuer_is_named()
    {
        TestAuthority below = _root.Below("Issuing");
        TestAuthority foreign = TestAuthority.Root("Foreign");
        X509Certificate2 leaf = below.Issue(Host);
        X509Certificate2 strange = foreign.Issue(Host);

        Assert.Equal("the issuer 'CN=Issuing' of the certificate is not there", Expect(CertificateStatus.Untrusted, leaf));
        Assert.Contains("'CN=Foreign', which is not among the trusted roots", Expect(CertificateStatus.Untrusted, strange, foreign.Certificate), StringComparison.Ordinal);
        await AgreesAsync(false, leaf, []);
        await AgreesAsync(false, strange, [foreign.Certificate]);

        // The trust folder may have what the server does not send: then clients lack it.
        await File.WriteAllTextAsync(_folder["intermediates/issuing.pem"], $"text around\r\n{below.Certificate.ExportCertificatePem()}\r\n");
        CertificateExamination found = Examine(leaf);
        Assert.Equal(CertificateStatus.Valid, found.Status);
        Assert.Contains("a server does not send it", Assert.Single(found.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Self_signed_certificate_is_trusted_by_whom_it_was_given()
    {
        X509Certificate2 own = TestAuthority.Root("mail").Certificate;

        CertificateExamination found = Examine(own);
        Assert.Equal((CertificateStatus.Untrusted, RootCaType.None), (found.Status, found.RootCaType));
        Assert.Contains("self-signed", found.Reason, StringComparison.Ordinal);
        Assert.Equal(CertificateStatus.Valid, Examine(own, [], new ExaminationOptions { IsPinned = true }).Status);

        Trust("own", own);
        found = Examine(own);
        Assert.Equal((CertificateStatus.Valid, RootCaType.Registry), (found.Status, found.RootCaType));
    }

    [SkippableFact]
    public async Task Cross_signed_issuer_leads_to_the_root_that_is_trusted()
    {
        TestAuthority untrusted = TestAuthority.Root("Untrusted");
        TestAuthority below = untrusted.Below("Issuing");
        X509Certificate2 crossed = _root.CrossSign(below);
        X509Certificate2 leaf = below.Issue(Host);
        foreach (X509Certificate2[] chain in (X509Certificate2[][])[[below.Certificate, crossed], [crossed, below.Certificate, untrusted.Certificate]])
        {
            CertificateExamination found = Examine(leaf, chain);

            Assert.Equal(CertificateStatus.Valid, found.Status);
            Assert.Equal(_root.Certificate.Thumbprint, found.Links[^1].Certificate.Thumbprint);
        }

        // An expired way beside a good one does no harm either.
        TestAuthority gone = TestAuthority.Root("Gone");
        Trust("gone", gone.Certificate);
        Assert.Equal(CertificateStatus.Valid, Examine(leaf, [gone.CrossSign(below), crossed]).Status);
        await AgreesAsync(true, leaf, [crossed, below.Certificate]);
    }

    [SkippableFact]
    [Trait("RFC", "5280")]
    public async Task Constraints_of_issuers_hold()
    {
        TestAuthority narrow = _root.Below("Narrow", null, null, TestAuthority.OnlyBelow("example.org"));
        TestAuthority last = _root.Below("Last", pathLength: 0);
        TestAuthority tooDeep = last.Below("Too deep");
        X509Certificate2 end = _root.Issue("ca.example.com");
        (X509Certificate2 Leaf, X509Certificate2[] Chain, string Said)[] cases =
        [
            (narrow.Issue(Host), [narrow.Certificate], "name constraints"),
            (tooDeep.Issue(Host), [tooDeep.Certificate, last.Certificate], "basic constraints"),
            (_root.Issue(Host, usage: "1.3.6.1.5.5.7.3.4"), [], "not for TLS servers"),
        ];
        foreach ((X509Certificate2 leaf, X509Certificate2[] chain, string said) in cases)
        {
            Assert.Contains(said, Expect(CertificateStatus.Untrusted, leaf, chain), StringComparison.Ordinal);
            await AgreesAsync(false, leaf, chain);
        }

        Assert.Equal(CertificateStatus.Valid, Examine(narrow.Issue("mail.example.org"), [narrow.Certificate]).Status);
        Assert.Equal(CertificateStatus.Valid, Examine(last.Issue(Host), [last.Certificate]).Status);
        Assert.Equal(CertificateStatus.Valid, Examine(end).Status);
    }

    [Fact]
    public void Forged_signature_does_not_hold()
    {
        TestAuthority impostor = TestAuthority.Root();
        X509Certificate2 leaf = impostor.Issue(Host);

        // Same name as the trusted root; the key identifier of the issuer tells them apart, and without it the signature does.
        Assert.Equal(CertificateStatus.Untrusted, Examine(leaf).Status);
        byte[] bent = _root.Issue(Host).RawData;
        bent[^1] ^= 1;
        Assert.Contains("does not hold", Expect(CertificateStatus.Untrusted, X509CertificateLoader.LoadCertificate(bent)), StringComparison.Ordinal);
    }

    [SkippableFact]
    [Trait("RFC", "5280")]
    public async Task Revocation_lists_of_the_folder_are_obeyed()
    {
        TestAuthority below = _root.Below("Issuing");
        X509Certificate2 good = below.Issue(Host);
        X509Certificate2 bad = below.Issue(Host);
        X509Certificate2[] chain = [below.Certificate];
        List("issuing.crl", below.Revoke(null, bad));

        Assert.Equal(CertificateStatus.Valid, Examine(good, chain).Status);
        Assert.Contains("(keyCompromise)", Expect(CertificateStatus.Revoked, bad, chain), StringComparison.Ordinal);
        Assert.Equal(CertificateStatus.Valid, Examine(bad, chain, new ExaminationOptions(RevocationCheck.None)).Status);
        List("root.crl", _root.Revoke());
        await AgreesAsync(true, good, chain, "-crl_check_all", "-CRLfile", Lists());
        await AgreesAsync(false, bad, chain, "-crl_check_all", "-CRLfile", Lists());

        // The issuer itself was taken back.
        List("root.crl", _root.Revoke(null, below.Certificate));
        Assert.StartsWith("the issuer 'CN=Issuing' (link 1) was revoked at", Expect(CertificateStatus.Revoked, good, chain), StringComparison.Ordinal);
        await AgreesAsync(false, good, chain, "-crl_check_all", "-CRLfile", Lists());
    }

    [SkippableFact]
    public async Task Stale_list_leaves_revocation_unknown_and_a_forged_one_says_nothing()
    {
        X509Certificate2 good = _root.Issue(Host);
        X509Certificate2 bad = _root.Issue(Host);
        List("root.crl", _root.Revoke(TestAuthority.Now.AddDays(-1), bad));
        Assert.Contains("was good until", Expect(CertificateStatus.RevocationUnknown, good), StringComparison.Ordinal);
        Expect(CertificateStatus.Revoked, bad);
        await AgreesAsync(false, good, [], "-crl_check", "-CRLfile", Lists());

        File.Delete(_folder["crls/root.crl"]);
        List("forged.crl", TestAuthority.Root().Revoke(null, good));
        CertificateExamination found = Examine(good);
        Assert.Equal(CertificateStatus.Valid, found.Status);
        Assert.Contains("did not sign it", Assert.Single(found.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Weak_keys_and_signatures_are_named()
    {
        using RSA small = RSA.Create(1024);
        using RSA large = RSA.Create(2048);
        Assert.Equal("the certificate has an RSA key of 1024 bits; 2048 are the least", Expect(CertificateStatus.Weak, _root.Issue(Host, key: small)));
        Assert.Equal(CertificateStatus.Valid, Examine(_root.Issue(Host, key: large)).Status);
        Assert.Contains("signed with SHA1", Expect(CertificateStatus.Weak, _root.Issue(Host, hash: HashAlgorithmName.SHA1)), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("RFC", "6125")]
    public void Names_are_matched_as_clients_do()
    {
        (string Certified, string Host, bool Covers)[] cases =
        [
            (Host, Host, true), (Host, "MAIL.example.com", true), (Host, "mail.example.com.", true), (Host, "example.com", false), ("*.example.com", Host, true),
            ("*.example.com", "a.mail.example.com", false), ("*.example.com", "example.com", false), ("xn--bcher-kva.example", "b\u00fccher.example", true), (Host, "192.0.2.1", false), (Host, "no name", false),
        ];
        foreach ((string certified, string host, bool covers) in cases)
        {
            X509Certificate2 certificate = _root.Issue(certified);
            Assert.Equal((certified, host, covers), (certified, host, CertificateExaminer.Covers(certificate, host)));
            Assert.Equal(covers ? CertificateStatus.Valid : CertificateStatus.NameMismatch, Examine(certificate, [], new ExaminationOptions { Names = [host] }).Status);
        }
    }

    [Fact]
    public void The_gravest_fault_is_the_status_and_all_are_listed()
    {
        CertificateExamination found = Examine(_root.Issue(Host, end: TestAuthority.Now.AddDays(-1), hash: HashAlgorithmName.SHA1), [], new ExaminationOptions { Names = ["other.example"] });

        Assert.Equal([CertificateStatus.Expired, CertificateStatus.Weak, CertificateStatus.NameMismatch], found.Problems.Select(one => one.Status));
        Assert.Equal(CertificateStatus.PendingRequest, Examine(_root.Certificate, [], new ExaminationOptions(IsPending: true)).Status);
    }

    [Fact]
    public void Files_that_cannot_be_used_are_named_and_hide_no_other()
    {
        File.WriteAllText(_folder["roots/broken.pem"], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        File.WriteAllText(_folder["roots/text"], "no certificate");
        File.WriteAllBytes(_folder["roots/large.pem"], new byte[TrustFolder.MaxCertificateFile + 1]);
        File.WriteAllText(_folder["roots/below.pem"], _root.Below("Issuing").Certificate.ExportCertificatePem());
        File.WriteAllText(_folder["crls/broken"], "no list");

        TrustFolder trust = TrustFolder.Read(_folder.Path, withSystemRoots: false);

        Assert.Equal(["below", "broken", "broken", "large", "text"], trust.Faults.Select(one => one.Contains("Issuing", StringComparison.Ordinal) ? "below" : Path.GetFileNameWithoutExtension(one.Split(' ')[0])).Order());
        Assert.Single(trust.OwnRoots);
        Assert.Single(trust.Intermediates);
        Assert.Empty(TrustFolder.Read(_folder["nowhere"], withSystemRoots: false).Faults);
    }

    [Fact]
    public void Many_ways_to_an_issuer_come_to_an_end()
    {
        // Six authorities that all cross-signed each other: far more ways than are looked at.
        TestAuthority[] ring = [.. Enumerable.Range(0, 6).Select(one => TestAuthority.Root($"Ring {one}"))];
        X509Certificate2[] crossed = [.. ring.SelectMany(one => ring.Where(other => other != one).Select(one.CrossSign))];

        Assert.Equal(CertificateStatus.Untrusted, Examine(ring[0].Issue(Host), crossed).Status);
    }

    public void Dispose() => _folder.Dispose();

    private CertificateExamination Examine(X509Certificate2 certificate, IReadOnlyList<X509Certificate2>? chain = null, ExaminationOptions? options = null) =>
        new CertificateExaminer(TrustFolder.Read(_folder.Path, withSystemRoots: false), new FixedTime(TestAuthority.Now)).Examine(certificate, chain ?? [], options);

    private string Expect(CertificateStatus status, X509Certificate2 certificate, params X509Certificate2[] chain)
    {
        CertificateExamination found = Examine(certificate, chain);
        Assert.Equal((status, found.Reason), (found.Status, found.Reason));
        return found.Reason!;
    }

    private void Trust(string name, X509Certificate2 root) => File.WriteAllBytes(_folder[$"roots/{name}.der"], root.RawData);

    private void List(string name, byte[] list) => File.WriteAllText(_folder[$"crls/{name}"], PemEncoding.WriteString("X509 CRL", list));

    /// <summary>All of them in one file.</summary>
    private string Lists()
    {
        File.WriteAllLines(_folder["lists.pem"], Directory.EnumerateFiles(_folder["crls"]).Select(File.ReadAllText));
        return _folder["lists.pem"];
    }

    private async Task AgreesAsync(bool isGood, X509Certificate2 leaf, X509Certificate2[] chain, params string[] more)
    {
        Peers.Require("openssl");
        await File.WriteAllTextAsync(_folder["leaf.pem"], leaf.ExportCertificatePem());
        await File.WriteAllLinesAsync(_folder["chain.pem"], chain.Select(one => one.ExportCertificatePem()));
        await File.WriteAllLinesAsync(_folder["roots.pem"], TrustFolder.Read(_folder.Path, withSystemRoots: false).OwnRoots.Select(one => one.ExportCertificatePem()));
        string[] untrusted = chain.Length > 0 ? ["-untrusted", _folder["chain.pem"]] : [];
        CommandResult said = await ChildProcess.RunAsync("openssl", ["verify", "-no-CApath", "-no-CAstore", "-CAfile", _folder["roots.pem"], .. untrusted, "-purpose", "sslserver", .. more, _folder["leaf.pem"]]);
        Assert.True(isGood == (said.ExitCode == 0), said.Output + said.Error);
    }
}

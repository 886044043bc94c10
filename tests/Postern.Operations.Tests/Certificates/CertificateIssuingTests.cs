using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.Operations.Certificates;

namespace Postern.Operations.Tests.Certificates;

public sealed class CertificateIssuingTests : IDisposable
{
    private static readonly CertificateWish Mail = new(null, ["mail.example.com", "*.example.org"], "ecdsaP256");

    private readonly CertificateNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task A_new_one_has_the_fields_that_administrators_of_Exchange_know()
    {
        CertificateDetail made = await _node.Issuing.NewAsync(Mail with { FriendlyName = "front", IsExportable = true }, CancellationToken.None);

        Assert.Equal("CN=mail.example.com", made.Subject);
        Assert.Equal(["mail.example.com", "*.example.org"], made.CertificateDomains);
        Assert.Equal(("EC", 256, "sha256ECDSA"), (made.KeyAlgorithm, made.PublicKeySize, made.SignatureAlgorithm));
        Assert.Equal(("selfSigned", "front", true, true, "none"), (made.Origin, made.FriendlyName, made.HasPrivateKey, made.PrivateKeyExportable, made.RootCAType));
        Assert.Empty(made.Services);
        Assert.Equal(CertificateIssuing.DefaultDays, Math.Round((made.NotAfter - made.NotBefore)!.Value.TotalDays));
        Assert.EndsWith("rw-------", Assert.Single(made.AccessRules), StringComparison.Ordinal);
        Assert.Equal("untrusted", made.Status);
    }

    [Fact]
    public async Task Without_a_name_it_is_for_this_machine_and_the_common_name_is_among_the_names()
    {
        CertificateDetail own = await _node.Issuing.NewAsync(new CertificateWish(null, [], "ecdsaP256"), CancellationToken.None);
        CertificateDetail subject = await _node.Issuing.NewAsync(new CertificateWish("C=DE,O=Example,CN=mail.example.com", ["imap.example.com"], "rsa2048"), CancellationToken.None);

        Assert.Equal(CertificateIssuing.OwnNames().Select(one => one.ToLowerInvariant()), own.CertificateDomains);
        Assert.Equal(["mail.example.com", "imap.example.com"], subject.CertificateDomains);
        Assert.Contains("O=Example", subject.Subject, StringComparison.Ordinal);
        Assert.Equal(2048, subject.PublicKeySize);
    }

    [Theory]
    [InlineData("O=Example", "mail.example.com", "ecdsaP256")]
    [InlineData("CN=Mail of Example", "", "ecdsaP256")]
    [InlineData("", "two words", "ecdsaP256")]
    [InlineData("", "mail.example.com", "dsa1024")]
    public async Task What_cannot_be_in_a_certificate_is_refused_and_nothing_is_stored(string subject, string name, string algorithm)
    {
        CertificateWish wish = new(subject.Length > 0 ? subject : null, name.Length > 0 ? [name] : [], algorithm);

        OperationException refused = await Assert.ThrowsAsync<OperationException>(() => _node.Issuing.NewAsync(wish, CancellationToken.None));

        Assert.Equal(("invalidValue", FailureCategory.BadRequest), (refused.Code, refused.Category));
        Assert.NotEmpty(refused.Hint);
        Assert.Empty(_node.Store.All());
    }

    [Fact]
    public async Task A_friendly_name_of_the_limit_is_taken_and_one_more_refused()
    {
        string most = new('a', CertificateIssuing.MaxFriendlyName);

        Assert.Equal(most, (await _node.Issuing.NewAsync(Mail with { FriendlyName = most }, CancellationToken.None)).FriendlyName);
        await Assert.ThrowsAsync<OperationException>(() => _node.Issuing.NewAsync(Mail with { FriendlyName = most + "a" }, CancellationToken.None));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Renewing_a_self_signed_one_keeps_subject_names_life_and_on_wish_the_key(bool reuseKey)
    {
        CertificateDetail old = await _node.Issuing.NewAsync(new CertificateWish("O=Example,CN=mail.example.com", ["imap.example.com"], "ecdsaP384") { Days = 90, IsExportable = true }, CancellationToken.None);

        CertificateDetail next = (await _node.Issuing.RenewAsync(old.Thumbprint, asRequest: false, reuseKey, algorithm: null, days: null, CancellationToken.None)).Certificate!;

        Assert.NotEqual(old.Sha256, next.Sha256);
        Assert.Equal((old.Subject, old.PublicKeySize, true), (next.Subject, next.PublicKeySize, next.PrivateKeyExportable));
        Assert.Equal(old.CertificateDomains, next.CertificateDomains);
        Assert.Equal(old.Sha256, next.Replaces);
        Assert.Equal(90, Math.Round((next.NotAfter - next.NotBefore)!.Value.TotalDays));
        Assert.Equal(reuseKey, KeyOf(old).AsSpan().SequenceEqual(KeyOf(next)));
    }

    [Fact]
    public async Task Renewing_one_of_an_authority_makes_a_request_whose_answer_comes_in_its_place()
    {
        CertificateRequested asked = await _node.Issuing.RequestAsync(Mail, CancellationToken.None);
        CertificateDetail first = (await _node.ImportAsync(new CertificateImport(null, false, null), (_node.Sign(asked.Pem).RawData, null))).Certificate;

        CertificateRenewed renewal = await _node.Issuing.RenewAsync(first.Thumbprint, asRequest: false, reuseKey: false, algorithm: null, days: null, CancellationToken.None);
        Assert.Null(renewal.Certificate);
        Assert.Equal(first.CertificateDomains, renewal.Requested!.Request.CertificateDomains);
        CertificateImported done = await _node.ImportAsync(new CertificateImport(null, false, null), (_node.Sign(renewal.Requested.Pem).RawData, null));

        Assert.Equal(first.Sha256, done.Replaces);
        Assert.Equal(2, _node.Store.All().Count);
        OperationException pending = await Assert.ThrowsAsync<OperationException>(async () =>
            await _node.Issuing.RenewAsync((await _node.Issuing.RequestAsync(Mail, CancellationToken.None)).Request.Thumbprint, false, false, null, null, CancellationToken.None));
        Assert.Equal("pending", pending.Code);
    }

    [Theory]
    [InlineData("CN=mail_1.example.com", "mail_1.example.com")]
    [InlineData("CN=Mail of Example", "")]
    [InlineData("O=Example", "")]
    public async Task What_others_wrote_and_we_would_not_is_renewed_by_nobody_and_said(string subject, string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest foreign = new(subject, key, HashAlgorithmName.SHA256);
        if (name.Length > 0)
        {
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName(name);
            foreign.CertificateExtensions.Add(names.Build());
        }

        using X509Certificate2 made = foreign.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(5));
        StoredCertificate stored = _node.Store.Add(new CertificateBundle(made, []), new CertificateMetadata());

        foreach (bool asRequest in (bool[])[false, true])
        {
            try
            {
                await _node.Issuing.RenewAsync(stored.Thumbprint, asRequest, reuseKey: false, algorithm: null, days: null, CancellationToken.None);
            }
            catch (OperationException refused)
            {
                Assert.Equal("cannotRenew", refused.Code);
                Assert.Contains("--domain", refused.Hint, StringComparison.Ordinal);
            }
        }
    }

    private byte[] KeyOf(CertificateDetail one) => LocalCertificateStore.ReadKey(_node.Store.Find(one.Sha256));
}

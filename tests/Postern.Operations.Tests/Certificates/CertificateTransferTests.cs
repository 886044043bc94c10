using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Certificates;
using Postern.Operations.Certificates;

namespace Postern.Operations.Tests.Certificates;

public sealed class CertificateTransferTests : IDisposable
{
    private const string Password = "a password";

    private static readonly CertificateImport Plain = new(null, false, null);
    private static readonly CertificateWish Mail = new(null, ["mail.example.com"], "ecdsaP256");

    private readonly CertificateNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public async Task The_answer_of_an_authority_completes_the_request_whatever_else_is_in_the_file()
    {
        CertificateRequested asked = await _node.Issuing.RequestAsync(Mail with { FriendlyName = "front" }, CancellationToken.None);
        using X509Certificate2 answer = _node.Sign(asked.Pem);

        CertificateImported done = await _node.ImportAsync(Plain, (CertificateFileWriter.Pkcs7(new CertificateBundle(answer, [_node.Authority]), asPem: true), null));

        Assert.Equal(answer.Thumbprint, done.Certificate.Thumbprint);
        Assert.Equal((true, "requested", "front"), (done.Certificate.HasPrivateKey, done.Certificate.Origin, done.Certificate.FriendlyName));
        Assert.Equal(["CN=Example Root"], done.Certificate.Chain);
        Assert.Empty(done.Notes);
        Assert.Single(_node.Store.All());
    }

    [Fact]
    public async Task On_another_node_the_answer_has_no_key_and_says_so()
    {
        using CertificateNode other = new();
        CertificateRequested asked = await other.Issuing.RequestAsync(Mail, CancellationToken.None);
        using X509Certificate2 answer = _node.Sign(asked.Pem);

        CertificateImported done = await _node.ImportAsync(Plain, (answer.RawData, null));

        Assert.False(done.Certificate.HasPrivateKey);
        Assert.Contains("node that made it", Assert.Single(done.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Certificate_key_and_issuer_may_be_in_three_files()
    {
        CertificateRequested asked = await _node.Issuing.RequestAsync(Mail, CancellationToken.None);
        using X509Certificate2 answer = _node.Sign(asked.Pem);
        byte[] key = LocalCertificateStore.ReadKey(_node.Store.Find(asked.Request.Thumbprint));
        await RemoveAsync(asked.Request.Thumbprint);

        CertificateImported done = await _node.ImportAsync(
            Plain with { IsExportable = true }, (key, null), (Encoding.ASCII.GetBytes(_node.Authority.ExportCertificatePem()), null), (answer.RawData, null));

        Assert.Equal((answer.Thumbprint, true, true), (done.Certificate.Thumbprint, done.Certificate.HasPrivateKey, done.Certificate.PrivateKeyExportable));
        Assert.Equal(["CN=Example Root"], done.Certificate.Chain);
    }

    [Fact]
    public async Task A_wrong_password_imports_nothing_and_a_second_import_is_refused()
    {
        CertificateDetail made = await _node.Issuing.NewAsync(Mail with { IsExportable = true }, CancellationToken.None);
        byte[] pfx = _node.Transfer.Export(made.Thumbprint, CertificateExportForm.Pkcs12, false, true, Password).Content;
        await RemoveAsync(made.Thumbprint);

        CertificateFormatException wrong = await Assert.ThrowsAsync<CertificateFormatException>(() => _node.ImportAsync(Plain, (pfx, "another")));
        Assert.Equal("wrongPassword", wrong.Code);
        Assert.Empty(_node.Store.All());
        Assert.Equal(made.Thumbprint, (await _node.ImportAsync(Plain, (pfx, Password))).Certificate.Thumbprint);
        Assert.Equal("alreadyThere", (await Assert.ThrowsAsync<CertificateStoreException>(() => _node.ImportAsync(Plain, (pfx, Password)))).Code);
    }

    [Theory]
    [InlineData(CertificateExportForm.Pem)]
    [InlineData(CertificateExportForm.Der)]
    [InlineData(CertificateExportForm.Pkcs7)]
    [InlineData(CertificateExportForm.Pkcs12)]
    [InlineData(CertificateExportForm.Pkcs12Legacy)]
    public async Task What_is_given_out_can_be_brought_in_elsewhere(CertificateExportForm form)
    {
        using CertificateNode other = new();
        CertificateDetail made = await _node.Issuing.NewAsync(Mail with { IsExportable = true, FriendlyName = "front" }, CancellationToken.None);
        bool withKey = form is CertificateExportForm.Pkcs12 or CertificateExportForm.Pkcs12Legacy or CertificateExportForm.Pem;

        CertificateExport export = _node.Transfer.Export(made.Thumbprint, form, form == CertificateExportForm.Pem, true, Password);
        CertificateDetail there = (await other.ImportAsync(Plain, (export.Content, withKey ? Password : null))).Certificate;

        Assert.Equal((made.Sha256, withKey), (there.Sha256, there.HasPrivateKey));
        Assert.Equal(withKey, export.HasKey);
        Assert.DoesNotContain("PRIVATE", export.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_not_to_be_given_out_is_not_and_the_certificate_is()
    {
        CertificateDetail made = await _node.Issuing.NewAsync(Mail, CancellationToken.None);

        foreach ((CertificateExportForm form, bool withKey) in ((CertificateExportForm, bool)[])[(CertificateExportForm.Pkcs12, false), (CertificateExportForm.Pkcs12Legacy, false), (CertificateExportForm.Pem, true)])
        {
            Assert.Equal("notExportable", Assert.Throws<OperationException>(() => _node.Transfer.Export(made.Thumbprint, form, withKey, true, Password)).Code);
        }

        Assert.DoesNotContain("KEY", Encoding.ASCII.GetString(_node.Transfer.Export(made.Thumbprint, CertificateExportForm.Pem, false, true, null).Content), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_certificate_for_a_key_does_not_make_the_key_exportable()
    {
        CertificateRequested asked = await _node.Issuing.RequestAsync(Mail, CancellationToken.None);
        CertificateImported first = await _node.ImportAsync(Plain with { IsExportable = true }, (_node.Sign(asked.Pem).RawData, null));
        CertificateImported second = await _node.ImportAsync(Plain with { IsExportable = true }, (_node.Sign(asked.Pem, days: 20).RawData, null));

        Assert.Contains(first.Notes, note => note.Contains("--exportable", StringComparison.Ordinal));
        foreach (CertificateImported one in (CertificateImported[])[first, second])
        {
            Assert.False(one.Certificate.PrivateKeyExportable);
            Assert.Equal("notExportable", Assert.Throws<OperationException>(() => _node.Transfer.Export(one.Certificate.Thumbprint, CertificateExportForm.Pkcs12, false, true, Password)).Code);
        }
    }

    [Fact]
    public async Task A_friendly_name_of_a_file_is_cut_to_what_ours_may_be()
    {
        using X509Certificate2 made = SelfSignedCertificate.Create(new SelfSignedRequest("mail", ["mail.example.com"], KeyAlgorithm.EcdsaP256, TimeSpan.FromDays(1)), TimeProvider.System);
        byte[] pfx = CertificateFileWriter.Pkcs12(new CertificateBundle(made, []) { FriendlyName = new string('a', 200) }, Password, Pkcs12Profile.Modern);

        Assert.Equal(CertificateIssuing.MaxFriendlyName, (await _node.ImportAsync(Plain, (pfx, Password))).Certificate.FriendlyName!.Length);
    }

    [Fact]
    public async Task Of_a_pending_request_the_request_is_given_out()
    {
        CertificateRequested asked = await _node.Issuing.RequestAsync(Mail, CancellationToken.None);

        Assert.Equal(asked.Pem, Encoding.ASCII.GetString(_node.Transfer.Export(asked.Request.Thumbprint, CertificateExportForm.Pem, false, true, null).Content));
        Assert.Equal("pending", Assert.Throws<OperationException>(() => _node.Transfer.Export(asked.Request.Thumbprint, CertificateExportForm.Pkcs12, false, true, Password)).Code);
    }

    [Fact]
    public async Task One_that_is_in_use_is_not_removed_and_the_best_for_a_name_comes_first()
    {
        CertificateDetail own = await _node.Issuing.NewAsync(Mail, CancellationToken.None);
        CertificateRequested asked = await _node.Issuing.RequestAsync(Mail, CancellationToken.None);
        CertificateDetail issued = (await _node.ImportAsync(Plain, (_node.Sign(asked.Pem).RawData, null))).Certificate;
        await _node.Issuing.NewAsync(new CertificateWish(null, ["other.example.com"], "ecdsaP256"), CancellationToken.None);
        StoredCertificate stored = _node.Store.Find(own.Thumbprint);
        LocalCertificateStore.Update(stored, stored.Metadata with { Services = MailServices.Smtp });

        Assert.Equal([issued.Thumbprint, own.Thumbprint], _node.Local.List("MAIL.example.com", MailServices.None).Certificates.Select(one => one.Thumbprint));
        Assert.Equal([own.Thumbprint], _node.Local.List(null, MailServices.Smtp | MailServices.Pop).Certificates.Select(one => one.Thumbprint));
        OperationException used = await Assert.ThrowsAsync<OperationException>(() => _node.Local.RemoveAsync(own.Thumbprint, CancellationToken.None));
        Assert.Equal("inUse", used.Code);
        Assert.Contains($"disable {own.Thumbprint} --services smtp", used.Hint, StringComparison.Ordinal);
        Assert.Equal(own.Thumbprint, _node.Local.Show(own.Thumbprint[..8]).Thumbprint);
    }

    private Task<CertificateRemoved> RemoveAsync(string thumbprint) => _node.Local.RemoveAsync(thumbprint, CancellationToken.None);
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Operations.Certificates;
using Postern.Testing;
using Postern.Transport.Services;

namespace Postern.Operations.Tests.Certificates;

/// <summary>enable and disable: what the store says afterwards, and when nothing is changed.</summary>
public sealed class CertificateServicesTests : IDisposable
{
    private const MailServices Smtp = MailServices.Smtp;
    private readonly TempFolder _folder = new();
    private readonly FakeDriver _driver = new();
    private readonly LocalCertificateStore _store;
    private readonly List<string> _announced = [];
    private ServiceSettings _settings = new();
    private string? _daemonFault;

    public CertificateServicesTests() => _store = CertificatePlace.Of(_folder.Path).Open(TimeProvider.System);

    [Fact]
    public async Task The_first_certificate_of_smtp_becomes_the_default_unasked()
    {
        StoredCertificate only = Add("mail.example.com");
        Assert.Null(Services().Question(only.Thumbprint, Smtp));
        CertificateBound bound = await Services().EnableAsync(only.Thumbprint, Smtp, null, default);
        Assert.True(bound.IsDefaultSmtp);
        Assert.Null(bound.PreviousDefault);
        Assert.Equal(["smtp"], bound.Services);
        Assert.Equal(only.Sha256, _driver.Shown);
    }

    [Fact]
    public async Task The_default_changes_hands_only_on_purpose()
    {
        StoredCertificate first = Add("mail.example.com");
        StoredCertificate second = Add("mail.example.com");
        await Services().EnableAsync(first.Thumbprint, Smtp, null, default);
        DefaultSmtpQuestion question = Services().Question(second.Thumbprint, Smtp)!;
        Assert.Equal((first.Thumbprint, second.Thumbprint), (question.Current.Thumbprint, question.Wanted.Thumbprint));

        CertificateBound no = await Services().EnableAsync(second.Thumbprint, Smtp, false, default);
        Assert.False(no.IsDefaultSmtp);
        Assert.Equal(["smtp"], no.Services);
        Assert.Equal(first.Sha256, _driver.Shown);

        CertificateBound yes = await Services().EnableAsync(second.Thumbprint, Smtp, true, default);
        Assert.True(yes.IsDefaultSmtp);
        Assert.Equal(first.Thumbprint, yes.PreviousDefault);
        Assert.False(_store.Find(first.Thumbprint).Metadata.IsDefaultSmtp);
        Assert.Equal(Smtp, _store.Find(first.Thumbprint).Metadata.Services);
        Assert.Equal(second.Sha256, _driver.Shown);
    }

    [Fact]
    public async Task Whoever_is_shown_by_default_is_asked_about_also_when_it_inherited_that()
    {
        StoredCertificate first = Add("mail.example.com");
        StoredCertificate heir = Add("mail.example.com");
        StoredCertificate third = Add("mail.example.com");
        await Services().EnableAsync(first.Thumbprint, Smtp, null, default);
        await Services().EnableAsync(heir.Thumbprint, Smtp, false, default);
        await Services().DisableAsync(first.Thumbprint, Smtp, default);
        Assert.Equal(heir.Sha256, _driver.Shown);

        Assert.Equal(heir.Thumbprint, Services().Question(third.Thumbprint, Smtp)!.Current.Thumbprint);
        await Services().EnableAsync(third.Thumbprint, Smtp, null, default);
        Assert.Equal(heir.Sha256, _driver.Shown);
    }

    [Fact]
    public async Task What_nobody_foresaw_leaves_no_half_of_a_change()
    {
        StoredCertificate first = Add("mail.example.com");
        StoredCertificate second = Add("mail.example.com");
        await Services().EnableAsync(first.Thumbprint, Smtp, null, default);
        _driver.Fault = new NotSupportedException("nobody foresaw this");

        await Assert.ThrowsAsync<NotSupportedException>(() => Services().EnableAsync(second.Thumbprint, Smtp, true, default));

        Assert.Equal(first.Sha256, _driver.Shown);
        Assert.True(_store.Find(first.Thumbprint).Metadata.IsDefaultSmtp);
    }

    [Fact]
    public async Task What_a_killed_command_left_in_a_program_goes_when_it_is_given_again()
    {
        StoredCertificate only = Add("mail.example.com");
        await Services().EnableAsync(only.Thumbprint, Smtp, null, default);

        // The store says the one thing, the program shows the other.
        LocalCertificateStore.Update(_store.Find(only.Thumbprint), only.Metadata);
        await Services().DisableAsync(only.Thumbprint, Smtp, default);

        Assert.NotEqual(only.Sha256, _driver.Shown);
    }

    [Fact]
    public async Task A_service_can_be_taken_away_again()
    {
        StoredCertificate only = Add("mail.example.com");
        await Services().EnableAsync(only.Thumbprint, Smtp | MailServices.Imap, null, default);
        CertificateBound left = await Services().DisableAsync(only.Thumbprint, Smtp, default);
        Assert.Equal(["imap"], left.Services);
        Assert.False(left.IsDefaultSmtp);
        Assert.Null(_driver.Shown);
        Assert.Equal(MailServices.Imap, _store.Find(only.Thumbprint).Metadata.Services);
    }

    [Fact]
    public async Task What_no_client_has_seen_is_not_in_the_store()
    {
        StoredCertificate first = Add("mail.example.com");
        await Services().EnableAsync(first.Thumbprint, Smtp, null, default);
        StoredCertificate second = Add("mail.example.com");
        _driver.Fault = new ServiceException("reload", "it does not reload", "start it");

        OperationException failure = await Assert.ThrowsAsync<OperationException>(() => Services().EnableAsync(second.Thumbprint, Smtp, true, default));

        Assert.Equal("serviceReload", failure.Code);
        Assert.Contains("as before", failure.Message, StringComparison.Ordinal);
        Assert.Equal(first.Sha256, _driver.Shown);
        Assert.Equal(MailServices.None, _store.Find(second.Thumbprint).Metadata.Services);
        Assert.True(_store.Find(first.Thumbprint).Metadata.IsDefaultSmtp);
    }

    [Fact]
    public async Task A_successor_takes_over_everything_and_the_one_before_has_nothing()
    {
        StoredCertificate before = Add("mail.example.com");
        await Services().EnableAsync(before.Thumbprint, Smtp | MailServices.Imap, null, default);
        StoredCertificate after = Add("mail.example.com");

        CertificateBound bound = await Services().TakeOverAsync(before.Thumbprint, after.Thumbprint, default);

        Assert.Equal(["imap", "smtp"], bound.Services);
        Assert.True(bound.IsDefaultSmtp);
        Assert.Equal(before.Thumbprint, bound.PreviousDefault);
        Assert.Equal(before.Sha256, _store.Find(after.Thumbprint).Metadata.Replaces);
        Assert.Equal((MailServices.None, false), (_store.Find(before.Thumbprint).Metadata.Services, _store.Find(before.Thumbprint).Metadata.IsDefaultSmtp));
        Assert.Equal(after.Sha256, _driver.Shown);
    }

    [Fact]
    public async Task What_hubs_and_edges_know_the_node_by_is_announced_by_the_daemon()
    {
        StoredCertificate one = Add("edge1.example.com");
        await Services().EnableAsync(one.Thumbprint, MailServices.Ldaps | MailServices.EdgeSync, null, default);
        Assert.Contains("PRIVATE KEY", Assert.Single(_announced), StringComparison.Ordinal);
        Assert.Equal(MailServices.Ldaps | MailServices.EdgeSync, _store.Find(one.Thumbprint).Metadata.Services);

        StoredCertificate two = Add("edge1.example.com");
        _daemonFault = "no daemon";
        await Assert.ThrowsAsync<OperationException>(() => Services().EnableAsync(two.Thumbprint, MailServices.EdgeSync | Smtp, null, default));
        Assert.Null(_driver.Shown);
        Assert.Equal(MailServices.None, _store.Find(two.Thumbprint).Metadata.Services);

        _daemonFault = null;
        await Services().EnableAsync(two.Thumbprint, MailServices.EdgeSync, null, default);
        Assert.Equal(MailServices.Ldaps, _store.Find(one.Thumbprint).Metadata.Services);
    }

    [Fact]
    public async Task Without_its_key_nothing_is_bound()
    {
        using X509Certificate2 made = SelfSigned("mail.example.com");
        using CertificateBundle bundle = new(X509CertificateLoader.LoadCertificate(made.RawData), []);
        StoredCertificate keyless = _store.Add(bundle, new CertificateMetadata());
        Assert.Equal("noKey", (await Assert.ThrowsAsync<CertificateStoreException>(() => Services().EnableAsync(keyless.Thumbprint, Smtp, null, default))).Code);
    }

    [Theory]
    [InlineData("*.example.com", null, "wildcard")]
    [InlineData("imap.example.com", null, null)]
    [InlineData("*.example.com", "imap.example.com", null)]
    [InlineData("mail.example.com", "imap.example.com", "does not cover imap.example.com")]
    [InlineData("*.example.com", "a.imap.example.com", "does not cover a.imap.example.com")]
    public async Task Names_that_mail_programs_would_refuse_are_warned_of_with_the_fix(string certified, string? entered, string? warning)
    {
        _settings = new ServiceSettings { Dovecot = new DovecotSettings { ImapName = entered } };
        StoredCertificate one = Add(certified);
        CertificateBound bound = await Services().EnableAsync(one.Thumbprint, MailServices.Imap, null, default);
        if (warning is null)
        {
            Assert.Empty(bound.Warnings);
        }
        else
        {
            Assert.Contains(warning, Assert.Single(bound.Warnings), StringComparison.Ordinal);
            Assert.Contains("imapName", bound.Warnings[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_service_that_is_not_here_is_warned_of()
    {
        _driver.Absence = "there is no Postfix";
        CertificateBound bound = await Services().EnableAsync(Add("mail.example.com").Thumbprint, Smtp, null, default);
        Assert.Contains("there is no Postfix", Assert.Single(bound.Warnings), StringComparison.Ordinal);
        Assert.Equal("absent", Assert.Single(bound.Programs).State);
    }

    public void Dispose() => _folder.Dispose();

    private static X509Certificate2 SelfSigned(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(90));
    }

    private StoredCertificate Add(string name)
    {
        using CertificateBundle bundle = new(SelfSigned(name), []);
        return _store.Add(bundle, new CertificateMetadata());
    }

    private CertificateServices Services() => new(
        CertificatePlace.Of(_folder.Path), new ServiceBinder([_driver], _settings, TimeProvider.System, NullLogger.Instance),
        (pem, _) =>
        {
            _announced.Add(pem);
            return _daemonFault is { } fault ? throw new OperationException(FailureCategory.Failed, "noDaemon", fault, "") : Task.FromResult("edge-cert");
        },
        TimeProvider.System);
}

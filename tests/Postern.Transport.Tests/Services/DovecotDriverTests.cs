using Postern.Certificates;
using Postern.Testing;
using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

/// <summary>A real Dovecot that gets its certificates from the store.</summary>
public sealed class DovecotDriverTests : IDisposable
{
    private readonly NodeStore _node = new();

    [SkippableFact]
    public async Task Imap_and_pop_have_certificates_of_their_own_while_old_sessions_go_on()
    {
        await using DovecotFixture dovecot = await DovecotFixture.StartAsync(_node.OldFiles());
        await using TlsClient session = await TlsClient.ConnectAsync(dovecot.ImapsPort);
        await using TlsClient started = await TlsClient.ConnectAsync(dovecot.PopPort, "STLS");
        StoredCertificate imap = _node.Add(MailServices.Imap, "imap.example.com");

        BindingOutcome done = await Binder(dovecot).ApplyAsync(_node.Store.All(), MailServices.Imap, default);
        Assert.Null(done.Failure);
        Assert.Equal(imap.Sha256, await TlsClient.ShownAsync(dovecot.ImapPort, ProbeProtocol.Imap));
        Assert.Equal(session.Sha256, await TlsClient.ShownAsync(dovecot.PopsPort, ProbeProtocol.Tls));

        StoredCertificate pop = _node.Add(MailServices.Pop, "pop.example.com");
        done = await Binder(dovecot).ApplyAsync(_node.Store.All(), MailServices.Pop, default);
        Assert.Null(done.Failure);
        Assert.Equal(imap.Sha256, await TlsClient.ShownAsync(dovecot.ImapsPort, ProbeProtocol.Tls));
        Assert.Equal(pop.Sha256, await TlsClient.ShownAsync(dovecot.PopPort, ProbeProtocol.Pop));
        Assert.Contains("OK", await session.SayAsync("a NOOP"), StringComparison.Ordinal);
        Assert.Contains("OK", await started.SayAsync("CAPA"), StringComparison.Ordinal);

        LocalCertificateStore.Update(imap, imap.Metadata with { Services = MailServices.None });
        LocalCertificateStore.Update(pop, pop.Metadata with { Services = MailServices.None });
        done = await Binder(dovecot).ApplyAsync(_node.Store.All(), MailServices.Imap | MailServices.Pop, default);
        Assert.Null(done.Failure);
        Assert.Empty(Directory.GetFiles(dovecot.IncludeFolder));
    }

    [SkippableFact]
    public async Task Several_certificates_are_told_apart_by_name()
    {
        await using DovecotFixture dovecot = await DovecotFixture.StartAsync(_node.OldFiles());
        StoredCertificate one = _node.Add(MailServices.Imap | MailServices.Pop, "mail.example.com");
        StoredCertificate two = _node.Add(MailServices.Imap | MailServices.Pop, "*.example.net");

        BindingOutcome done = await Binder(dovecot, "mail.example.com").ApplyAsync(_node.Store.All(), MailServices.Imap | MailServices.Pop, default);

        Assert.Null(done.Failure);
        Assert.Equal(one.Sha256, await TlsClient.ShownAsync(dovecot.ImapsPort, ProbeProtocol.Tls));
        Assert.Equal(two.Sha256, await TlsClient.ShownAsync(dovecot.ImapPort, ProbeProtocol.Imap, "imap.example.net"));
        Assert.Equal(one.Sha256, await TlsClient.ShownAsync(dovecot.PopPort, ProbeProtocol.Pop, "mail.example.com"));
        Assert.Equal(two.Sha256, await TlsClient.ShownAsync(dovecot.PopsPort, ProbeProtocol.Tls, "pop.example.net"));
    }

    [SkippableFact]
    public async Task A_configuration_that_Dovecot_refuses_is_taken_back_before_it_reads_it()
    {
        await using DovecotFixture dovecot = await DovecotFixture.StartAsync(_node.OldFiles());
        string before = await TlsClient.ShownAsync(dovecot.ImapsPort, ProbeProtocol.Tls);
        await File.WriteAllTextAsync(Path.Combine(dovecot.IncludeFolder, "10-mistake.conf"), "no_such_setting = 1\n");
        _node.Add(MailServices.Imap, "imap.example.com");

        BindingOutcome done = await Binder(dovecot).ApplyAsync(_node.Store.All(), MailServices.Imap, default);

        Assert.NotNull(done.Failure);
        Assert.Contains("no_such_setting", done.Failure.Message, StringComparison.Ordinal);
        Assert.Equal(ServiceState.RolledBack, Assert.Single(done.Services).State);
        Assert.False(File.Exists(Path.Combine(dovecot.IncludeFolder, "99-postern.conf")));
        Assert.Equal(before, await TlsClient.ShownAsync(dovecot.ImapsPort, ProbeProtocol.Tls));
    }

    [SkippableFact]
    public async Task A_server_without_POP_takes_several_certificates_for_IMAP()
    {
        await using DovecotFixture dovecot = await DovecotFixture.StartAsync(_node.OldFiles());
        StoredCertificate one = _node.Add(MailServices.Imap, "mail.example.com");
        _node.Add(MailServices.Imap, "mail.example.net");
        ServiceSettings settings = Settings(dovecot, "mail.example.com");
        settings = settings with { Dovecot = settings.Dovecot with { PopProbes = [NodeStore.At(LoopbackPort.Free())] } };

        BindingOutcome done = await Binder(settings).ApplyAsync(_node.Store.All(), MailServices.Imap, default);

        Assert.Null(done.Failure);
        Assert.Equal(one.Sha256, await TlsClient.ShownAsync(dovecot.ImapPort, ProbeProtocol.Imap));
    }

    [SkippableFact]
    public async Task Postfix_gets_back_what_it_showed_when_Dovecot_fails_after_it()
    {
        CertificateFiles old = _node.OldFiles();
        await using DovecotFixture dovecot = await DovecotFixture.StartAsync(old);
        await using PostfixFixture postfix = await PostfixFixture.StartAsync(new PostfixOptions
        {
            RelayDomains = "example.com",
            RelayRecipientMaps = "",
            MainLines = [$"smtpd_tls_cert_file = {old.Certificate}", $"smtpd_tls_key_file = {old.Key}", "smtpd_tls_security_level = may"],
        });
        string before = await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp);
        await File.WriteAllTextAsync(Path.Combine(dovecot.IncludeFolder, "10-mistake.conf"), "no_such_setting = 1\n");
        StoredCertificate wanted = _node.Add(MailServices.Imap | MailServices.Smtp, "mail.example.com");
        ServiceSettings settings = Settings(dovecot, null) with { Postfix = new PostfixSettings { Folder = postfix.ConfigFolder, Probes = [NodeStore.At(postfix.Port)] } };

        BindingOutcome done = await NodeStore.Binder(
            settings, new PostfixDriver(Path.Combine(_node.ServicesFolder, "postfix"), settings, TimeProvider.System),
            new DovecotDriver(Path.Combine(_node.ServicesFolder, "dovecot"), settings, TimeProvider.System)).ApplyAsync(_node.Store.All(), MailServices.Imap | MailServices.Smtp, default);

        Assert.NotNull(done.Failure);
        Assert.Equal([("postfix", ServiceState.RolledBack), ("dovecot", ServiceState.RolledBack)], done.Services.Select(one => (one.Driver, one.State)));
        Assert.Contains(done.Services[0].Steps, step => step.Contains($"shows {wanted.Sha256}", StringComparison.Ordinal));
        await new ServiceProber(TimeProvider.System, TimeSpan.FromSeconds(5)).CheckAsync(
            [new ServiceProbe(MailServices.Smtp, $"127.0.0.1:{postfix.Port}", ProbeProtocol.Smtp, null, before, false)], default);
        Assert.Empty(Directory.GetFiles(_node.ServicesFolder, "*", SearchOption.AllDirectories));
    }

    [SkippableFact]
    public async Task A_file_that_Dovecot_does_not_include_is_said()
    {
        await using DovecotFixture dovecot = await DovecotFixture.StartAsync(_node.OldFiles());
        _node.Add(MailServices.Imap, "imap.example.com");
        ServiceSettings settings = Settings(dovecot, null);
        settings = settings with { Dovecot = settings.Dovecot with { Include = Path.Combine(_node.DataFolder, "elsewhere.conf") } };

        BindingOutcome done = await Binder(settings).ApplyAsync(_node.Store.All(), MailServices.Imap, default);

        Assert.Equal("notWired", done.Failure?.Code);
        Assert.Contains("!include_try", done.Failure!.Hint, StringComparison.Ordinal);
    }

    public void Dispose() => _node.Dispose();

    private static ServiceSettings Settings(DovecotFixture dovecot, string? name) => new()
    {
        PatienceSeconds = 5,
        Dovecot = new DovecotSettings
        {
            Configuration = dovecot.Configuration,
            Include = Path.Combine(dovecot.IncludeFolder, "99-postern.conf"),
            ImapName = name,
            PopName = name,
            ImapProbes = [NodeStore.At(dovecot.ImapPort), NodeStore.At(dovecot.ImapsPort, true)],
            PopProbes = [NodeStore.At(dovecot.PopPort), NodeStore.At(dovecot.PopsPort, true)],
        },
    };

    private ServiceBinder Binder(DovecotFixture dovecot, string? name = null) => Binder(Settings(dovecot, name));

    private ServiceBinder Binder(ServiceSettings settings) =>
        NodeStore.Binder(settings, new DovecotDriver(Path.Combine(_node.ServicesFolder, "dovecot"), settings, TimeProvider.System));
}

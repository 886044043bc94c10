using Postern.Certificates;
using Postern.Testing;
using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

/// <summary>A real Postfix that gets its certificates from the store.</summary>
public sealed class PostfixDriverTests : IDisposable
{
    private readonly NodeStore _node = new();

    [SkippableTheory]
    [InlineData("hash")]
    [InlineData("lmdb")]
    public async Task Postfix_shows_the_default_certificate_and_others_by_name_while_old_sessions_go_on(string maps)
    {
        CertificateFiles old = _node.OldFiles();
        await using PostfixFixture postfix = await StartAsync($"default_database_type = {maps}", $"smtpd_tls_cert_file = {old.Certificate}", $"smtpd_tls_key_file = {old.Key}", "smtpd_tls_security_level = may");
        string before = await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp);
        await using TlsClient session = await TlsClient.ConnectAsync(postfix.Port, "EHLO client.test", "STARTTLS");
        Assert.Equal(before, session.Sha256);

        StoredCertificate first = _node.Add(MailServices.Smtp, true, "mail.example.com");
        StoredCertificate second = _node.Add(MailServices.Smtp, "mail.example.net", "*.example.net");
        BindingOutcome done = await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default);

        Assert.Null(done.Failure);
        Assert.Equal(ServiceState.Applied, Assert.Single(done.Services).State);
        Assert.Contains($"tls_server_sni_maps = {maps}:", await File.ReadAllTextAsync(Path.Combine(postfix.ConfigFolder, "main.cf")), StringComparison.Ordinal);
        Assert.Equal(first.Sha256, await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp));
        Assert.Equal(first.Sha256, await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp, "mail.example.com"));
        Assert.Equal(first.Sha256, await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp, "elsewhere.test"));
        Assert.Equal(second.Sha256, await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp, "mail.example.net"));
        Assert.Equal(second.Sha256, await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp, "smtp.example.net"));
        Assert.StartsWith("250", await session.SayAsync("NOOP"), StringComparison.Ordinal);

        BindingOutcome again = await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default);
        Assert.Null(again.Failure);
        Assert.Equal(ServiceState.Unchanged, Assert.Single(again.Services).State);

        LocalCertificateStore.Update(first, first.Metadata with { Services = MailServices.None });
        LocalCertificateStore.Update(second, second.Metadata with { Services = MailServices.None });
        BindingOutcome gone = await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default);
        Assert.Null(gone.Failure);
        Assert.DoesNotContain("chain_files", await File.ReadAllTextAsync(Path.Combine(postfix.ConfigFolder, "main.cf")), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_node.ServicesFolder, "*", SearchOption.AllDirectories));
    }

    [SkippableFact]
    public async Task Postfix_offers_STARTTLS_from_the_first_certificate_on()
    {
        await using PostfixFixture postfix = await StartAsync();
        StoredCertificate only = _node.Add(MailServices.Smtp, "mail.example.com");

        BindingOutcome done = await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default);

        Assert.Null(done.Failure);
        Assert.Contains(done.Services[0].Steps, step => step.Contains("smtpd_tls_security_level", StringComparison.Ordinal));
        Assert.Equal(only.Sha256, await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp));
        foreach (string file in Directory.GetFiles(_node.ServicesFolder, "*", SearchOption.AllDirectories))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [SkippableFact]
    public async Task A_port_that_shows_something_else_puts_everything_back()
    {
        CertificateFiles old = _node.OldFiles();
        await using PostfixFixture postfix = await StartAsync($"smtpd_tls_cert_file = {old.Certificate}", $"smtpd_tls_key_file = {old.Key}", "smtpd_tls_security_level = may");
        string before = await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp);
        string main = await File.ReadAllTextAsync(Path.Combine(postfix.ConfigFolder, "main.cf"));

        // As an administrator's master.cf may say: this port has a certificate of its own.
        await ChildProcess.RunAsync(Peers.Find("postconf")!, ["-c", postfix.ConfigFolder, "-P", $"127.0.0.1:{postfix.Port}/inet/smtpd_tls_chain_files={await ChainAsync(old)}"]);
        _node.Add(MailServices.Smtp, "mail.example.com");
        BindingOutcome done = await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default);

        Assert.Equal("notServed", done.Failure?.Code);
        Assert.Contains($"127.0.0.1:{postfix.Port}", done.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(ServiceState.RolledBack, Assert.Single(done.Services).State);
        Assert.Equal(main, await File.ReadAllTextAsync(Path.Combine(postfix.ConfigFolder, "main.cf")));
        Assert.Empty(Directory.GetFiles(_node.ServicesFolder, "*", SearchOption.AllDirectories));
        Assert.Equal(before, await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp));
    }

    [SkippableFact]
    public async Task A_Postfix_that_does_not_reload_changes_nothing()
    {
        await using PostfixFixture postfix = await StartAsync();
        string main = await File.ReadAllTextAsync(Path.Combine(postfix.ConfigFolder, "main.cf"));
        _node.Add(MailServices.Smtp, "mail.example.com");
        ServiceSettings settings = Settings(postfix);
        using TempFolder folder = new();
        string script = folder.Write("postfix", "#!/bin/sh\ncase \"$3\" in reload) echo 'it will not' >&2; exit 1;; esac\nexit 0\n");
        File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        settings = settings with { Postfix = settings.Postfix with { Postfix = script } };

        BindingOutcome done = await NodeStore.Binder(settings, new PostfixDriver(Path.Combine(_node.ServicesFolder, "postfix"), settings, TimeProvider.System))
            .ApplyAsync(_node.Store.All(), MailServices.Smtp, default);

        Assert.Equal("reload", done.Failure?.Code);
        Assert.Contains("it will not", done.Failure!.Message, StringComparison.Ordinal);
        Assert.Equal(ServiceState.RolledBack, done.Services[0].State);
        Assert.Equal(main, await File.ReadAllTextAsync(Path.Combine(postfix.ConfigFolder, "main.cf")));
    }

    [SkippableFact]
    public async Task A_disable_that_ended_before_main_cf_loses_nothing_and_the_next_one_goes_on()
    {
        await using PostfixFixture postfix = await StartAsync();
        string main = await File.ReadAllTextAsync(Path.Combine(postfix.ConfigFolder, "main.cf"));
        StoredCertificate only = _node.Add(MailServices.Smtp, "mail.example.com");
        Assert.Null((await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default)).Failure);

        // What Postfix had recorded is gone, and main.cf has Postern's values: they are never taken for the administrator's.
        File.Delete(Path.Combine(_node.ServicesFolder, "postfix", "before.json"));
        Assert.Null((await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default)).Failure);
        Assert.DoesNotContain(_node.ServicesFolder, await File.ReadAllTextAsync(Path.Combine(_node.ServicesFolder, "postfix", "before.json")), StringComparison.Ordinal);

        // main.cf is as it was, and the end came before the reload.
        await postfix.ReconfigureAsync("smtpd_tls_security_level = none");
        (await ChildProcess.RunAsync(Peers.Find("postconf")!, ["-c", postfix.ConfigFolder, "-X", "smtpd_tls_chain_files"])).MustSucceed();
        LocalCertificateStore.Update(only, only.Metadata with { Services = MailServices.None });
        BindingOutcome gone = await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default);

        Assert.Null(gone.Failure);
        Assert.Equal(ServiceState.Applied, gone.Services[0].State);
        Assert.Contains(gone.Services[0].Steps, step => step.Contains($"127.0.0.1:{postfix.Port} shows no certificate", StringComparison.Ordinal));
        Assert.Equal(main, await File.ReadAllTextAsync(Path.Combine(postfix.ConfigFolder, "main.cf")));
        Assert.Empty(Directory.GetFiles(_node.ServicesFolder, "*", SearchOption.AllDirectories));
    }

    [SkippableFact]
    public async Task A_Postfix_that_does_not_reload_keeps_the_keys_of_what_is_disabled()
    {
        await using PostfixFixture postfix = await StartAsync();
        StoredCertificate only = _node.Add(MailServices.Smtp, "mail.example.com");
        Assert.Null((await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default)).Failure);
        string[] files = Directory.GetFiles(_node.ServicesFolder, "*", SearchOption.AllDirectories);
        LocalCertificateStore.Update(only, only.Metadata with { Services = MailServices.None });
        ServiceSettings settings = Settings(postfix);
        settings = settings with { Postfix = settings.Postfix with { Postfix = "/bin/false" } };

        BindingOutcome failed = await NodeStore.Binder(settings, new PostfixDriver(Path.Combine(_node.ServicesFolder, "postfix"), settings, TimeProvider.System))
            .ApplyAsync(_node.Store.All(), MailServices.Smtp, default);

        Assert.NotNull(failed.Failure);
        Assert.Equal(files, Directory.GetFiles(_node.ServicesFolder, "*", SearchOption.AllDirectories));
        Assert.Equal(only.Sha256, await TlsClient.ShownAsync(postfix.Port, ProbeProtocol.Smtp));
    }

    [SkippableFact]
    public async Task What_the_administrator_changed_meanwhile_stays()
    {
        await using PostfixFixture postfix = await StartAsync();
        StoredCertificate only = _node.Add(MailServices.Smtp, "mail.example.com");
        Assert.Null((await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default)).Failure);
        await postfix.ReconfigureAsync("smtpd_tls_security_level = encrypt");
        LocalCertificateStore.Update(only, only.Metadata with { Services = MailServices.None });

        BindingOutcome gone = await Binder(postfix).ApplyAsync(_node.Store.All(), MailServices.Smtp, default);

        Assert.Null(gone.Failure);
        string main = await File.ReadAllTextAsync(Path.Combine(postfix.ConfigFolder, "main.cf"));
        Assert.Contains("smtpd_tls_security_level = encrypt", main, StringComparison.Ordinal);
        Assert.DoesNotContain("chain_files", main, StringComparison.Ordinal);
        Assert.Contains(gone.Services[0].Steps, step => step.Contains("it stays (encrypt)", StringComparison.Ordinal));
    }

    public void Dispose() => _node.Dispose();

    private static Task<PostfixFixture> StartAsync(params string[] lines) => PostfixFixture.StartAsync(new PostfixOptions { RelayDomains = "example.com", RelayRecipientMaps = "", MainLines = lines });

    private static ServiceSettings Settings(PostfixFixture postfix) => new()
    {
        PatienceSeconds = 5,
        Postfix = new PostfixSettings { Folder = postfix.ConfigFolder, Probes = [NodeStore.At(postfix.Port)] },
    };

    private static async Task<string> ChainAsync(CertificateFiles files)
    {
        string both = Path.Combine(Path.GetDirectoryName(files.Key)!, "both.pem");
        await File.WriteAllTextAsync(both, await File.ReadAllTextAsync(files.Key) + await File.ReadAllTextAsync(files.Certificate));
        return both;
    }

    private ServiceBinder Binder(PostfixFixture postfix)
    {
        ServiceSettings settings = Settings(postfix);
        return NodeStore.Binder(settings, new PostfixDriver(Path.Combine(_node.ServicesFolder, "postfix"), settings, TimeProvider.System));
    }
}

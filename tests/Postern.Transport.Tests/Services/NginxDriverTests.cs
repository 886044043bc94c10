using Postern.Certificates;
using Postern.Testing;
using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

/// <summary>A real nginx that gets its certificates from the store.</summary>
public sealed class NginxDriverTests : IDisposable
{
    private readonly NodeStore _node = new();

    [SkippableFact]
    public async Task Nginx_shows_the_default_certificate_and_that_of_a_site_while_old_sessions_go_on()
    {
        await using NginxFixture nginx = await NginxFixture.StartAsync(_node.OldFiles());
        await using TlsClient session = await TlsClient.ConnectAsync(nginx.Port);
        StoredCertificate site = _node.Add(MailServices.Https, NginxFixture.Site);
        StoredCertificate other = _node.Add(MailServices.Https, "www.example.com");

        BindingOutcome done = await Binder(nginx).ApplyAsync(_node.Store.All(), MailServices.Https, default);
        Assert.Equal("notWired", done.Failure?.Code);
        Assert.Equal(session.Sha256, await TlsClient.ShownAsync(nginx.Port, ProbeProtocol.Tls));

        // What the hint says.
        await nginx.WriteAsync(isIncluded: true);
        done = await Binder(nginx).ApplyAsync(_node.Store.All(), MailServices.Https, default);
        Assert.Null(done.Failure);
        Assert.Equal(other.Sha256, await TlsClient.ShownAsync(nginx.Port, ProbeProtocol.Tls));
        Assert.Equal(site.Sha256, await TlsClient.ShownAsync(nginx.Port, ProbeProtocol.Tls, NginxFixture.Site));
        Assert.Contains("200 OK", await session.SayAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task A_configuration_that_nginx_refuses_is_taken_back_before_it_reads_it()
    {
        await using NginxFixture nginx = await NginxFixture.StartAsync(_node.OldFiles());
        string before = await TlsClient.ShownAsync(nginx.Port, ProbeProtocol.Tls);
        await nginx.WriteAsync(isIncluded: true, more: "no_such_directive on;");
        _node.Add(MailServices.Https, NginxFixture.Site);

        BindingOutcome done = await Binder(nginx).ApplyAsync(_node.Store.All(), MailServices.Https, default);

        Assert.Equal("validation", done.Failure?.Code);
        Assert.Contains("no_such_directive", done.Failure!.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(nginx.Snippets));
        Assert.Equal(before, await TlsClient.ShownAsync(nginx.Port, ProbeProtocol.Tls));
    }

    [SkippableFact]
    public async Task A_failure_of_the_last_program_takes_back_those_before_it()
    {
        await using NginxFixture nginx = await NginxFixture.StartAsync(_node.OldFiles());
        await nginx.WriteAsync(isIncluded: true);
        StoredCertificate before = _node.Add(MailServices.Https, NginxFixture.Site);
        Assert.NotNull((await Binder(nginx).ApplyAsync(_node.Store.All(), MailServices.Https, default)).Services);
        LocalCertificateStore.Update(before, before.Metadata with { Services = MailServices.None });
        StoredCertificate after = _node.Add(MailServices.Https, NginxFixture.Site);
        ServiceSettings settings = Settings(nginx);
        ServiceSettings mistaken = settings with { Https = new HttpsSettings { Probes = [NodeStore.At(LoopbackPort.Free(), true)] } };

        ServiceBinder both = NodeStore.Binder(mistaken,
            new NginxDriver(Path.Combine(_node.ServicesFolder, "nginx"), mistaken, TimeProvider.System), new HttpsDriver(Path.Combine(_node.ServicesFolder, "https"), mistaken));
        BindingOutcome done = await both.ApplyAsync(_node.Store.All(), MailServices.Https, default);

        Assert.Equal("notServed", done.Failure?.Code);
        Assert.All(done.Services, one => Assert.Equal(ServiceState.RolledBack, one.State));
        Assert.Contains(done.Services[0].Steps, step => step.Contains(after.Sha256, StringComparison.Ordinal));
        LocalCertificateStore.Update(after, after.Metadata with { Services = MailServices.None });
        LocalCertificateStore.Update(before, before.Metadata with { Services = MailServices.Https });
        BindingOutcome again = await Binder(nginx).ApplyAsync(_node.Store.All(), MailServices.Https, default);
        Assert.Null(again.Failure);
        Assert.False(File.Exists(Path.Combine(_node.ServicesFolder, "https", HttpsDriver.CertificateFile)));
        Assert.Equal(before.Sha256, await TlsClient.ShownAsync(nginx.Port, ProbeProtocol.Tls));
    }

    [SkippableFact]
    public async Task Where_a_daemon_says_it_listens_it_is_asked_and_one_that_is_gone_is_not_waited_for()
    {
        // Any TLS server stands for the daemon here: it shows another certificate.
        await using NginxFixture nginx = await NginxFixture.StartAsync(_node.OldFiles());
        StoredCertificate one = _node.Add(MailServices.Https, NginxFixture.Site);
        ServiceSettings settings = new() { PatienceSeconds = 1 };
        string folder = Path.Combine(_node.ServicesFolder, "https");
        ServiceBinder binder = NodeStore.Binder(settings, new HttpsDriver(folder, settings));
        PrivateFile.CreateFolder(folder);
        string listening = Path.Combine(folder, HttpsDriver.ListeningFile);

        await File.WriteAllTextAsync(listening, $"0.0.0.0:{nginx.Port}\n");
        Assert.Equal("notServed", (await binder.ApplyAsync(_node.Store.All(), MailServices.Https, default)).Failure?.Code);
        Assert.False(File.Exists(Path.Combine(folder, HttpsDriver.CertificateFile)));

        await File.WriteAllTextAsync(listening, $"0.0.0.0:{LoopbackPort.Free()}\n");
        BindingOutcome done = await binder.ApplyAsync(_node.Store.All(), MailServices.Https, default);
        Assert.Null(done.Failure);
        Assert.Contains(done.Services[0].Steps, step => step.Contains("nothing is compared", StringComparison.Ordinal));
        Assert.Contains(one.Certificate!.ExportCertificatePem(), await File.ReadAllTextAsync(Path.Combine(folder, HttpsDriver.CertificateFile)), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Files_that_are_in_use_stay_as_they_are_when_another_one_is_not_included()
    {
        await using NginxFixture nginx = await NginxFixture.StartAsync(_node.OldFiles());
        await nginx.WriteAsync(isIncluded: true);
        StoredCertificate before = _node.Add(MailServices.Https, NginxFixture.Site);
        Assert.Null((await Binder(nginx).ApplyAsync(_node.Store.All(), MailServices.Https, default)).Failure);
        LocalCertificateStore.Update(before, before.Metadata with { Services = MailServices.None });
        _node.Add(MailServices.Https, "new.example.com");
        ServiceSettings settings = Settings(nginx);
        settings = settings with { Nginx = settings.Nginx with { Sites = [NginxFixture.Site, "new.example.com"] } };

        BindingOutcome done = await NodeStore.Binder(settings, new NginxDriver(Path.Combine(_node.ServicesFolder, "nginx"), settings, TimeProvider.System))
            .ApplyAsync(_node.Store.All(), MailServices.Https, default);

        Assert.Equal("notWired", done.Failure?.Code);
        Assert.Contains(before.Certificate!.ExportCertificatePem(), await File.ReadAllTextAsync(Path.Combine(_node.ServicesFolder, "nginx", "default.pem")), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(nginx.Snippets, "postern-new.example.com.conf")));
    }

    public void Dispose() => _node.Dispose();

    private static ServiceSettings Settings(NginxFixture nginx) => new()
    {
        PatienceSeconds = 5,
        Nginx = new NginxSettings { Configuration = nginx.Configuration, Snippets = nginx.Snippets, Sites = [NginxFixture.Site], Probes = [NodeStore.At(nginx.Port, true)] },
    };

    private ServiceBinder Binder(NginxFixture nginx)
    {
        ServiceSettings settings = Settings(nginx);
        return NodeStore.Binder(settings, new NginxDriver(Path.Combine(_node.ServicesFolder, "nginx"), settings, TimeProvider.System));
    }
}

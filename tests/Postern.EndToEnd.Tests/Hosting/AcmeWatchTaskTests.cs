using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.Hosting;
using Postern.Operations.Certificates;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Hosting;

/// <summary>A daemon takes in by itself what an ACME client renews, if it may.</summary>
public sealed class AcmeWatchTaskTests : IAsyncDisposable, ILogger
{
    private readonly TempFolder _folder = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<string>> _events = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _task = Task.CompletedTask;

    private CertificatePlace Place => CertificatePlace.Of(_folder["data"]);

    [Fact]
    public async Task A_renewal_is_served_without_anybody_doing_anything()
    {
        await WatchAsync();
        await RenewAsync();
        Start(mayBind: true);
        await Event(4021);
        StoredCertificate first = Assert.Single(Place.Open(TimeProvider.System).All());
        LocalCertificateStore.Update(first, first.Metadata with { Services = MailServices.Https });

        string second = await RenewAsync();
        Assert.Contains("https", await Event(4020), StringComparison.Ordinal);
        Assert.Equal(MailServices.Https, Place.Open(TimeProvider.System).Find(second).Metadata.Services);
        using X509Certificate2 served = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(Place.Services, "https", "certificate.pem"));
        Assert.Equal(second, served.Thumbprint);
    }

    [Fact]
    public async Task A_daemon_that_is_not_root_says_so_and_changes_nothing()
    {
        await WatchAsync();
        await RenewAsync();
        Start(mayBind: false);
        Assert.Contains("watch run --once", await Event(4023), StringComparison.Ordinal);
        Assert.Empty(Place.Open(TimeProvider.System).All());
    }

    [Fact]
    public async Task What_fails_is_said_and_ends_nothing()
    {
        await WatchAsync();
        await RenewAsync();
        await File.WriteAllTextAsync(Path.Combine(Place.Root, "services.json"), "{");
        Start(mayBind: true);
        Assert.Contains("services.json", await Event(4022), StringComparison.Ordinal);
        File.Delete(Path.Combine(Place.Root, "services.json"));
        await Event(4021);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Source(eventId.Id).TrySetResult(formatter(state, exception));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _folder.Dispose();
    }

    private TaskCompletionSource<string> Source(int id) => _events.GetOrAdd(id, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));

    private Task<string> Event(int id) => Source(id).Task.WaitAsync(TimeSpan.FromMinutes(2));

    private void Start(bool mayBind)
    {
        AcmeWatchTask task = new(Place.Root, null!, TimeProvider.System, this) { Interval = TimeSpan.FromMilliseconds(20), MayBind = mayBind };
        _task = Task.Run(() => task.RunAsync(_stop.Token));
    }

    private async Task WatchAsync()
    {
        LocalCertificateStore store = Place.Open(TimeProvider.System);
        using (await store.LockAsync(default))
        {
            new WatchedFolders(store).Add(_folder.CreateFolder("acme"));
        }

        await File.WriteAllTextAsync(Path.Combine(Place.Root, "services.json"), """{ "nginx": { "enabled": false } }""");
    }

    private async Task<string> RenewAsync()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 made = new CertificateRequest("CN=mail.example.com", key, HashAlgorithmName.SHA256).CreateSelfSigned(now, now.AddDays(90));

        // lego writes one after the other: in between nothing fits.
        await File.WriteAllTextAsync(_folder["acme", "mail.example.com.crt"], made.ExportCertificatePem() + "\n");
        await File.WriteAllTextAsync(_folder["acme", "mail.example.com.key"], key.ExportECPrivateKeyPem() + "\n");
        return made.Thumbprint;
    }
}

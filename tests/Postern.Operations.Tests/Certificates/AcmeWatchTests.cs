using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Operations.Certificates;
using Postern.Testing;
using Postern.Transport.Services;

namespace Postern.Operations.Tests.Certificates;

/// <summary>What certbot and lego renew is taken in, with the services of the one before.</summary>
public sealed class AcmeWatchTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly FakeDriver _driver = new();
    private readonly LocalCertificateStore _store;

    public AcmeWatchTests() => _store = CertificatePlace.Of(_folder["data"]).Open(TimeProvider.System);

    private string Acme => _folder["acme"];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_renewal_takes_over_what_the_one_before_was_bound_to(bool isCertbot)
    {
        string first = Renew(isCertbot, 1);
        Assert.False((await Watch().AddAsync(Acme, default)).Folders[0].Certificates[0].IsCurrent);
        Assert.Equal("takenIn", Assert.Single((await Watch().RunAsync(default)).Renewals).State);
        Assert.Equal("unchanged", Assert.Single((await Watch().RunAsync(default)).Renewals).State);
        await Services().EnableAsync(first, MailServices.Smtp, null, default);
        Assert.False(Watch().IsSomethingNew());

        string second = Renew(isCertbot, 0);
        Assert.True(Watch().IsSomethingNew());
        WatchedRenewal renewal = Assert.Single((await Watch().RunAsync(default)).Renewals);

        Assert.Equal("takenOver", renewal.State);
        Assert.Equal(second, _driver.Shown);
        Assert.True(_store.Find(second).Metadata.IsDefaultSmtp);
        Assert.Equal(first, _store.Find(second).Metadata.Replaces);
        Assert.Equal(MailServices.None, _store.Find(first).Metadata.Services);
        Assert.False(Watch().IsSomethingNew());

        // Who goes back to the one before does so on purpose.
        await Services().TakeOverAsync(second, first, default);
        Assert.Equal("unchanged", Assert.Single((await Watch().RunAsync(default)).Renewals).State);
        Assert.Equal(first, _driver.Shown);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_half_written_pair_waits(bool isCertbot)
    {
        string first = Renew(isCertbot, 1);
        await Watch().AddAsync(Acme, default);
        await Watch().RunAsync(default);
        string key = System.IO.Directory.EnumerateFiles(Acme, "*", SearchOption.AllDirectories).Single(file => file.EndsWith("privkey.pem", StringComparison.Ordinal) || file.EndsWith(".key", StringComparison.Ordinal));
        string oldKey = await File.ReadAllTextAsync(key);
        string second = Renew(isCertbot, 0);
        string newKey = await File.ReadAllTextAsync(key);

        await File.WriteAllTextAsync(key, oldKey);
        WatchedRenewal waiting = Assert.Single((await Watch().RunAsync(default)).Renewals);
        Assert.Equal("waiting", waiting.State);
        Assert.Contains("fits none", waiting.Reason, StringComparison.Ordinal);
        await File.WriteAllTextAsync(key, newKey[..(newKey.Length / 2)]);
        Assert.Equal("waiting", Assert.Single((await Watch().RunAsync(default)).Renewals).State);
        Assert.Equal([first], _store.All().Select(one => one.Sha256));

        foreach (string file in System.IO.Directory.EnumerateFiles(Acme, "*", SearchOption.AllDirectories))
        {
            File.SetLastWriteTimeUtc(file, TimeProvider.System.GetUtcNow().UtcDateTime - AcmeWatch.LongestWriting);
        }

        Assert.True((await Watch().RunAsync(default)).IsFailed);
        await File.WriteAllTextAsync(key, newKey);
        Assert.Equal("takenIn", Assert.Single((await Watch().RunAsync(default)).Renewals).State);
        Assert.Contains(_store.All(), one => one.Sha256 == second);
    }

    [Fact]
    public async Task What_cannot_be_bound_is_tried_again_and_the_one_before_goes_on()
    {
        string first = Renew(true, 1);
        await Watch().AddAsync(Acme, default);
        await Watch().RunAsync(default);
        await Services().EnableAsync(first, MailServices.Smtp, null, default);
        string second = Renew(true, 0);
        _driver.Fault = new ServiceException("reload", "it does not reload", "start it");

        WatchRun failed = await Watch().RunAsync(default);
        Assert.True(failed.IsFailed);
        Assert.Contains("it does not reload", failed.Renewals[0].Reason, StringComparison.Ordinal);
        Assert.Equal(first, _driver.Shown);
        Assert.Equal(MailServices.Smtp, _store.Find(first).Metadata.Services);

        _driver.Fault = null;
        Assert.Equal("takenOver", Assert.Single((await Watch().RunAsync(default)).Renewals).State);
        Assert.Equal(second, _driver.Shown);
    }

    [Fact]
    public async Task One_that_was_imported_by_hand_before_belongs_to_the_lineage_from_then_on()
    {
        string first = Renew(true, 1);
        using (X509Certificate2 one = X509Certificate2.CreateFromPemFile(Path.Combine(Acme, "live", "mail.example.com", "fullchain.pem"), Path.Combine(Acme, "live", "mail.example.com", "privkey.pem")))
        {
            _store.Add(new CertificateBundle(one, []), new CertificateMetadata { Services = MailServices.Smtp, IsDefaultSmtp = true });
        }

        await Watch().AddAsync(Acme, default);
        Assert.Equal("takenIn", Assert.Single((await Watch().RunAsync(default)).Renewals).State);
        string second = Renew(true, 0);
        Assert.Equal("takenOver", Assert.Single((await Watch().RunAsync(default)).Renewals).State);
        Assert.Equal((first, second), (_store.Find(second).Metadata.Replaces, _driver.Shown));
    }

    [Fact]
    public async Task Long_expired_predecessors_go_with_their_keys_and_the_newest_stays()
    {
        string first = Renew(true, 400);
        await Watch().AddAsync(Acme, default);
        await Watch().RunAsync(default);
        string second = Renew(true, 300);
        WatchRun run = await Watch().RunAsync(default);
        Assert.Single(run.Removed);
        Assert.Equal(second, Assert.Single(_store.All()).Sha256);
        Assert.NotEqual(first, second);
        Assert.Empty((await Watch().RunAsync(default)).Removed);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_read_is_a_failure_and_stops_no_other()
    {
        string gone = _folder.CreateFolder("gone");
        await Watch().AddAsync(gone, default);
        System.IO.Directory.Delete(gone);
        Renew(true, 0);
        await Watch().AddAsync(Acme, default);
        WatchRun run = await Watch().RunAsync(default);
        Assert.True(run.IsFailed);
        Assert.Contains(run.Renewals, one => one.State == "takenIn");
        Assert.NotNull(Watch().List().Folders.Single(one => one.Folder == gone).Problem);
    }

    [Fact]
    public async Task Folders_are_listed_once_and_no_more_than_the_limit()
    {
        for (int count = 0; count < WatchedFolders.Max; count++)
        {
            await Watch().AddAsync(_folder.CreateFolder($"f{count}"), default);
        }

        Assert.Equal("full", (await Assert.ThrowsAsync<CertificateStoreException>(() => Watch().AddAsync(_folder.CreateFolder("more"), default))).Code);
        Assert.Equal("alreadyThere", (await Assert.ThrowsAsync<CertificateStoreException>(() => Watch().AddAsync(_folder["f0"] + "/", default))).Code);
        await Watch().RemoveAsync(_folder["f0"], default);
        Assert.Equal(WatchedFolders.Max - 1, Watch().List().Folders.Count);
        Assert.Equal("notFound", (await Assert.ThrowsAsync<CertificateStoreException>(() => Watch().RemoveAsync(_folder["f0"], default))).Code);
        Assert.Equal("fileNotFound", (await Assert.ThrowsAsync<OperationException>(() => Watch().AddAsync(_folder["nowhere"], default))).Code);
    }

    [Fact]
    public async Task A_file_beyond_the_limit_is_not_read()
    {
        Renew(true, 0);
        string file = Path.Combine(Acme, "live", "mail.example.com", "fullchain.pem");
        await File.AppendAllTextAsync(file, new string('\n', AcmeReading.MaxFileOctets + 1 - (int)new FileInfo(file).Length));
        await Watch().AddAsync(Acme, default);
        Assert.Contains("octets", Assert.Single((await Watch().RunAsync(default)).Renewals).Reason, StringComparison.Ordinal);
        using (FileStream cut = File.OpenWrite(file))
        {
            cut.SetLength(AcmeReading.MaxFileOctets);
        }

        Assert.Equal("takenIn", Assert.Single((await Watch().RunAsync(default)).Renewals).State);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>As the clients do: certbot writes into its archive and turns links; lego writes over its files.</summary>
    /// <returns>SHA-256.</returns>
    private string Renew(bool isCertbot, int daysAgo)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=mail.example.com", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddDnsName("mail.example.com");
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset from = TimeProvider.System.GetUtcNow().AddDays(-daysAgo);
        using X509Certificate2 made = request.CreateSelfSigned(from, from.AddDays(90));
        if (isCertbot)
        {
            string archive = System.IO.Directory.CreateDirectory(Path.Combine(Acme, "archive", "mail.example.com")).FullName;
            string live = System.IO.Directory.CreateDirectory(Path.Combine(Acme, "live", "mail.example.com")).FullName;
            Link(live, archive, "fullchain", $"-{daysAgo}", made.ExportCertificatePem() + "\n");
            Link(live, archive, "privkey", $"-{daysAgo}", key.ExportPkcs8PrivateKeyPem() + "\n");
        }
        else
        {
            string folder = System.IO.Directory.CreateDirectory(Path.Combine(Acme, "certificates")).FullName;
            File.WriteAllText(Path.Combine(folder, "mail.example.com.crt"), made.ExportCertificatePem() + "\n");
            File.WriteAllText(Path.Combine(folder, "mail.example.com.key"), key.ExportECPrivateKeyPem() + "\n");
        }

        return Convert.ToHexStringLower(SHA256.HashData(made.RawData));
    }

    private static void Link(string live, string archive, string name, string suffix, string content)
    {
        string target = Path.Combine(archive, name + suffix + ".pem");
        File.WriteAllText(target, content);
        string link = Path.Combine(live, name + ".pem");
        File.Delete(link);
        File.CreateSymbolicLink(link, target);
    }

    private AcmeWatch Watch() => new(CertificatePlace.Of(_folder["data"]), Services(), TimeProvider.System);

    private CertificateServices Services() => new(
        CertificatePlace.Of(_folder["data"]), new ServiceBinder([_driver], new ServiceSettings(), TimeProvider.System, NullLogger.Instance), (_, _) => Task.FromResult("edge-cert"), TimeProvider.System);
}

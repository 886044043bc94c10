using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Certificates;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Enrolment;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Rotation;

/// <summary>Two hubs that share an organization directory, and three edges, each with its own store on disk, over real LDAPS; time is moved by hand.</summary>
internal sealed class YearsBench : IAsyncDisposable
{
    private static readonly string[] Edges = ["edge1.example.net", "edge2.example.net", "edge3.example.net"];

    /// <summary>Longer than the hour between two cycles: time jumps over what the lock is renewed by, which is not what is tested here.</summary>
    private static readonly LeaseSettings Lease = new() { LockDuration = TimeSpan.FromHours(4), LockRenewalDuration = TimeSpan.FromHours(3), OptionDuration = TimeSpan.FromHours(4) };

    private readonly TempFolder _hubFolders = new();
    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);

    private readonly CredentialTimetable _timetable;

    private readonly CertificateTimetable _certificates;

    private YearsBench(DateTimeOffset start, CredentialTimetable timetable, CertificateTimetable certificates) =>
        (Time, _timetable, _certificates) = (new ManualTimeProvider(start), timetable, certificates);

    /// <summary>Certificates that were in use, of each node by its name.</summary>
    public Dictionary<string, HashSet<string>> Certificates { get; } = [];

    public ManualTimeProvider Time { get; }

    public KeptLog Log { get; } = new();

    public TestHub Home { get; private set; } = null!;

    public TestEdge[] All { get; private set; } = [];

    public SiteHub[] Hubs { get; } = new SiteHub[2];

    /// <summary>Names of accounts that ever were.</summary>
    public HashSet<string> Accounts { get; } = new(StringComparer.Ordinal);

    public int Cycles { get; private set; }

    public List<string> Failures { get; } = [];

    public static async Task<YearsBench> StartAsync(DateTimeOffset start, CredentialTimetable timetable, CertificateTimetable certificates)
    {
        YearsBench bench = new(start, timetable, certificates);
        bench.Home = await TestHub.StartAsync(bench.Time, bench.Log);
        bench.All = await Task.WhenAll(Edges.Select(fqdn => TestEdge.StartAsync(bench.Time, fqdn: fqdn, log: bench.Log, connectionTime: TimeProvider.System, timetable: certificates)));
        await bench.StartHubAsync(0);
        foreach (TestEdge edge in bench.All)
        {
            SubscriptionFile file = await edge.ExportAsync();
            bench._secrets.Add(file.EsraPassword);
            await bench.Hubs[0].Subscriptions.ImportAsync(file, SiteHub.Site, edge.Address);
        }

        await bench.StartHubAsync(1);
        foreach (int hub in (int[])[0, 1, 0, 1])
        {
            await bench.Hubs[hub].Topology.RunOnceAsync();
        }

        return bench;
    }

    /// <summary>Every hub synchronizes every edge. What is not a success, or another hub's business, is a failure.</summary>
    public async Task CycleAsync()
    {
        bool[] isServed = new bool[All.Length];
        foreach (SiteHub hub in Hubs)
        {
            foreach (SyncResult result in await hub.Synchronizer.StartAsync(new SyncStart()))
            {
                Cycles++;
                if (result.Result == SyncOutcome.Success)
                {
                    isServed[Array.FindIndex(All, edge => edge.Name == result.Name)] = true;
                }
                else if (result.Result != SyncOutcome.HeldByOtherHub)
                {
                    Failures.Add($"{Time.GetUtcNow():u} {hub.Identity.Name} {result.Name} {result.Type}: {result.Result} {result.FailureDetails}");
                }
            }
        }

        foreach (TestEdge edge in All.Where((_, i) => !isServed[i]))
        {
            Failures.Add($"{Time.GetUtcNow():u} {edge.Name} was synchronized by nobody");
        }
    }

    public async Task LookAsync()
    {
        foreach (SiteHub hub in Hubs)
        {
            await hub.Topology.RunOnceAsync();
            foreach (TestEdge edge in All)
            {
                EdgeSecrets secrets = await hub.Subscriptions.Credentials.ReadAsync(edge.Name, CancellationToken.None);
                foreach (AccountSecret account in secrets.Accounts)
                {
                    _secrets.Add(account.Password);
                    Accounts.Add($"{edge.Name} {account.UserName} {account.Effective:u}");
                }

                if (secrets.AddressKey is { } key)
                {
                    _secrets.Add(key);
                }
            }
        }

        foreach (TestEdge edge in All)
        {
            await edge.Credentials.LookAsync();
            await edge.Certificates.LookAsync();
            Note(edge.Name, edge.Service.Certificate!);
        }

        foreach (SiteHub hub in Hubs)
        {
            Note(hub.Identity.Name, hub.Identity.Certificate);
        }
    }

    private void Note(string node, X509Certificate2 certificate)
    {
        if (!Certificates.TryGetValue(node, out HashSet<string>? seen))
        {
            Certificates[node] = seen = [];
        }

        seen.Add(CertificatePin.Of(certificate).ToString());
    }

    public async Task StartHubAsync(int index)
    {
        if (Hubs[index] is { } before)
        {
            await before.Topology.ReleaseAsync(CancellationToken.None);
            await before.Synchronizer.DisposeAsync();
            before.Dispose();
        }

        Hubs[index] = new SiteHub($"HUB{index + 1}", Home.Organization, Time, log: Log, paths: new HubPaths(_hubFolders[$"hub{index + 1}"]), lease: Lease, timetable: _timetable, certificates: _certificates);
        await Hubs[index].Topology.RunOnceAsync();
    }

    public async Task RestartEdgeAsync(int index)
    {
        await All[index].StopAsync();
        await All[index].StartAgainAsync();
    }

    /// <summary>Secrets that stand in clear in a file or in the log: where.</summary>
    public List<string> FindSecrets()
    {
        List<string> found = [.. Log.Lines.Where(line => _secrets.Any(secret => line.Text.Contains(secret, StringComparison.Ordinal))).Select(line => $"log {line.Event}: {line.Text}")];
        byte[][] secrets = [.. _secrets.SelectMany(Forms)];
        string[] roots = [.. All.Select(edge => edge.Root), Home.Folder.Path, _hubFolders.Path];
        foreach (string file in roots.SelectMany(root => System.IO.Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories)))
        {
            // The one key that an edge hashes with, beside the private keys of the certificates: docs/security.md.
            if (Path.GetFileName(file) is "address.key" or "directory.db.lock" or "organization.db.lock")
            {
                continue;
            }

            byte[] content = ReadShared(file);
            found.AddRange(secrets.Where(secret => content.AsSpan().IndexOf(secret) >= 0).Select(secret => $"{file}: {secret.Length} octets"));
        }

        return found;
    }

    /// <summary>Writes a secret where none may be.</summary>
    public Task LeakAsync() => File.WriteAllTextAsync(Path.Combine(All[0].Root, "leak"), $"password={_secrets.First()}");

    public int Secrets => _secrets.Count;

    public async ValueTask DisposeAsync()
    {
        foreach (SiteHub hub in Hubs)
        {
            await hub.Synchronizer.DisposeAsync();
            hub.Dispose();
        }

        foreach (TestEdge edge in All)
        {
            await edge.DisposeAsync();
        }

        await Home.DisposeAsync();
        _hubFolders.Dispose();
    }

    /// <summary>As text, and where it is base64 of something also that.</summary>
    private static IEnumerable<byte[]> Forms(string secret)
    {
        yield return Encoding.UTF8.GetBytes(secret);
        byte[] octets = new byte[secret.Length];
        if (Convert.TryFromBase64String(secret, octets, out int count))
        {
            yield return octets[..count];
        }
    }

    private static byte[] ReadShared(string file)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] content = new byte[stream.Length];
        stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        return content;
    }
}

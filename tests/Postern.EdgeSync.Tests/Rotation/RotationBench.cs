using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Rotation;

/// <summary>One edge and two hubs over real LDAPS and SQLite; each can die and start again on what it left on disk.</summary>
internal sealed class RotationBench : IAsyncDisposable
{
    public const string Site = "Site";

    private readonly TestHub _home;
    private readonly TimeProvider _time;
    private readonly CertificateTimetable _timetable;

    private readonly CredentialTimetable _credentials;

    private RotationBench(TestEdge edge, TestHub home, TimeProvider time, CertificateTimetable timetable, CredentialTimetable credentials)
    {
        (Edge, _home, _time, _timetable, _credentials) = (edge, home, time, timetable, credentials);
        First = new Hub(this, "HUB1");
        Second = new Hub(this, "HUB2");
    }

    public TestEdge Edge { get; }

    public Hub First { get; }

    public Hub Second { get; }

    public IDirectory Organization => _home.Organization;

    public static async Task<RotationBench> StartAsync(TimeProvider? time = null, CertificateTimetable? timetable = null, CredentialTimetable? credentials = null)
    {
        time ??= TimeProvider.System;
        RotationBench bench = new(await TestEdge.StartAsync(time, timetable: timetable), await TestHub.StartAsync(time), time, timetable ?? new CertificateTimetable(), credentials ?? new CredentialTimetable());
        await bench.First.Topology.RunOnceAsync();
        await bench.First.Subscriptions.ImportAsync(await bench.Edge.ExportAsync(), Site, bench.Edge.Address);
        for (int i = 0; i < 2; i++)
        {
            await bench.Second.Topology.RunOnceAsync();
            await bench.First.Topology.RunOnceAsync();
        }

        await bench.CyclesSucceedAsync();
        return bench;
    }

    public async Task RestartEdgeAsync()
    {
        await Edge.StopAsync();
        await Edge.StartAgainAsync();
    }

    /// <summary>What happens in five minutes: each hub looks at the edge, and the edge at what they brought.</summary>
    public async Task RoundAsync()
    {
        await First.Topology.RunOnceAsync();
        await Edge.Certificates.LookAsync();
        await Second.Topology.RunOnceAsync();
        await Edge.Certificates.LookAsync();
    }

    public async Task CyclesSucceedAsync()
    {
        foreach (Hub hub in (Hub[])[First, Second])
        {
            SyncResult[] results = [.. await hub.Synchronizer.StartAsync(new SyncStart())];
            Assert.All(results, result => Assert.True(result.Result is SyncOutcome.Success or SyncOutcome.HeldByOtherHub, $"{hub.Name}: {result.Result}: {result.FailureDetails}"));
        }
    }

    public async Task<HubSubscription> SubscriptionAsync() => (await First.Subscriptions.FindAsync("edge1"))!;

    /// <summary>Rounds, with a cycle of each hub after each, until the condition holds.</summary>
    /// <returns>How many it took.</returns>
    public async Task<int> UntilAsync(Func<Task<bool>> condition, Func<Task>? before = null)
    {
        const int patience = 8;
        for (int rounds = 0; rounds < patience; rounds++)
        {
            if (await condition())
            {
                return rounds;
            }

            if (before is not null)
            {
                await before();
            }

            await RoundAsync();
            await CyclesSucceedAsync();
        }

        Assert.Fail("nothing comes of it");
        return 0;
    }

    public async ValueTask DisposeAsync()
    {
        First.Dispose();
        Second.Dispose();
        await _home.DisposeAsync();
        await Edge.DisposeAsync();
    }

    public static string Pin(X509Certificate2? certificate) => certificate is null ? "-" : CertificatePin.Of(certificate).ToString();

    public static string Pin(ReadOnlyMemory<byte> der) => der.IsEmpty ? "-" : CertificatePin.Of(der.Span).ToString();

    /// <summary>A hub with the shared organization directory.</summary>
    internal sealed class Hub : IDisposable
    {
        private readonly TempFolder _folder = new();
        private readonly RotationBench _bench;

        public Hub(RotationBench bench, string name)
        {
            (_bench, Name) = (bench, name);
            Paths = new HubPaths(_folder["hub"]);
            PosternDirectories.MakeHubFolders(Paths);
            _folder.Write("source.ldif", "version: 1\n\ndn: cn=anna,dc=example\nobjectClass: person\ncn: anna\nsn: anna\nmail: anna@example.com\n");
            Start();
        }

        public string Name { get; }

        public HubPaths Paths { get; }

        public HubIdentity Identity { get; private set; } = null!;

        public HubSubscriptions Subscriptions { get; private set; } = null!;

        public HubSynchronizer Synchronizer { get; private set; } = null!;

        public HubTopology Topology { get; private set; } = null!;

        public HubServers Servers => new(_bench.Organization);

        /// <summary>What its source holds from the next cycle on.</summary>
        public void Write(string ldif) => _folder.Write("source.ldif", "version: 1\n\n" + ldif);

        public void Restart()
        {
            Stop();
            Start();
        }

        public void Dispose()
        {
            Stop();
            _folder.Dispose();
        }

        private void Start()
        {
            Identity = HubIdentity.Open(Paths, $"{Name}.example.com", Site, "1.0", _bench._time, _bench._timetable);
            Subscriptions = new HubSubscriptions(_bench.Organization, Paths, Identity, _bench._time, NullLoggerFactory.Instance, _bench._credentials) { Site = Site };
            SourceSettings source = new() { Name = "file", Type = SourceType.Ldif, Path = _folder["source.ldif"] };
            Synchronizer = new HubSynchronizer(Subscriptions, _bench.Organization, new HubSettings { Site = Site, Sources = [source] }, _bench._time, NullLoggerFactory.Instance);
            Topology = new HubTopology(Subscriptions, Synchronizer.Leases, Servers, Identity, TimeSpan.FromMinutes(5), _bench._time, NullLoggerFactory.Instance);
        }

        private void Stop()
        {
            Synchronizer.DisposeAsync().AsTask().GetAwaiter().GetResult();
            Topology.Dispose();
            Identity.Dispose();
        }
    }
}

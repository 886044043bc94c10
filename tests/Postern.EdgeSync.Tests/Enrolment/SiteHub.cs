using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Enrolment;

/// <summary>One of several hubs that share an organization directory.</summary>
internal sealed class SiteHub : IDisposable
{
    public const string Site = "Site";

    private readonly TempFolder _folder = new();

    public SiteHub(string name, IDirectory organization, TimeProvider time, string site = Site, ILoggerFactory? log = null, HubPaths? paths = null, LeaseSettings? lease = null, CredentialTimetable? timetable = null, CertificateTimetable? certificates = null)
    {
        log ??= NullLoggerFactory.Instance;
        Paths = paths ?? new HubPaths(_folder["hub"]);
        PosternDirectories.MakeHubFolders(Paths);
        Identity = HubIdentity.Open(Paths, $"{name}.example.com", site, "1.0", time, certificates);
        Subscriptions = new HubSubscriptions(organization, Paths, Identity, time, log, timetable) { Site = site };
        SourceSettings source = new()
        {
            Name = "file",
            Type = SourceType.Ldif,
            Path = _folder.Write("source.ldif", "version: 1\n\ndn: cn=anna,dc=example\nobjectClass: person\ncn: anna\nsn: anna\nmail: anna@example.com\n"),
        };
        Synchronizer = new HubSynchronizer(Subscriptions, organization, new HubSettings { Site = site, Sources = [source], Lease = lease ?? new LeaseSettings() }, time, log);
        Servers = new HubServers(organization);
        Topology = new HubTopology(Subscriptions, Synchronizer.Leases, Servers, Identity, TimeSpan.FromMinutes(5), time, log)
        {
            Joined = (edge, _) =>
            {
                Joined.Add(edge);
                return Task.CompletedTask;
            },
        };
    }

    public HubPaths Paths { get; }

    public HubSubscriptions Subscriptions { get; }

    public HubSynchronizer Synchronizer { get; }

    public HubIdentity Identity { get; }

    public HubServers Servers { get; }

    public HubTopology Topology { get; }

    public List<string> Joined { get; } = [];

    public async Task<SyncOutcome[]> SynchronizeAsync(bool byHand = false) =>
        [.. (await Synchronizer.StartAsync(new SyncStart { ByHand = byHand })).Select(result => result.Result)];

    public void Dispose()
    {
        Topology.Dispose();
        Identity.Dispose();
        _folder.Dispose();
    }
}

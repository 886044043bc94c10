using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Testbed;

/// <summary>A hub in this process with its embedded organization directory.</summary>
internal sealed class TestHub : IAsyncDisposable
{
    public const string Name = "HUB1";

    private readonly TempFolder _folder = new();
    private readonly TimeProvider _time;
    private readonly DirectoryEngine _engine;

    private TestHub(TimeProvider time, ILoggerFactory log)
    {
        _time = time;
        Paths = new HubPaths(_folder["hub"]);
        _engine = PosternDirectories.OpenOrganization(Paths, time, log);
        Organization = _engine.As(Principal.System);
        Identity = HubIdentity.Open(Paths, $"{Name}.example.com", "Site", "1.0", time);
        Subscriptions = new HubSubscriptions(Organization, Paths, Identity, time, log);
        Configuration = new ConfigurationStore(Organization, ConfigurationPlace.Organization);
        Domains = new TestDomains(Configuration);
    }

    public HubPaths Paths { get; }

    public TempFolder Folder => _folder;

    public IDirectory Organization { get; }

    public DirectoryEngine Engine => _engine;

    public HubIdentity Identity { get; }

    public HubSubscriptions Subscriptions { get; }

    public ConfigurationStore Configuration { get; }

    public TestDomains Domains { get; }

    public static async Task<TestHub> StartAsync(TimeProvider? time = null, ILoggerFactory? log = null)
    {
        TestHub hub = new(time ?? TimeProvider.System, log ?? NullLoggerFactory.Instance);
        await hub.Subscriptions.EnsureStructureAsync();
        return hub;
    }

    /// <summary>What stands sealed in the organization directory, for this hub and for edges, as text.</summary>
    public async Task<string[]> CredentialsAsync()
    {
        List<string> found = [];
        SearchRequest request = new(OrganizationLayout.Suffix, SearchScope.WholeSubtree, new PresentFilter(PosternAttributes.EdgeSyncCredential), ["*"]);
        await foreach (LdapEntry entry in Organization.SearchAsync(request))
        {
            found.AddRange(entry.Strings(PosternAttributes.EdgeSyncCredential));
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    public HubSynchronizer Synchronizer(params SourceSettings[] sources) => Synchronizer(new HubSettings { Site = "Site", Sources = sources });

    public HubSynchronizer Synchronizer(HubSettings settings) => new(Subscriptions, Organization, settings, _time, NullLoggerFactory.Instance);

    /// <param name="audit">Where its decisions go.</param>
    public HubSynchronizer Synchronizer(AuditLog audit, params SourceSettings[] sources) =>
        new(Subscriptions, Organization, new HubSettings { Site = "Site", Sources = sources }, _time, NullLoggerFactory.Instance) { Audit = audit };

    /// <summary>An LDIF source with one recipient per name: name@example.com.</summary>
    public SourceSettings Ldif(params string[] names) => LdifText(string.Concat(names.Select(name => $"""
        dn: cn={name},dc=example,dc=com
        objectClass: person
        cn: {name}
        sn: {name}
        mail: {name}@example.com


        """)));

    public SourceSettings LdifText(string text) => new() { Name = "file", Type = SourceType.Ldif, Path = _folder.Write("source.ldif", "version: 1\n\n" + text) };

    public async ValueTask DisposeAsync()
    {
        Configuration.Dispose();
        Identity.Dispose();
        await _engine.DisposeAsync();
        _folder.Dispose();
    }
}

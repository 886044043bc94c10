using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Oracle;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Incidents;

/// <summary>Where an incident happens: a real directory (or a file), a hub that lives on between cycles, a real edge over TLS.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private readonly Func<HubSettings> _settings;
    private HubSynchronizer _synchronizer;

    private Scene(TestEdge edge, TestHub hub, ManualClock clock, Func<HubSettings> settings)
    {
        (Edge, Hub, Clock, _settings) = (edge, hub, clock, settings);
        _synchronizer = hub.Synchronizer(settings());
    }

    public TestEdge Edge { get; }

    public TestHub Hub { get; }

    /// <summary>The hub's; the edge has one of its own.</summary>
    public ManualClock Clock { get; }

    /// <param name="settings">Of the hub, asked for at the start and at every restart.</param>
    public static async Task<Scene> StartAsync(Func<TestHub, HubSettings> settings)
    {
        ManualClock clock = new();
        TestEdge edge = await TestEdge.StartAsync(new ManualClock());
        TestHub hub = await TestHub.StartAsync(clock);
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        return new Scene(edge, hub, clock, () => settings(hub));
    }

    public static Task<Scene> OfSlapdAsync(SlapdFixture slapd, Func<SourceSettings, SourceSettings>? change = null) =>
        StartAsync(hub => SettingsOf((change ?? (same => same))(Source(slapd, hub))));

    public static SourceSettings Source(SlapdFixture slapd, TestHub hub) => new()
    {
        Name = "corp",
        Type = SourceType.OpenLdap,
        Url = slapd.LdapUrl,
        BaseDn = Staff.People,
        BindDn = slapd.ReaderDn,
        PasswordFile = hub.Folder.Write("reader.secret", slapd.ReaderPassword),
        Filter = Staff.Filter,
        PageSize = 100,

        // Without an overlay that tells of deletions, only a full compare finds them.
        FullCompareInterval = TimeSpan.Zero,
    };

    public static HubSettings SettingsOf(params SourceSettings[] sources) => new() { Site = "Site", Sources = sources };

    /// <summary>Another process of the hub, with its settings read anew.</summary>
    public void RestartHub() => _synchronizer = Hub.Synchronizer(_settings());

    public async Task<SyncResult> CycleAsync(SyncStart? start = null) =>
        Assert.Single(await _synchronizer.StartAsync((start ?? new SyncStart()) with { Type = SyncType.Recipients }));

    /// <summary>A cycle that has to end well.</summary>
    public async Task<SyncResult> GoodCycleAsync()
    {
        SyncResult result = await CycleAsync();
        Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails));
        return result;
    }

    /// <summary>The edge knows these addresses and no others.</summary>
    public async Task AssertKnowsOnlyAsync(params IEnumerable<string> addresses)
    {
        string[] expected = [.. addresses.Select(Hash).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, (await KnownAsync()).Order(StringComparer.Ordinal));
    }

    public async Task AssertKnowsAsync(params IEnumerable<string> addresses)
    {
        HashSet<string> known = [.. await KnownAsync()];
        Assert.All(addresses, address => Assert.True(known.Contains(Hash(address)), $"{address} is not known"));
    }

    public async Task AssertKnowsNotAsync(string address) => Assert.DoesNotContain(Hash(address), await KnownAsync());

    /// <summary>cn of the entry that has the address.</summary>
    public async Task<string> OwnerAsync(string address) =>
        Assert.Single(await Edge.RecipientsAsync(), entry => entry.Value.Contains(Hash(address))).Key;

    /// <summary>Entries that take mail from inside only.</summary>
    public async Task<int> InternalOnlyAsync()
    {
        int count = 0;
        await foreach (LdapEntry _ in Edge.System.SearchAsync(new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.InternalOnly, "TRUE"), ["1.1"])))
        {
            count++;
        }

        return count;
    }

    /// <summary>Lookups answer: a synchronization of recipients was complete once.</summary>
    public async Task<bool> IsReadyAsync() => (await Edge.FindAsync(EdgeLayout.RecipientsState))?.FirstString(PosternAttributes.LastSync) is not null;

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        await Edge.DisposeAsync();
    }

    private string Hash(string address) => Spelling.Hash(Edge.Service.AddressKey!.ToBytes(), address);

    private async Task<IEnumerable<string>> KnownAsync() => (await Edge.RecipientsAsync()).Values.SelectMany(hashes => hashes);
}

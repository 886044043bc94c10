using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Configuration;

/// <summary>What is configured on a hub is what its edge has, whatever becomes of it; between real ends.</summary>
public sealed class ConfigurationCycleTests : IAsyncLifetime, IDisposable
{
    private static readonly ConfigurationClass Connector = ConfigurationClasses.SendConnector;

    private TestEdge _edge = null!;
    private TestHub _hub = null!;
    private ConfigurationStore _edgeStore = null!;
    private HubSynchronizer _synchronizer = null!;

    public async Task InitializeAsync()
    {
        _edge = await TestEdge.StartAsync();
        _edgeStore = new ConfigurationStore(_edge.System, ConfigurationPlace.Edge);
        _hub = await TestHub.StartAsync();
    }

    public async Task DisposeAsync()
    {
        if (_synchronizer is IAsyncDisposable sessions)
        {
            await sessions.DisposeAsync();
        }

        await _hub.DisposeAsync();
        await _edge.DisposeAsync();
    }

    public void Dispose() => _edgeStore.Dispose();

    [Fact]
    public async Task One_object_of_each_class_arrives_and_changes_renames_and_removals_follow()
    {
        await SubscribeAsync();
        await new AutomaticConnectors(_hub.Configuration).EnsureAsync("edge1", "Site", true, true);
        await _hub.Configuration.EnsureBuiltInAsync();
        await AddAsync(ConfigurationClasses.AcceptedDomain, "example.com", ("type", "authoritative"));
        await AddAsync(Connector, "to partner", ("addressSpaces", "partner.example"));
        await AddAsync(ConfigurationClasses.ReceiveConnector, "from partners", ("domainSecure", "true"));
        await AddAsync(ConfigurationClasses.Classification, "Internal", ("senderText", "Only inside."));
        await AddAsync(ConfigurationClasses.Server, "mx1", ("fqdn", "mx1.example.com"), ("site", "Site"));
        await AddAsync(ConfigurationClasses.Server, "mx9", ("fqdn", "mx9.example.com"), ("site", "Elsewhere"));
        await SetAsync(ConfigurationClasses.Transport, TransportSettings.OnlyName, null, ("tlsSendDomains", "partner.example"));

        SyncResult first = await CycleAsync();
        await AssertEqualAsync();
        Assert.Equal((SyncOutcome.Success, 10L), (first.Result, first.Added)); // the hub itself is one
        Assert.Equal([TestHub.Name, "mx1"], (await _edgeStore.ListAsync(ConfigurationClasses.Server)).Select(server => server.Name).Order(StringComparer.Ordinal));
        string dn = (await _edgeStore.FindAsync(Connector, "to partner")).Dn;

        await SetAsync(Connector, "to partner", "to the Partner, Inc.", ("enabled", "false"));
        await SetAsync(ConfigurationClasses.Classification, "Internal", null, ("senderText", ""));
        SyncResult second = await CycleAsync();
        await AssertEqualAsync();
        Assert.Equal((SyncOutcome.Success, 0L, 2L, 0L), (second.Result, second.Added, second.Updated, second.Deleted));
        Assert.Equal(dn, (await _edgeStore.FindAsync(Connector, "to the partner, inc.")).Dn);

        await SetAsync(Connector, "to the Partner, Inc.", null, ("edges", "edge2"));
        await _hub.Configuration.RemoveAsync(ConfigurationClasses.Classification, "Internal");
        SyncResult third = await CycleAsync();
        Assert.Equal((SyncOutcome.Success, 0L, 0L, 2L), (third.Result, third.Added, third.Updated, third.Deleted));
        await Assert.ThrowsAsync<ConfigurationException>(() => _edgeStore.FindAsync(Connector, "to the Partner, Inc."));
        Assert.Empty(await _edgeStore.ListAsync(ConfigurationClasses.Classification));
    }

    [Fact]
    public async Task First_cycle_replaces_what_the_edge_configured_itself_and_not_before()
    {
        await _edgeStore.AddAsync(Connector, "out", Values(("addressSpaces", "*")));
        await _edgeStore.AddAsync(Connector, "other", Values(("addressSpaces", "example.net")));
        await _edgeStore.AddAsync(ConfigurationClasses.AcceptedDomain, "example.com", Values(("type", "internalRelay")));
        await AddAsync(ConfigurationClasses.AcceptedDomain, "example.com", ("type", "authoritative"));
        await SubscribeAsync();

        Assert.Equal(2, (await _edgeStore.ListAsync(Connector)).Count);
        SyncResult first = await CycleAsync();

        Assert.Equal(SyncOutcome.Success, first.Result);
        Assert.Empty(await _edgeStore.ListAsync(Connector));
        ConfigurationItem domain = Assert.Single(await _edgeStore.ListAsync(ConfigurationClasses.AcceptedDomain));
        Assert.Equal((AcceptedDomainType.Authoritative, "organization"), (((AcceptedDomain)domain.Object!).Type, domain.Source));
    }

    [Fact]
    public async Task Entry_that_breaks_a_rule_is_named_and_stops_no_other_one()
    {
        await SubscribeAsync();
        await AddAsync(Connector, "good", ("addressSpaces", "*"));
        LdapResult added = await _hub.Organization.AddAsync(new AddRequest(
            $"cn=half,{Connector.OrganizationDn}", new LdapAttribute("objectClass", Connector.ObjectClass), new LdapAttribute("cn", "half")));

        SyncResult result = await CycleAsync();

        Assert.True(added.IsSuccess);
        Assert.Equal((SyncOutcome.Success, 2L), (result.Result, result.Added));
        Assert.Contains(result.Details, detail => detail.Contains("half", StringComparison.Ordinal) && detail.Contains("address space", StringComparison.Ordinal));
        Assert.Equal("good", Assert.Single(await _edgeStore.ListAsync(Connector)).Name);
    }

    private async Task SubscribeAsync()
    {
        await _hub.Subscriptions.ImportAsync(await _edge.ExportAsync(), "Site", _edge.Address);
        _synchronizer = _hub.Synchronizer(_hub.Ldif("anna"));
    }

    private async Task<SyncResult> CycleAsync() => Assert.Single(await _synchronizer.StartAsync(new SyncStart { Type = SyncType.Configuration }));

    /// <summary>What is for this edge is there, field by field.</summary>
    private async Task AssertEqualAsync()
    {
        foreach (ConfigurationClass kind in ConfigurationClasses.All)
        {
            string[] inside = [.. (await _hub.Configuration.ListAsync(kind)).Select(item => kind.ForEdge(item.Object!, "edge1", "Site")).Where(one => one is not null).Select(one => Text(kind, one!))];
            string[] outside = [.. (await _edgeStore.ListAsync(kind)).Select(item => Text(kind, item.Object!))];
            Assert.Equal(inside, outside);
        }
    }

    private static string Text(ConfigurationClass kind, ConfigurationObject one) =>
        $"{one.Name}: {string.Join("; ", kind.Fields.Select(field => $"{field.Name}={string.Join(',', field.Read(one))}"))}";

    private Task<ConfigurationObject> AddAsync(ConfigurationClass kind, string name, params (string Field, string Value)[] values) => _hub.Configuration.AddAsync(kind, name, Values(values));

    private Task<ConfigurationObject> SetAsync(ConfigurationClass kind, string name, string? newName, params (string Field, string Value)[] values) =>
        _hub.Configuration.SetAsync(kind, name, newName, Values(values));

    private static Dictionary<string, IReadOnlyList<string>> Values(params (string Field, string Value)[] values) =>
        values.ToDictionary(one => one.Field, one => (IReadOnlyList<string>)(one.Value.Length == 0 ? [] : [one.Value]));
}

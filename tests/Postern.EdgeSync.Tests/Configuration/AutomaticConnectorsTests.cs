using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Configuration;

/// <summary>Fact sheet 2.6 and 2.7.</summary>
public sealed class AutomaticConnectorsTests : IAsyncLifetime
{
    private TestHub _hub = null!;
    private AutomaticConnectors _connectors = null!;

    public async Task InitializeAsync()
    {
        _hub = await TestHub.StartAsync();
        _connectors = new AutomaticConnectors(_hub.Configuration);
    }

    public async Task DisposeAsync() => await _hub.DisposeAsync();

    [Fact]
    public async Task First_edge_of_a_site_brings_both_connectors_with_the_documented_settings()
    {
        IReadOnlyList<string> made = await _connectors.EnsureAsync("edge1", "North", true, true);
        SendConnector internet = await FindAsync("EdgeSync - North to Internet");
        SendConnector inbound = await FindAsync("EdgeSync - Inbound to North");

        Assert.Equal(["EdgeSync - North to Internet", "EdgeSync - Inbound to North"], made);
        Assert.Equal("SMTP:*;100", Assert.Single(internet.AddressSpaces).ToString());
        Assert.Equal((true, true, true, 0), (internet.Enabled, internet.DnsRouting, internet.DomainSecure, internet.SmartHosts.Count));
        Assert.Equal("SMTP:--;1", Assert.Single(inbound.AddressSpaces).ToString());
        Assert.Equal((true, false, "--"), (inbound.Enabled, inbound.DnsRouting, Assert.Single(inbound.SmartHosts).Text));
        Assert.All([internet, inbound], connector => Assert.Equal("edge1", Assert.Single(connector.Edges).Edge));
    }

    [Fact]
    public async Task Second_edge_joins_the_way_out_and_gets_its_own_way_in()
    {
        await _connectors.EnsureAsync("edge1", "North", true, true);
        await _connectors.EnsureAsync("edge2", "North", true, true);
        IReadOnlyList<string> again = await _connectors.EnsureAsync("edge2", "North", true, true);

        Assert.Equal(["edge1", "edge2"], (await FindAsync("EdgeSync - North to Internet")).Edges.Select(edge => edge.Edge));
        Assert.Equal(["edge1"], (await FindAsync("EdgeSync - Inbound to North")).Edges.Select(edge => edge.Edge));
        Assert.Equal(["edge2"], (await FindAsync("EdgeSync - Inbound to North (edge2)")).Edges.Select(edge => edge.Edge));
        Assert.Empty(again);
    }

    [Fact]
    public async Task Either_connector_can_be_left_out()
    {
        Assert.Equal(["EdgeSync - North to Internet"], await _connectors.EnsureAsync("edge1", "North", true, false));
        Assert.Equal(["EdgeSync - Inbound to North"], await _connectors.EnsureAsync("edge2", "North", false, true));
        Assert.Equal(["edge1"], (await FindAsync("EdgeSync - North to Internet")).Edges.Select(edge => edge.Edge));
    }

    [Fact]
    public async Task What_was_changed_by_hand_stays_when_the_edge_subscribes_again()
    {
        await _connectors.EnsureAsync("edge1", "North", true, true);
        await _hub.Configuration.SetAsync(
            ConfigurationClasses.SendConnector, "EdgeSync - North to Internet", null, new Dictionary<string, IReadOnlyList<string>> { ["enabled"] = ["false"] });
        await _connectors.EnsureAsync("edge1", "North", true, true);

        Assert.False((await FindAsync("EdgeSync - North to Internet")).Enabled);
    }

    [Fact]
    public async Task Edge_that_goes_leaves_every_connector_and_takes_those_along_that_were_only_its_own()
    {
        await _connectors.EnsureAsync("edge1", "North", true, true);
        await _connectors.EnsureAsync("edge2", "North", true, true);
        await _hub.Configuration.AddAsync(
            ConfigurationClasses.SendConnector, "everywhere", new Dictionary<string, IReadOnlyList<string>> { ["addressSpaces"] = ["partner.example"] });

        IReadOnlyList<string> first = await _connectors.ForgetAsync("EDGE1");
        IReadOnlyList<ConfigurationItem> left = await _hub.Configuration.ListAsync(ConfigurationClasses.SendConnector);
        IReadOnlyList<string> second = await _connectors.ForgetAsync("edge2");

        Assert.Equal(["EdgeSync - Inbound to North"], first);
        Assert.Equal(["EdgeSync - Inbound to North (edge2)", "EdgeSync - North to Internet", "everywhere"], left.Select(item => item.Name));
        Assert.Equal(2, second.Count);
        Assert.Equal("everywhere", Assert.Single(await _hub.Configuration.ListAsync(ConfigurationClasses.SendConnector)).Name);
    }

    [Fact]
    public async Task Site_with_the_longest_name_has_connectors_too()
    {
        string site = new('s', SiteServer.MaxSite);
        string edge = new('e', 63);

        await _connectors.EnsureAsync("edge1", site, true, true);
        IReadOnlyList<string> made = await _connectors.EnsureAsync(edge, site, true, true);

        Assert.Equal(2, made.Count);
    }

    private async Task<SendConnector> FindAsync(string name) =>
        Assert.IsType<SendConnector>((await _hub.Configuration.FindAsync(ConfigurationClasses.SendConnector, name)).Object);
}

using System.Text;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Enrolment;

public sealed class HubTopologyTests
{
    private static readonly SyncOutcome[] Done = [SyncOutcome.Success, SyncOutcome.Success];
    private static readonly SyncOutcome[] Elsewhere = [SyncOutcome.HeldByOtherHub, SyncOutcome.HeldByOtherHub];

    [Fact]
    public async Task Hub_that_comes_later_joins_without_touching_the_edge()
    {
        await using Bench bench = await Bench.StartAsync();
        SiteHub second = bench.Add("HUB2");
        Assert.False(await second.Topology.RunOnceAsync()); // there is nothing for it yet
        SyncResult none = (await second.Synchronizer.StartAsync(new SyncStart()))[0];
        Assert.Equal(SyncOutcome.CouldNotConnect, none.Result);
        Assert.Contains("no credentials for edge edge1 yet", none.FailureDetails, StringComparison.Ordinal);

        Assert.True(await bench.First.Topology.RunOnceAsync());
        Assert.True(await second.Topology.RunOnceAsync());
        Assert.Equal(["edge1"], second.Joined);
        Assert.Equal(Elsewhere, await second.SynchronizeAsync(byHand: true));
        await bench.First.Topology.ReleaseAsync(CancellationToken.None);
        Assert.Equal(Elsewhere, await second.SynchronizeAsync());
        Assert.Equal(Done, await second.SynchronizeAsync(byHand: true));
        Assert.Equal(Elsewhere, await bench.First.SynchronizeAsync());
        Assert.Equal(["ESRA.edge.HUB1.0", "ESRA.edge.HUB2.0"], await bench.AccountsAsync());
    }

    [Fact]
    public async Task Nothing_secret_stands_in_the_organization_directory()
    {
        await using Bench bench = await Bench.StartAsync();
        SiteHub second = bench.Add("HUB2");
        await second.Topology.RunOnceAsync();
        await bench.First.Topology.RunOnceAsync();
        await second.Topology.RunOnceAsync();
        List<string> secrets = [];
        foreach (SiteHub hub in (SiteHub[])[bench.First, second])
        {
            EdgeSecrets own = await hub.Subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None);
            secrets.AddRange([.. own.Accounts.Select(account => account.Password), own.AddressKey!, Encoding.Latin1.GetString(Convert.FromBase64String(own.AddressKey!))]);
        }

        Assert.Equal(6, secrets.Count);
        await foreach (LdapEntry entry in bench.Organization.SearchAsync(new SearchRequest(OrganizationLayout.Suffix, SearchScope.WholeSubtree, Filter.Anything, ["*"])))
        {
            foreach (string text in entry.Attributes.SelectMany(attribute => attribute.Values).Select(value => Encoding.Latin1.GetString(value.Span)))
            {
                Assert.All(secrets, secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
            }
        }

        HubServer entryOfSecond = (await second.Servers.FindAsync("HUB2"))!;
        CredentialRecord record = entryOfSecond.For("edge1", CredentialKind.Replication).Single();
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => record.Open(bench.First.Identity.Keys));
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => record.Open(bench.Edge.Service.Keys));
        Assert.Contains(record.Open(second.Identity.Keys), secrets);
    }

    [Fact]
    public async Task Second_look_changes_nothing()
    {
        await using Bench bench = await Bench.StartAsync();
        SiteHub second = bench.Add("HUB2");
        await second.Topology.RunOnceAsync();
        await bench.First.Topology.RunOnceAsync();
        string[] before = await bench.CredentialsAsync();
        await bench.First.Topology.RunOnceAsync();
        await second.Topology.RunOnceAsync();
        await bench.First.Topology.RunOnceAsync();
        Assert.Equal(before, await bench.CredentialsAsync());
        Assert.Equal(["ESRA.edge.HUB1.0", "ESRA.edge.HUB2.0"], await bench.AccountsAsync());
    }

    [Fact]
    public async Task Hub_that_was_removed_loses_its_account_and_stops()
    {
        await using Bench bench = await Bench.StartAsync();
        SiteHub second = bench.Add("HUB2");
        await second.Topology.RunOnceAsync();
        await bench.First.Topology.RunOnceAsync();
        await second.Topology.RunOnceAsync();
        Assert.True(await bench.First.Servers.RemoveAsync("hub2"));
        Assert.False(await bench.First.Servers.RemoveAsync("hub2"));
        await bench.First.Topology.RunOnceAsync();
        Assert.Equal(["ESRA.edge.HUB1.0"], await bench.AccountsAsync());
        await second.Topology.RunOnceAsync();
        SyncResult refused = (await second.Synchronizer.StartAsync(new SyncStart()))[0];
        Assert.Contains("was removed", refused.FailureDetails, StringComparison.Ordinal);
        Assert.Equal(Done, await bench.First.SynchronizeAsync());
    }

    [Fact]
    public async Task Edge_that_is_subscribed_anew_gives_every_hub_new_credentials()
    {
        await using Bench bench = await Bench.StartAsync();
        SiteHub second = bench.Add("HUB2");
        await second.Topology.RunOnceAsync();
        await bench.First.Topology.RunOnceAsync();
        await second.Topology.RunOnceAsync();
        await bench.First.Subscriptions.ImportAsync(await bench.Edge.ExportAsync(force: true), SiteHub.Site, bench.Edge.Address);
        Assert.Equal(["ESRA.edge.HUB1.1"], await bench.AccountsAsync());
        Assert.Equal(SyncOutcome.CouldNotConnect, (await second.SynchronizeAsync(byHand: true))[0]);
        Assert.False(await second.Topology.RunOnceAsync()); // it makes itself an account
        await bench.First.Topology.RunOnceAsync();
        Assert.Equal(Elsewhere, await second.SynchronizeAsync(byHand: true));
        Assert.Equal(["ESRA.edge.HUB1.1", "ESRA.edge.HUB2.0"], await bench.AccountsAsync());
    }

    [Fact]
    public async Task Hub_with_a_new_certificate_is_enrolled_anew()
    {
        await using Bench bench = await Bench.StartAsync();
        SiteHub second = bench.Add("HUB2");
        await second.Topology.RunOnceAsync();
        await bench.First.Topology.RunOnceAsync();
        SiteHub again = bench.Add("HUB2"); // its folder was lost
        Assert.False(await again.Topology.RunOnceAsync());
        await bench.First.Topology.RunOnceAsync();
        Assert.True(await again.Topology.RunOnceAsync());
        await bench.First.Topology.RunOnceAsync();
        Assert.Equal(["ESRA.edge.HUB1.0", "ESRA.edge.HUB2.1"], await bench.AccountsAsync());
        Assert.Equal(Elsewhere, await again.SynchronizeAsync());
    }

    [Fact]
    public async Task Hub_of_another_site_is_none_of_the_edges_business()
    {
        await using Bench bench = await Bench.StartAsync();
        SiteHub elsewhere = bench.Add("HUB9", "Elsewhere");
        Assert.True(await elsewhere.Topology.RunOnceAsync());
        await bench.First.Topology.RunOnceAsync();
        Assert.Equal(["ESRA.edge.HUB1.0"], await bench.AccountsAsync());
        Assert.Empty(await elsewhere.SynchronizeAsync());
    }

    [Fact]
    public async Task Server_that_is_no_hub_is_left_alone_and_a_hub_without_a_usable_certificate_too()
    {
        await using Bench bench = await Bench.StartAsync();
        string servers = ConfigurationClasses.Server.OrganizationDn;
        (await bench.Organization.AddAsync(new AddRequest(
            $"cn=MAIL1,{servers}", new LdapAttribute("objectClass", PosternClasses.Server), new LdapAttribute("cn", "MAIL1"), new LdapAttribute(PosternAttributes.Site, SiteHub.Site)))).ThrowIfFailed("add");
        (await bench.Organization.AddAsync(new AddRequest(
            $"cn=HUB7,{servers}", new LdapAttribute("objectClass", PosternClasses.Server), new LdapAttribute("cn", "HUB7"), new LdapAttribute(PosternAttributes.Site, SiteHub.Site),
            new LdapAttribute(PosternAttributes.ServerPublicKey, [1, 2, 3]), new LdapAttribute(PosternAttributes.InternalTlsCertificate, bench.First.Identity.Certificate.RawData)))).ThrowIfFailed("add");
        Assert.True(await bench.First.Topology.RunOnceAsync());
        Assert.Equal(["ESRA.edge.HUB1.0"], await bench.AccountsAsync());
        Assert.Equal(["HUB1", "HUB7"], (await bench.First.Servers.ListAsync()).Select(server => server.Name));
    }

    [Fact]
    public async Task End_of_a_subscription_takes_the_credentials_of_all_hubs()
    {
        await using Bench bench = await Bench.StartAsync();
        SiteHub second = bench.Add("HUB2");
        await second.Topology.RunOnceAsync();
        await bench.First.Topology.RunOnceAsync();
        Assert.Equal(6, (await bench.CredentialsAsync()).Length); // of each hub an account for it and for the edge, and the address key
        SubscriptionRemoval removal = await bench.First.Subscriptions.RemoveAsync("edge1");
        Assert.Equal((2, null), (removal.AccountsDeleted, removal.Warning));
        Assert.Empty(await bench.CredentialsAsync());
        Assert.Empty(await bench.AccountsAsync());
    }

    /// <summary>An edge that HUB1 has subscribed and synchronized.</summary>
    private sealed class Bench : IAsyncDisposable
    {
        private readonly List<SiteHub> _hubs = [];

        private Bench(TestEdge edge, TestHub home) => (Edge, Home) = (edge, home);

        public TestEdge Edge { get; }

        public IDirectory Organization => Home.Organization;

        public SiteHub First => _hubs[0];

        private TestHub Home { get; }

        public static async Task<Bench> StartAsync()
        {
            Bench bench = new(await TestEdge.StartAsync(), await TestHub.StartAsync());
            SiteHub first = bench.Add("HUB1");
            await first.Topology.RunOnceAsync();
            await first.Subscriptions.ImportAsync(await bench.Edge.ExportAsync(), SiteHub.Site, bench.Edge.Address);
            Assert.Equal(Done, await first.SynchronizeAsync());
            return bench;
        }

        public SiteHub Add(string name, string site = SiteHub.Site)
        {
            SiteHub hub = new(name, Organization, TimeProvider.System, site);
            _hubs.Add(hub);
            return hub;
        }

        public async Task<string[]> AccountsAsync() =>
            [.. (await Edge.NamesAsync(EdgeLayout.Accounts)).Where(name => EdgeNames.TryGetHub(name, out _)).Order(StringComparer.Ordinal)];

        public async Task<string[]> CredentialsAsync() =>
            await Home.CredentialsAsync();

        public async ValueTask DisposeAsync()
        {
            _hubs.ForEach(hub => hub.Dispose());
            await Home.DisposeAsync();
            await Edge.DisposeAsync();
        }
    }
}

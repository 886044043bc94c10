using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Enrolment;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Credentials;

/// <summary>A pair whose accounts do not work any more mends itself over the certificates that both know, and nobody else gets in that way.</summary>
public sealed class HealingTests
{
    private static readonly SyncOutcome[] Done = [SyncOutcome.Success, SyncOutcome.Success];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pair_that_lost_its_account_heals_and_keeps_the_data(bool lostCredentialToo)
    {
        await using Pair pair = await Pair.StartAsync();
        Dictionary<string, string[]> before = await pair.Edge.RecipientsAsync();
        if (lostCredentialToo)
        {
            await pair.DeleteAsync(CredentialEntry.Dn("ESRA.edge.HUB1.0"));
            Assert.DoesNotContain(await pair.Edge.NamesAsync(EdgeLayout.Accounts), name => EdgeNames.TryGetHub(name, out _));
        }
        else
        {
            await pair.DeleteAsync(AccountEntry.Dn("ESRA.edge.HUB1.0"));
        }

        Assert.Equal(Done, await pair.First.SynchronizeAsync());
        Assert.Equal(before, await pair.Edge.RecipientsAsync());
        Assert.Contains("ESRA.edge.HUB1.0", await pair.Edge.NamesAsync(EdgeLayout.Accounts));
    }

    [Fact]
    public async Task Pair_whose_password_is_another_one_on_the_edge_heals()
    {
        await using Pair pair = await Pair.StartAsync();
        await pair.Edge.Credentials.LookAsync();
        CredentialRecord other = TestCredential.Make(pair.Edge.Service.Certificate!, TestHub.Name, password: "of an old backup");
        (await pair.Edge.System.ModifyAsync(CredentialEntry.ToReplace(other))).ThrowIfFailed("replace");
        Assert.Equal(Done, await pair.First.SynchronizeAsync());
    }

    [Fact]
    public async Task Another_certificate_of_the_same_name_opens_nothing()
    {
        await using Pair pair = await Pair.StartAsync();
        using X509Certificate2 lookAlike = SelfSignedCertificate.Create(
            new SelfSignedRequest("HUB1", ["HUB1.example.com"], KeyAlgorithm.EcdsaP256, TimeSpan.FromDays(1)), TimeProvider.System);
        await using LdapConnection attacker = await pair.DialAsync(lookAlike);
        LdapException e = await Assert.ThrowsAsync<LdapException>(() => attacker.BindExternalAsync());
        Assert.Equal(LdapResultCode.InvalidCredentials, e.Code);
    }

    [Fact]
    public async Task Certificate_of_one_hub_brings_no_credential_of_another_and_reads_nothing()
    {
        await using Pair pair = await Pair.StartAsync();
        await using LdapConnection session = await pair.DialAsync(pair.First.Identity.Certificate);
        await session.BindExternalAsync();
        CredentialRecord other = TestCredential.Make(pair.Edge.Service.Certificate!, "HUB2");
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await session.AddAsync(CredentialEntry.ToAdd(other))).Code);
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await session.DeleteAsync(new DelRequest(CredentialEntry.Dn("ESRA.edge.HUB1.0")))).Code);
        foreach (string forbidden in (string[])[EdgeLayout.Suffix, EdgeLayout.Credentials, EdgeLayout.Accounts, EdgeLayout.Recipients])
        {
            LdapException e = await Assert.ThrowsAsync<LdapException>(() => CountAsync(session, forbidden));
            Assert.Equal(LdapResultCode.InsufficientAccessRights, e.Code);
        }

        Assert.Equal(1, await CountAsync(session, EdgeLayout.Subscription));
    }

    [Fact]
    public async Task Session_by_certificate_ends_after_a_minute()
    {
        Postern.Testing.ManualTimeProvider time = new(TimeProvider.System.GetUtcNow());
        await using Pair pair = await Pair.StartAsync(time);
        await using LdapConnection session = await pair.DialAsync(pair.First.Identity.Certificate);
        await session.BindExternalAsync();
        CredentialRecord own = TestCredential.Make(pair.Edge.Service.Certificate!, "HUB1", number: 5);
        (await session.AddAsync(CredentialEntry.ToAdd(own))).ThrowIfFailed("add");
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await session.ModifyAsync(CredentialEntry.ToReplace(own))).Code);
    }

    [Fact]
    public async Task Session_by_certificate_ends_with_the_trust_in_it()
    {
        await using Pair pair = await Pair.StartAsync();
        await using LdapConnection session = await pair.DialAsync(pair.First.Identity.Certificate);
        await session.BindExternalAsync();
        await pair.Edge.ExportAsync(force: true);
        CredentialRecord own = TestCredential.Make(pair.Edge.Service.Certificate!, "HUB1", number: 5);
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await session.AddAsync(CredentialEntry.ToAdd(own))).Code);
    }

    [Fact]
    public async Task Hub_whose_certificate_files_were_others_for_a_while_loses_nothing()
    {
        await using Pair pair = await Pair.StartAsync();
        HubSubscription edge = (await pair.First.Subscriptions.FindAsync("edge1"))!;
        string before = (await pair.First.Subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None)).AddressKey!;
        string[] files = System.IO.Directory.GetFiles(pair.First.Paths.KeysFolder, "*.pem");
        Assert.Equal(2, files.Length);
        Dictionary<string, byte[]> right = files.ToDictionary(file => file, File.ReadAllBytes);
        Array.ForEach(files, File.Delete);
        using (HubIdentity stranger = HubIdentity.Open(pair.First.Paths, pair.First.Identity.Fqdn, SiteHub.Site, "1.0", TimeProvider.System))
        {
            HubSubscriptions wrong = new(pair.Organization, pair.First.Paths, stranger, TimeProvider.System, NullLoggerFactory.Instance);
            await Assert.ThrowsAsync<SubscriptionException>(() => wrong.OpenAsync(edge, CancellationToken.None));
        }

        foreach ((string file, byte[] octets) in right)
        {
            await File.WriteAllBytesAsync(file, octets);
        }

        using HubIdentity again = HubIdentity.Open(pair.First.Paths, pair.First.Identity.Fqdn, SiteHub.Site, "1.0", TimeProvider.System);
        HubSubscriptions subscriptions = new(pair.Organization, pair.First.Paths, again, TimeProvider.System, NullLoggerFactory.Instance);
        Assert.Equal(before, (await subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None)).AddressKey);
        await using LdapConnection session = await subscriptions.OpenAsync(edge, CancellationToken.None);
    }

    [Fact]
    public async Task Hub_that_the_edge_no_longer_knows_is_told_so_and_changes_nothing()
    {
        await using Pair pair = await Pair.StartAsync();
        await pair.Edge.ExportAsync(force: true); // ends all accounts and certificates
        SyncResult refused = (await pair.First.Synchronizer.StartAsync(new SyncStart()))[0];
        Assert.Equal(SyncOutcome.InvalidCredentials, refused.Result);
        Assert.Empty(await pair.Edge.NamesAsync(EdgeLayout.Credentials));
        HubSubscription edge = (await pair.First.Subscriptions.FindAsync("edge1"))!;
        SubscriptionException e = await Assert.ThrowsAsync<SubscriptionException>(() => pair.First.Subscriptions.OpenAsync(edge, CancellationToken.None));
        Assert.Contains("neither the account nor the certificate", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hub_that_was_off_for_a_year_comes_back_without_a_visit()
    {
        Postern.Testing.ManualTimeProvider time = new(TimeProvider.System.GetUtcNow());
        await using Pair pair = await Pair.StartAsync(time);
        time.Advance(TimeSpan.FromDays(365));
        Assert.Equal(Done, await pair.First.SynchronizeAsync());
        await pair.First.Topology.RunOnceAsync();
        string account = Assert.Single(await pair.Edge.NamesAsync(EdgeLayout.Accounts), name => EdgeNames.TryGetHub(name, out _));
        Assert.Equal("ESRA.edge.HUB1.1", account);
    }

    private static async Task<int> CountAsync(LdapConnection session, string dn)
    {
        int count = 0;
        await foreach (LdapEntry entry in session.SearchAsync(new SearchRequest(dn, SearchScope.WholeSubtree, Filter.Anything, ["*"])))
        {
            count++;
        }

        return count;
    }

    /// <summary>An edge and one hub that has brought everything there.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly TestHub _home;

        private Pair(TestEdge edge, TestHub home, SiteHub first) => (Edge, _home, First) = (edge, home, first);

        public TestEdge Edge { get; }

        public SiteHub First { get; }

        public IDirectory Organization => _home.Organization;

        public static async Task<Pair> StartAsync(TimeProvider? time = null)
        {
            TestEdge edge = await TestEdge.StartAsync(time, connectionTime: TimeProvider.System);
            TestHub home = await TestHub.StartAsync(time);
            Pair pair = new(edge, home, new SiteHub("HUB1", home.Organization, time ?? TimeProvider.System));
            await pair.First.Topology.RunOnceAsync();
            await pair.First.Subscriptions.ImportAsync(await edge.ExportAsync(), SiteHub.Site, edge.Address);
            Assert.Equal(Done, await pair.First.SynchronizeAsync());
            await pair.First.Topology.RunOnceAsync();
            Assert.Contains("HUB1", await edge.NamesAsync(EdgeLayout.Credentials));
            return pair;
        }

        public async Task DeleteAsync(string dn) => (await Edge.System.DeleteAsync(new DelRequest(dn))).ThrowIfFailed("delete");

        public Task<LdapConnection> DialAsync(X509Certificate2 certificate) => LdapConnection.ConnectAsync(new LdapClientOptions
        {
            Endpoint = LdapEndpoint.Parse("ldaps://" + Edge.Address),
            Trust = new LdapTrust.Pin(CertificatePin.Of(Edge.Service.Certificate!).Sha256),
            ClientCertificate = certificate,
        });

        public async ValueTask DisposeAsync()
        {
            First.Dispose();
            await _home.DisposeAsync();
            await Edge.DisposeAsync();
        }
    }
}

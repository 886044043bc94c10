using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Credentials;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap.Client;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Subscriptions;

/// <summary>Subscription of a real edge by a real hub, over TLS on loopback.</summary>
public sealed class PairingTests
{
    [Fact]
    public async Task Import_exchanges_the_bootstrap_account_for_a_replication_account()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        HubSubscription subscription = await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        Assert.Equal(("edge1", SubscriptionState.Subscribed, "Site"), (subscription.Name, subscription.State, subscription.Site));
        Assert.Equal(["ESRA.edge.HUB1.0", "ESRA.edge1"], (await edge.NamesAsync(EdgeLayout.Accounts)).Order(StringComparer.Ordinal));
        EdgeSubscription onEdge = (await edge.Service.FindAsync())!;
        Assert.Equal((SubscriptionState.Subscribed, "HUB1", "edge1", TestEdge.Fqdn), (onEdge.State, onEdge.Hub, onEdge.Name, onEdge.Fqdn));
        Assert.Null(onEdge.BootstrapExpires);
        EdgeSecrets secrets = await hub.Subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None);
        Assert.Null(secrets.Bootstrap);
        Assert.Equal(Convert.ToBase64String(edge.Service.AddressKey!.ToBytes()), secrets.AddressKey);
    }

    [Fact]
    public async Task Subscription_file_works_once()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await hub.Subscriptions.ImportAsync(file, "Site", edge.Address);
        SubscriptionException e = await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.ImportAsync(file, "Site", edge.Address));
        Assert.Contains("works once", e.Message, StringComparison.Ordinal);
        Assert.Contains("--force", e.Hint, StringComparison.Ordinal);

        // The hub is as it was: its account still works.
        Assert.All(await hub.Synchronizer(hub.Ldif("anna")).StartAsync(new SyncStart()), result => Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails)));
    }

    [Fact]
    public async Task Import_mends_a_hub_that_lost_its_certificate()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        foreach (string file in System.IO.Directory.GetFiles(hub.Paths.KeysFolder))
        {
            File.Delete(file);
        }

        using HubIdentity anew = HubIdentity.Open(hub.Paths, hub.Identity.Fqdn, "Site", "1.0", TimeProvider.System);
        HubSubscriptions subscriptions = new(hub.Organization, hub.Paths, anew, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        HubSubscription edge1 = (await subscriptions.FindAsync("edge1"))!;
        SubscriptionException e = await Assert.ThrowsAsync<SubscriptionException>(() => subscriptions.OpenAsync(edge1, CancellationToken.None));
        Assert.Contains("no credentials", e.Message, StringComparison.Ordinal);
        HubSubscription again = await subscriptions.ImportAsync(await edge.ExportAsync(force: true), "Site", edge.Address);
        await using LdapConnection session = await subscriptions.OpenAsync(again, CancellationToken.None);
        Assert.Contains("ESRA.edge.HUB1", await session.WhoAmIAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Expired_file_is_refused_by_the_hub_and_by_the_edge()
    {
        ManualTimeProvider edgeTime = new(TimeProvider.System.GetUtcNow());
        ManualTimeProvider hubTime = new(TimeProvider.System.GetUtcNow());
        await using TestEdge edge = await TestEdge.StartAsync(edgeTime);
        await using TestHub hub = await TestHub.StartAsync(hubTime);
        SubscriptionFile file = await edge.ExportAsync();
        edgeTime.Advance(TimeSpan.FromHours(25));
        SubscriptionException byEdge = await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.ImportAsync(file, "Site", edge.Address));
        Assert.Contains("expired", byEdge.Message, StringComparison.Ordinal);
        hubTime.Advance(TimeSpan.FromHours(25));
        SubscriptionException byHub = await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.ImportAsync(file, "Site", edge.Address));
        Assert.Contains("expired at", byHub.Message, StringComparison.Ordinal);
        Assert.Empty(await hub.Subscriptions.ListAsync());
        Assert.Empty(await hub.CredentialsAsync());
    }

    [Fact]
    public async Task Other_certificate_than_the_pinned_one_is_refused()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        using X509Certificate2 other = SelfSignedCertificate.Create(
            new SelfSignedRequest("edge1", [TestEdge.Fqdn], KeyAlgorithm.EcdsaP256, TimeSpan.FromDays(1)), TimeProvider.System);
        SubscriptionFile file = await edge.ExportAsync() with { EdgeCertificateBlob = other.RawData };
        SubscriptionException e = await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.ImportAsync(file, "Site", edge.Address));
        Assert.Contains("another machine answers", e.Message, StringComparison.Ordinal);
        Assert.Empty(await hub.Subscriptions.ListAsync());
    }

    [Fact]
    public async Task Import_that_was_killed_is_finished_by_the_next_cycle()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();

        // What is on disk when the hub dies after it asked for the account and before it heard the answer.
        await hub.Subscriptions.Credentials.PrepareAsync(file, CancellationToken.None);
        HubSubscription pairing = new(file.EdgeServerName, file.EdgeServerFqdn, edge.Address, "Site", file.EdgeCertificateBlob, SubscriptionState.Pairing, null);
        await hub.Organization.AddAsync(HubSubscriptionEntry.ToAdd(pairing));

        SyncResult[] results = [.. await hub.Synchronizer(hub.Ldif("anna")).StartAsync(new SyncStart())];
        Assert.All(results, result => Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails)));
        Assert.Equal(SubscriptionState.Subscribed, (await hub.Subscriptions.FindAsync("EDGE1"))!.State);
    }

    [Fact]
    public async Task Import_that_was_killed_after_the_account_worked_is_finished_by_the_next_cycle()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await hub.Subscriptions.Credentials.PrepareAsync(file, CancellationToken.None);
        HubSubscription pairing = new(file.EdgeServerName, file.EdgeServerFqdn, edge.Address, "Site", file.EdgeCertificateBlob, SubscriptionState.Pairing, null);
        await hub.Organization.AddAsync(HubSubscriptionEntry.ToAdd(pairing));
        await using (LdapConnection first = await hub.Subscriptions.OpenAsync(pairing, CancellationToken.None))
        {
            // The bootstrap account is used from here on. The hub forgot that it was told so.
        }

        CredentialRecord bootstrap = CredentialRecord.Seal(
            new CredentialRecord(
                CredentialRecord.CurrentVersion, CredentialKind.Bootstrap, "edge1", TestEdge.Fqdn, "", "", file.EffectiveDate, file.ExpiresAt, file.EsraUsername, "", []),
            file.EsraPassword, hub.Identity.Certificate);
        HubServer self = (await hub.Subscriptions.Credentials.Servers.FindAsync(TestHub.Name))!;
        await CredentialValues.ChangeAsync(hub.Organization, self.Dn, [], [bootstrap], "put it back", CancellationToken.None);
        await using LdapConnection again = await hub.Subscriptions.OpenAsync(pairing, CancellationToken.None);
        Assert.Null((await hub.Subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None)).Bootstrap);
    }

    [Fact]
    public async Task Credential_of_a_lost_attempt_goes_when_another_one_works()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        foreach (CredentialRecord lost in (CredentialRecord[])[TestCredential.Make(edge.Service.Certificate!, TestHub.Name), TestCredential.Make(edge.Service.Certificate!, "HUB7")])
        {
            (await edge.System.AddAsync(CredentialEntry.ToAdd(lost, file.EsraUsername))).ThrowIfFailed("add");
        }

        await edge.Credentials.LookAsync();
        await hub.Subscriptions.ImportAsync(file, "Site", edge.Address);
        Assert.Equal(["ESRA.edge.HUB1.0", "ESRA.edge1"], (await edge.NamesAsync(EdgeLayout.Accounts)).Order(StringComparer.Ordinal));
        Assert.Equal(["ESRA.edge.HUB1.0", "HUB1"], (await edge.NamesAsync(EdgeLayout.Credentials)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Force_exports_again_ends_old_accounts_and_keeps_the_data()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        HubSynchronizer synchronizer = hub.Synchronizer(hub.Ldif("anna", "ben"));
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        await synchronizer.StartAsync(new SyncStart());
        await Assert.ThrowsAsync<SubscriptionException>(() => edge.ExportAsync());
        SubscriptionFile again = await edge.ExportAsync(force: true);
        Assert.Equal(["ESRA.edge1"], await edge.NamesAsync(EdgeLayout.Accounts));
        Assert.Equal(2, (await edge.RecipientsAsync()).Count);
        Assert.All(await synchronizer.StartAsync(new SyncStart()), result => Assert.Equal(SyncOutcome.InvalidCredentials, result.Result));

        await hub.Subscriptions.ImportAsync(again, "Site", edge.Address);
        IReadOnlyList<SyncResult> results = await synchronizer.StartAsync(new SyncStart());
        Assert.All(results, result => Assert.Equal((SyncOutcome.Success, 0L, 0L), (result.Result, result.Added, result.Deleted)));
    }

    [Fact]
    public async Task New_address_key_for_old_data_makes_the_edge_wait_for_a_synchronization()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        HubSynchronizer synchronizer = hub.Synchronizer(hub.Ldif("anna", "ben"));
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        await synchronizer.StartAsync(new SyncStart());
        Dictionary<string, string[]> before = await edge.RecipientsAsync();
        await edge.StopAsync();
        File.Delete(edge.Paths.AddressKeyFile);
        await edge.StartAgainAsync();
        SubscriptionFile again = await edge.ExportAsync(force: true);
        Assert.Null(await edge.FindAsync(EdgeLayout.RecipientsState));

        await hub.Subscriptions.ImportAsync(again, "Site", edge.Address);
        Assert.All(await synchronizer.StartAsync(new SyncStart()), result => Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails)));
        Assert.NotNull(await edge.FindAsync(EdgeLayout.RecipientsState));
        Dictionary<string, string[]> after = await edge.RecipientsAsync();
        Assert.Equal(before.Keys.Order(StringComparer.Ordinal), after.Keys.Order(StringComparer.Ordinal));
        Assert.All(after, one => Assert.NotEqual(before[one.Key], one.Value));
    }

    [Fact]
    public async Task Removal_on_the_hub_deletes_its_account_on_the_edge()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        SubscriptionRemoval removal = await hub.Subscriptions.RemoveAsync("edge1");
        Assert.Equal((1, null), (removal.AccountsDeleted, removal.Warning));
        Assert.Equal(["ESRA.edge1"], await edge.NamesAsync(EdgeLayout.Accounts));
        Assert.Empty(await hub.CredentialsAsync());
        await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.RemoveAsync("edge1"));
    }

    [Fact]
    public async Task Removal_on_the_hub_says_when_the_edge_was_out_of_reach()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        await edge.StopListeningAsync();
        SubscriptionRemoval removal = await hub.Subscriptions.RemoveAsync("edge1");
        Assert.Contains("on the edge", removal.Warning, StringComparison.Ordinal);
        Assert.Empty(await hub.Subscriptions.ListAsync());
    }

    [Fact]
    public async Task Removal_on_the_edge_leaves_nothing_replicated()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        await hub.Domains.AddAsync("example.com", AcceptedDomainType.Authoritative);
        await hub.Synchronizer(hub.Ldif("anna", "ben", "carla")).StartAsync(new SyncStart());
        SubscriptionRemoval removal = await edge.Service.RemoveAsync("EDGE1");
        Assert.Equal((2, 5L), (removal.AccountsDeleted, removal.EntriesDeleted));
        Assert.Null(await edge.Service.FindAsync());
        Assert.Null(edge.Service.AddressKey);
        Assert.Empty(await edge.RecipientsAsync());
        Assert.Empty((await edge.NamesAsync(EdgeLayout.Synchronization)).Except(["lease", null!]));
        await Assert.ThrowsAsync<SubscriptionException>(() => edge.Service.RemoveAsync("edge1"));
    }

    [Theory]
    [InlineData("-bad-", 50636, 60)]
    [InlineData("edge1.example.net", 0, 60)]
    [InlineData("edge1.example.net", 50636, 1)]
    public async Task Nonsense_is_refused_at_export(string fqdn, int port, int minutes)
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await Assert.ThrowsAsync<SubscriptionException>(() => edge.Service.NewAsync(
            new NewSubscriptionOptions { Fqdn = fqdn, AdamSslPort = port, Duration = TimeSpan.FromMinutes(minutes) }));
    }
}

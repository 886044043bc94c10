using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Enrolment;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Attacks;

/// <summary>A hub of another site of the same organization that turned bad: it reads the same organization directory, and has no business on
/// this site's edges.</summary>
public sealed class OtherSiteTests
{
    [Fact]
    public async Task Hub_of_another_site_opens_no_record_and_gets_no_session()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub home = await TestHub.StartAsync();
        using SiteHub berlin = new("HUB1", home.Organization, TimeProvider.System, "Berlin");
        using SiteHub paris = new("HUB2", home.Organization, TimeProvider.System, "Paris");
        await berlin.Topology.RunOnceAsync();
        await paris.Topology.RunOnceAsync();
        HubSubscription subscription = await berlin.Subscriptions.ImportAsync(await edge.ExportAsync(), "Berlin", edge.Address);
        await berlin.SynchronizeAsync();
        await berlin.Topology.RunOnceAsync();
        await paris.Topology.RunOnceAsync();

        // All records of the edge lie open to it, sealed for others.
        Assert.NotEmpty(await paris.Subscriptions.Credentials.ForEdgeAsync(subscription, CancellationToken.None));
        EdgeSecrets secrets = await paris.Subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None);
        Assert.Empty(secrets.Accounts);
        Assert.Null(secrets.AddressKey);

        // Its certificate is none that the edge lets anybody in with, though the edge has it among the servers.
        await using (LdapConnection connection = await ConnectAsync(edge, paris))
        {
            await Assert.ThrowsAsync<LdapException>(() => connection.BindExternalAsync());
        }

        // An account of its own making, sealed for the edge as every hub does it, has no way there.
        await Assert.ThrowsAnyAsync<Exception>(() => paris.Subscriptions.OpenAsync(subscription, CancellationToken.None));
        await edge.Credentials.LookAsync();
        Assert.Equal(["ESRA.edge.HUB1.0"], (await edge.NamesAsync(EdgeLayout.Accounts)).Where(name => name.StartsWith("ESRA.edge.", StringComparison.Ordinal)));

        // And no holder of the lease brings it there.
        await berlin.Topology.RunOnceAsync();
        await edge.Credentials.LookAsync();
        Assert.DoesNotContain(await edge.NamesAsync(EdgeLayout.Credentials), name => name.Contains("HUB2", StringComparison.OrdinalIgnoreCase));
        Assert.All(await berlin.SynchronizeAsync(), outcome => Assert.Equal(SyncOutcome.Success, outcome));
    }

    /// <summary>A record that it moves from another hub's entry, or writes under another's name, is worth nothing.</summary>
    [Fact]
    public async Task Records_that_are_moved_or_renamed_do_not_open()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub home = await TestHub.StartAsync();
        HubSubscription subscription = await home.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        CredentialRecord record = (await home.Subscriptions.Credentials.ForEdgeAsync(subscription, CancellationToken.None))[0].Record!;
        CredentialRecord[] forged =
        [
            record with { UserName = EdgeNames.ReplicationAccount("HUB2", 0), SourceServer = "HUB2" },
            record with { ExpirationTime = DateTimeOffset.MaxValue },
            record with { TargetServer = "edge2" },
        ];
        foreach (CredentialRecord one in forged)
        {
            string dn = CredentialEntry.Dn(one.UserName);
            await edge.System.DeleteAsync(new DelRequest(dn));
            (await edge.System.AddAsync(CredentialEntry.ToAdd(one))).ThrowIfFailed("add");
            await edge.Credentials.LookAsync();
            Assert.Contains(one.UserName, edge.Credentials.Faults.Keys);
            await edge.System.DeleteAsync(new DelRequest(dn));
        }

        await edge.Credentials.LookAsync();
        Assert.DoesNotContain(await edge.NamesAsync(EdgeLayout.Accounts), name => name.StartsWith("ESRA.edge.", StringComparison.Ordinal));
    }

    private static Task<LdapConnection> ConnectAsync(TestEdge edge, SiteHub hub) => LdapConnection.ConnectAsync(new LdapClientOptions
    {
        Endpoint = LdapEndpoint.Parse($"ldaps://{edge.Address}"),
        Trust = new LdapTrust.Pin(Certificates.CertificatePin.Of(edge.Service.Certificate!).Sha256),
        ClientCertificate = hub.Identity.Certificate,
    });
}

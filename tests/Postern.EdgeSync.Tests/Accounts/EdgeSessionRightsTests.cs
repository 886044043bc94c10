using Postern.Certificates;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Tests.Credentials;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Accounts;

/// <summary>What each identity can do over the wire.</summary>
public sealed class EdgeSessionRightsTests
{
    [Fact]
    public async Task Replication_account_reads_no_passwords_and_writes_nowhere_else()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        await edge.System.AddAsync(AccountEntry.ToAdd("ESRA.edge.HUB2.0", "other", AccountEntry.ReplicationRole, TimeProvider.System.GetUtcNow()));
        await using LdapConnection session = await hub.Subscriptions.OpenAsync((await hub.Subscriptions.FindAsync("edge1"))!, CancellationToken.None);
        List<LdapEntry> accounts = await ReadAsync(session, new SearchRequest(EdgeLayout.Accounts, SearchScope.WholeSubtree, Filter.Anything, ["*", "userPassword"]));
        Assert.DoesNotContain(accounts, entry => entry.Dn.Contains("ESRA.edge1", StringComparison.OrdinalIgnoreCase) || entry.Find("userPassword") is not null);
        IUpdateOperation[] forbidden =
        [
            new AddRequest("cn=x,o=edge", new LdapAttribute("objectClass", PosternClasses.Recipient), new LdapAttribute("cn", "x")),
            new DelRequest(AccountEntry.Dn("ESRA.edge1")),
            new DelRequest(EdgeLayout.Subscription),
            AccountEntry.ToAdd("ESRA.edge.HUB1.7", "x", AccountEntry.OperatorRole, TimeProvider.System.GetUtcNow()),
            AccountEntry.ToAdd("ESRA.edge.HUB1.7", "x", AccountEntry.ReplicationRole, TimeProvider.System.GetUtcNow()),
        ];
        foreach (IUpdateOperation operation in forbidden)
        {
            BatchResult result = await session.BatchAsync([operation]);
            Assert.Equal((operation.Dn, LdapResultCode.InsufficientAccessRights), (operation.Dn, result.Result.Code));
        }
    }

    [Fact]
    public async Task Bootstrap_account_reads_nothing()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await using LdapConnection session = await DialAsync(edge, file);
        await session.BindAsync(AccountEntry.Dn(file.EsraUsername), file.EsraPassword);
        Assert.Empty(await ReadAsync(session, new SearchRequest("o=edge", SearchScope.WholeSubtree, Filter.Anything, ["*"])));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Before_a_bind_only_root_and_schema_are_read_unless_lookups_are_let_in(bool anonymousLookup)
    {
        await using TestEdge edge = await TestEdge.StartAsync(anonymousLookup: anonymousLookup);
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await hub.Subscriptions.ImportAsync(file, "Site", edge.Address);
        await hub.Synchronizer(hub.Ldif("anna")).StartAsync(new());
        SearchRequest recipients = new(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, ["*"]);
        await using LdapConnection local = await LdapConnection.ConnectAsync(new LdapClientOptions { Endpoint = new LdapEndpoint("127.0.0.1", edge.LdapPort, false) });
        await using LdapConnection remote = await DialAsync(edge, file);
        Assert.Equal(anonymousLookup ? 1 : 0, (await ReadAsync(local, recipients)).Count);
        Assert.Empty(await ReadAsync(remote, recipients));
        foreach (LdapConnection session in new[] { local, remote })
        {
            Assert.Empty(await ReadAsync(session, new SearchRequest(EdgeLayout.Accounts, SearchScope.WholeSubtree, Filter.Anything, ["*"])));
            Assert.Equal(LdapResultCode.InsufficientAccessRights, (await session.DeleteAsync(new DelRequest(EdgeLayout.Recipients))).Code);
            Assert.Single(await ReadAsync(session, SearchRequest.ReadEntry("")));
            Assert.NotNull(Assert.Single(await ReadAsync(session, SearchRequest.ReadEntry("cn=subschema", "+"))).Find("attributeTypes"));
        }
    }

    [Fact]
    public async Task Guessing_is_slowed_down_and_the_wait_passes()
    {
        ManualTimeProvider time = new(TimeProvider.System.GetUtcNow());
        await using TestEdge edge = await TestEdge.StartAsync(time);
        SubscriptionFile file = await edge.ExportAsync();
        string account = AccountEntry.Dn("reader");
        await edge.System.AddAsync(AccountEntry.ToAdd("reader", "right", AccountEntry.LookupRole, time.GetUtcNow()));
        await using LdapConnection session = await DialAsync(edge, file);
        LoginBackoffOptions limits = new();
        for (int i = 0; i < limits.FreeFailuresPerAccount; i++)
        {
            LdapException wrong = await Assert.ThrowsAsync<LdapException>(() => session.BindAsync(account, "wrong"));
            Assert.Equal(LdapResultCode.InvalidCredentials, wrong.Code);
            Assert.Contains("unknown account or wrong password", wrong.Message, StringComparison.Ordinal);
        }

        LdapException e = await Assert.ThrowsAsync<LdapException>(() => session.BindAsync(account, "right"));
        Assert.Equal(LdapResultCode.Busy, e.Code);
        time.Advance(limits.FirstWait);
        await using LdapConnection later = await DialAsync(edge, file);
        await later.BindAsync(account, "right");
    }

    [Fact]
    public async Task Bootstrap_session_that_was_kept_open_ends_with_the_bootstrap_account()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await using LdapConnection kept = await DialAsync(edge, file);
        await kept.BindAsync(AccountEntry.Dn(file.EsraUsername), file.EsraPassword);
        await hub.Subscriptions.ImportAsync(file, "Site", edge.Address);
        AddRequest second = CredentialEntry.ToAdd(TestCredential.Make(edge.Service.Certificate!, "EVIL"), file.EsraUsername);
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await kept.AddAsync(second)).Code);
        Assert.Equal(["ESRA.edge.HUB1.0", "ESRA.edge1"], (await edge.NamesAsync(EdgeLayout.Accounts)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Session_of_a_removed_account_writes_and_reads_no_more(bool subscribedAnew)
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        await hub.Synchronizer(hub.Ldif("anna")).StartAsync(new());
        await using LdapConnection old = await hub.Subscriptions.OpenAsync((await hub.Subscriptions.FindAsync("edge1"))!, CancellationToken.None);
        SearchRequest recipients = new(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, ["*"]);
        LdapEntry anna = Assert.Single(await ReadAsync(old, recipients));
        if (subscribedAnew)
        {
            // The new account has the name of the old one.
            await hub.Subscriptions.ImportAsync(await edge.ExportAsync(force: true), "Site", edge.Address);
        }
        else
        {
            await edge.Service.RemoveAsync("edge1");
        }

        BatchResult batch = await old.BatchAsync([new AddRequest($"cn=again,{EdgeLayout.Recipients}", anna.Attributes.Where(a => a.Description != "cn").ToArray())]);
        Assert.Equal(LdapResultCode.InsufficientAccessRights, batch.Result.Code);
        Assert.Contains("has ended", batch.Result.DiagnosticMessage, StringComparison.Ordinal);
        Assert.Empty(await ReadAsync(old, recipients));
    }

    private static Task<LdapConnection> DialAsync(TestEdge edge, SubscriptionFile file) => LdapConnection.ConnectAsync(new LdapClientOptions
    {
        Endpoint = LdapEndpoint.Parse("ldaps://" + edge.Address),
        Trust = new LdapTrust.Pin(CertificatePin.Of(file.EdgeCertificateBlob.Span).Sha256),
    });

    private static async Task<List<LdapEntry>> ReadAsync(LdapConnection session, SearchRequest request)
    {
        List<LdapEntry> entries = [];
        try
        {
            await foreach (LdapEntry entry in session.SearchAsync(request))
            {
                entries.Add(entry);
            }
        }
        catch (LdapException e) when (e.Code is LdapResultCode.NoSuchObject or LdapResultCode.InsufficientAccessRights)
        {
        }

        return entries;
    }
}

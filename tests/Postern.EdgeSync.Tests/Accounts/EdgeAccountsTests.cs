using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Accounts;

public class EdgeAccountsTests
{
    [Fact]
    public async Task Operator_reads_everything_but_secrets_and_writes()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await edge.ExportAsync();
        (string dn, string password) = await edge.Accounts.NewAsync("studio", "operator", null, default);
        await using LdapConnection session = await DialAsync(edge);
        await session.BindAsync(dn, password);
        List<LdapEntry> all = await ReadAsync(session, new SearchRequest("o=edge", SearchScope.WholeSubtree, Filter.Anything, ["*", "userPassword"]));
        Assert.Contains(all, e => e.Dn == dn);
        Assert.All(all, e => Assert.Null(e.Find("userPassword")));
        Assert.True((await session.AddAsync(new AddRequest("cn=byhand,ou=recipients,o=edge", new LdapAttribute("objectClass", "posternRecipient"), new LdapAttribute("cn", "byhand")))).IsSuccess);
        Assert.True((await session.DeleteAsync(new DelRequest("cn=byhand,ou=recipients,o=edge"))).IsSuccess);
    }

    [Fact]
    public async Task Lookup_reads_what_is_replicated_and_writes_nothing()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        (string dn, string password) = await edge.Accounts.NewAsync("postfix", "lookup", null, default);
        await using LdapConnection session = await DialAsync(edge);
        await session.BindAsync(dn, password);
        List<LdapEntry> all = await ReadAsync(session, new SearchRequest(EdgeLayout.Recipients, SearchScope.WholeSubtree, Filter.Anything, ["*"]));
        Assert.NotEmpty(all);
        Assert.Empty(await ReadAsync(session, new SearchRequest(EdgeLayout.Accounts, SearchScope.WholeSubtree, Filter.Anything, ["*"])));
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await session.DeleteAsync(new DelRequest(EdgeLayout.Recipients))).Code);
    }

    [Fact]
    public void Own_password_is_the_own_business_of_people_not_of_machines()
    {
        EdgeAccessPolicy policy = new();
        string name = DistinguishedName.Parse(AccountEntry.Dn("postfix")).Normalized;
        bool May(DirectoryRole role, bool own) => policy.MayChangePassword(new Principal(AccountEntry.Dn("postfix"), role), name, own);
        Assert.True(May(DirectoryRole.Lookup, own: true));
        Assert.False(May(DirectoryRole.Lookup, own: false));
        Assert.True(May(DirectoryRole.Operator, own: false));
        Assert.False(May(DirectoryRole.Replication, own: true));
        Assert.False(May(DirectoryRole.Nobody, own: true));
    }

    [Fact]
    public async Task Removed_account_ends_with_its_sessions_and_subscriptions_leave_others_alone()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        (string dn, string password) = await edge.Accounts.NewAsync("studio", "operator", null, default);
        SubscriptionFile file = await edge.ExportAsync();
        await edge.ExportAsync(force: true);
        await edge.Service.RemoveAsync(file.EdgeServerName);
        await using LdapConnection session = await DialAsync(edge);
        await session.BindAsync(dn, password); // it has outlived the subscription
        Assert.Equal("studio", Assert.Single(await edge.Accounts.ListAsync(default)).Name);
        await edge.Accounts.RemoveAsync("STUDIO", default);
        Assert.Empty(await ReadAsync(session, new SearchRequest("o=edge", SearchScope.WholeSubtree, Filter.Anything, ["*"])));
        LdapException gone = await Assert.ThrowsAsync<LdapException>(() => session.BindAsync(dn, password));
        Assert.Equal(LdapResultCode.InvalidCredentials, gone.Code);
    }

    [Fact]
    public async Task Names_roles_and_owners_are_checked()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await edge.Accounts.NewAsync("studio", "lookup", null, default);
        Assert.Equal(AccountFault.Exists, (await Assert.ThrowsAsync<AccountException>(() => edge.Accounts.NewAsync("studio", "lookup", null, default))).Fault);
        Assert.Equal(AccountFault.BadName, (await Assert.ThrowsAsync<AccountException>(() => edge.Accounts.NewAsync("ESRA.edge.HUB1.0", "lookup", null, default))).Fault);
        Assert.Equal(AccountFault.BadName, (await Assert.ThrowsAsync<AccountException>(() => edge.Accounts.NewAsync("a", "replication", null, default))).Fault);
        Assert.Equal(AccountFault.Missing, (await Assert.ThrowsAsync<AccountException>(() => edge.Accounts.RemoveAsync("nobody", default))).Fault);
        Assert.Equal(AccountFault.OfSubscription, (await Assert.ThrowsAsync<AccountException>(() => edge.Accounts.RemoveAsync(file.EsraUsername, default))).Fault);
    }

    [Fact]
    public async Task Certificate_can_be_pinned_for_one_account_only()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        CertificatePin pin = CertificatePin.Of(new byte[] { 1 });
        await edge.Accounts.NewAsync("one", "lookup", pin, default);
        Assert.Equal(AccountFault.Exists, (await Assert.ThrowsAsync<AccountException>(() => edge.Accounts.NewAsync("two", "lookup", pin, default))).Fault);
        Assert.Equal(pin, Assert.Single(await edge.Accounts.ListAsync(default)).Certificate);
    }

    private static Task<LdapConnection> DialAsync(TestEdge edge) => LdapConnection.ConnectAsync(new LdapClientOptions
    {
        Endpoint = LdapEndpoint.Parse("ldaps://" + edge.Address),
        Trust = new LdapTrust.Pin(CertificatePin.Of(edge.Service.EnsureCertificate(TestEdge.Fqdn)).Sha256),
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

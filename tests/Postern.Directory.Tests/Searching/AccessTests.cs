using Postern.Ldap;
using Postern.Mail;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class AccessTests
{
    private static readonly Principal Lookup = new("lookup", DirectoryRole.Lookup);
    private static readonly Principal Replication = new("hub", DirectoryRole.Replication);

    [Fact]
    public async Task Nobody_reads_nothing_and_learns_nothing()
    {
        await using TestDirectory directory = await CreateAsync(policy: new RecipientsPolicy());
        IDirectory nobody = directory.Engine.As(Principal.Nobody);
        foreach (string dn in new[] { "o=edge", "cn=missing,o=edge", "", "cn=subschema" })
        {
            LdapException e = await Assert.ThrowsAsync<LdapException>(() => ReadAsync(nobody, SearchRequest.ReadEntry(dn)));
            Assert.Equal((LdapResultCode.InsufficientAccessRights, ""), (e.Code, e.Result.MatchedDn));
        }

        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await nobody.AddAsync(Recipient("x"))).Code);
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await nobody.DeleteAsync(new DelRequest(Recipients))).Code);
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await nobody.CompareAsync(new CompareRequest("o=edge", "o", "edge"u8.ToArray()))).Code);
    }

    [Fact]
    public async Task Entries_out_of_reach_are_left_out_and_hidden_attributes_cannot_be_asked_about()
    {
        await using TestDirectory directory = await CreateAsync(policy: new RecipientsPolicy());
        await Ok(directory.System.AddAsync(Recipient("x")));
        IDirectory lookup = directory.Engine.As(Lookup);
        List<LdapEntry> seen = await ReadAsync(lookup, new SearchRequest(Recipients, SearchScope.WholeSubtree, Filter.Anything, ["*", "+"]));
        Assert.Equal(2, seen.Count);
        Assert.All(seen, e => Assert.Null(e.Find(PosternAttributes.Source)));
        Assert.All(seen, e => Assert.Null(e.Find("entryUUID")));
        Assert.Empty(await ReadAsync(lookup, new SearchRequest(Recipients, SearchScope.WholeSubtree, Filter.Equal(PosternAttributes.Source, "corp"), [])));
        Assert.Empty(await ReadAsync(lookup, new SearchRequest(Recipients, SearchScope.WholeSubtree, Filter.Parse("(entryUUID=*)"), [])));
        await Assert.ThrowsAsync<LdapException>(() => ReadAsync(lookup, SearchRequest.ReadEntry(EdgeLayout.Accounts)));
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await lookup.CompareAsync(new CompareRequest($"cn=x,{Recipients}", PosternAttributes.Source, "corp"u8.ToArray()))).Code);
    }

    [Fact]
    public async Task Writers_write_where_they_may_and_a_rename_needs_both_ends()
    {
        await using TestDirectory directory = await CreateAsync(policy: new RecipientsPolicy());
        IDirectory hub = directory.Engine.As(Replication);
        await Ok(hub.AddAsync(Recipient("x")));
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await hub.ModifyDnAsync(new ModifyDnRequest($"cn=x,{Recipients}", "cn=x", false, EdgeLayout.Accounts))).Code);
        await Ok(hub.ModifyDnAsync(new ModifyDnRequest($"cn=x,{Recipients}", "cn=y", true)));
        BatchResult batch = await hub.BatchAsync([Recipient("z"), new AddRequest($"cn=z,{EdgeLayout.Accounts}", new LdapAttribute("objectClass", "posternRecipient"))]);
        Assert.Equal((LdapResultCode.InsufficientAccessRights, 1), (batch.Result.Code, batch.FailedOperation));
        Assert.Null(await directory.ReadAsync($"cn=z,{Recipients}"));
    }

    private static async Task<List<LdapEntry>> ReadAsync(IDirectory directory, SearchRequest request)
    {
        List<LdapEntry> found = [];
        await foreach (LdapEntry entry in directory.SearchAsync(request))
        {
            found.Add(entry);
        }

        return found;
    }

    /// <summary>Everybody with a role reads recipients, without their source and uuid; replication writes them; nobody nothing.</summary>
    private sealed class RecipientsPolicy : IAccessPolicy
    {
        public bool MayRead(Principal principal, string normalizedDn) =>
            principal.Role != DirectoryRole.Nobody && normalizedDn.EndsWith(EdgeLayout.Recipients, StringComparison.Ordinal);

        public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) =>
            principal.Role == DirectoryRole.Replication && normalizedDn.EndsWith("," + EdgeLayout.Recipients, StringComparison.Ordinal);

        public bool MayReadAttribute(Principal principal, string attribute) => attribute is not (PosternAttributes.Source or "entryUUID");
    }
}

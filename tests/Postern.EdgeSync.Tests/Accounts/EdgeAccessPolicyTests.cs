using Postern.Directory;
using Postern.EdgeSync.Accounts;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Accounts;

public sealed class EdgeAccessPolicyTests
{
    private static readonly Principal Hub = new("cn=ESRA.edge.HUB1.0,ou=accounts,o=edge", DirectoryRole.Replication);
    private static readonly Principal Bootstrap = new("cn=ESRA.EDGE1,ou=accounts,o=edge", DirectoryRole.Bootstrap);
    private static readonly Principal Lookup = new("loopback", DirectoryRole.Lookup);
    private readonly EdgeAccessPolicy _policy = new();

    [Theory]
    [InlineData("cn=0123,ou=recipients,o=edge", true)]
    [InlineData("cn=a,ou=acceptedDomains,ou=configuration,o=edge", true)]
    [InlineData("cn=recipients,ou=synchronization,o=edge", true)]
    [InlineData("cn=a,ou=sendConnectors,ou=configuration,o=edge", true)]
    [InlineData("ou=sendConnectors,ou=configuration,o=edge", false)]
    [InlineData("ou=recipients,o=edge", false)]
    [InlineData("o=edge", false)]
    [InlineData("cn=subscription,o=edge", false)]
    [InlineData("cn=ESRA.edge.HUB1.0,ou=accounts,o=edge", false)]
    [InlineData("cn=ESRA.edge.HUB2.0,ou=accounts,o=edge", false)]
    [InlineData("cn=x\\,ou=recipients,o=edge", false)]
    public void Replication_writes_what_is_replicated(string dn, bool may)
    {
        AddRequest add = new(dn, new LdapAttribute("objectClass", "top"));
        Assert.Equal(may, Write(Hub, add));
        Assert.False(Write(Lookup, add));
        Assert.False(Write(Principal.Nobody, add));
        Assert.False(Write(Bootstrap, add));
    }

    [Theory]
    [InlineData("cn=ESRA.edge.HUB1.1,ou=accounts,o=edge", true)]
    [InlineData("cn=ESRA.edge.HUB2.0,ou=accounts,o=edge", true)]
    [InlineData("cn=studio,ou=accounts,o=edge", false)]
    [InlineData("cn=ESRA.EDGE1,ou=accounts,o=edge", false)]
    [InlineData("cn=ESRA.edge.HUB1.0,cn=x,ou=accounts,o=edge", false)]
    public void Replication_deletes_accounts_of_hubs_only(string dn, bool may) => Assert.Equal(may, Write(Hub, new DelRequest(dn)));

    [Fact]
    public void Bootstrap_adds_a_replication_account_and_nothing_else()
    {
        AddRequest good = AccountEntry.ToAdd("ESRA.edge.HUB1.0", "secret", "replication", DateTimeOffset.UnixEpoch, createdBy: "ESRA.EDGE1");
        Assert.True(Write(Bootstrap, good));
        Assert.False(Write(Bootstrap, new DelRequest(good.Dn)));
        Assert.False(Write(Bootstrap, new ModifyRequest(good.Dn, new Modification(ModificationType.Replace, new LdapAttribute("cn", "x")))));
        Assert.False(Write(Bootstrap, AccountEntry.ToAdd("ESRA.edge.HUB1.0", "secret", "bootstrap", DateTimeOffset.UnixEpoch, createdBy: "ESRA.EDGE1")));
        Assert.False(Write(Bootstrap, AccountEntry.ToAdd("ESRA.edge.HUB1.0", "secret", "replication", DateTimeOffset.UnixEpoch, createdBy: "ESRA.EDGE2")));
        Assert.False(Write(Bootstrap, AccountEntry.ToAdd("ESRA.edge.HUB1.0", "secret", "replication", DateTimeOffset.UnixEpoch)));
        Assert.False(Write(Bootstrap, AccountEntry.ToAdd("other", "secret", "replication", DateTimeOffset.UnixEpoch, createdBy: "ESRA.EDGE1")));
        Assert.False(Write(Bootstrap, new AddRequest(good.Dn, [.. good.Attributes, new LdapAttribute(PosternAttributes.Role, "bootstrap")])));
    }

    [Fact]
    public void Replication_adds_accounts_of_hubs_and_no_others()
    {
        AddRequest good = AccountEntry.ToAdd("ESRA.edge.HUB2.0", "secret", "replication", DateTimeOffset.UnixEpoch);
        Assert.True(Write(Hub, good));
        Assert.False(Write(Hub, new ModifyRequest(good.Dn, new Modification(ModificationType.Replace, new LdapAttribute("userPassword", "x")))));
        Assert.False(Write(Hub, AccountEntry.ToAdd("ESRA.edge.HUB2.0", "secret", "operator", DateTimeOffset.UnixEpoch)));
        Assert.False(Write(Hub, AccountEntry.ToAdd("ESRA.edge.HUB2.0", "secret", "replication", DateTimeOffset.UnixEpoch, createdBy: "ESRA.EDGE1")));
        Assert.False(Write(Hub, AccountEntry.ToAdd("other", "secret", "replication", DateTimeOffset.UnixEpoch)));
    }

    [Theory]
    [InlineData("o=edge", false)]
    [InlineData("OU=Accounts, o=edge", false)]
    [InlineData("ou=recipients,o=edge", false)]
    [InlineData("ou=acceptedDomains,ou=configuration,o=edge", false)]
    [InlineData("cn=0123,ou=recipients,o=edge", true)]
    [InlineData("cn=studio,ou=accounts,o=edge", true)]
    public void Operator_writes_everywhere_but_leaves_the_tree_standing(string dn, bool mayTakeAway)
    {
        Principal studio = new("cn=studio,ou=accounts,o=edge", DirectoryRole.Operator);
        Assert.Equal(mayTakeAway, Write(studio, new DelRequest(dn)));
        Assert.Equal(mayTakeAway, Write(studio, new ModifyDnRequest(dn, "cn=x", true)));
        Assert.True(Write(studio, new ModifyRequest(dn, new Modification(ModificationType.Replace, new LdapAttribute("description", "x")))));
    }

    [Fact]
    public void Reading_is_by_role()
    {
        string recipient = Normal("cn=0123,ou=recipients,o=edge");
        Assert.True(_policy.MayRead(Lookup, recipient));
        Assert.True(_policy.MayRead(Hub, recipient));
        Assert.False(_policy.MayRead(Bootstrap, recipient));
        Assert.False(_policy.MayRead(Principal.Nobody, recipient));
        Assert.True(_policy.MayRead(Principal.Nobody, ""));
        Assert.False(_policy.MayRead(Lookup, Normal("cn=subscription,o=edge")));
        Assert.True(_policy.MayRead(Hub, Normal("cn=ESRA.edge.HUB1.3,ou=accounts,o=edge")));
        Assert.True(_policy.MayRead(Hub, Normal("cn=ESRA.edge.HUB2.0,ou=accounts,o=edge")));
        Assert.False(_policy.MayRead(Hub, Normal("cn=studio,ou=accounts,o=edge")));
        Assert.False(_policy.MayReadAttribute(Hub, "UserPassword"));
    }

    private bool Write(Principal principal, IUpdateOperation operation) => _policy.MayWrite(principal, Normal(operation.Dn), operation);

    private static string Normal(string dn) => DistinguishedName.Parse(dn).Normalized;
}

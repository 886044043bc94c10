using Postern.Directory;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Credentials;
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
    [InlineData("cn=ESRA.edge.HUB1.1,ou=credentials,o=edge", true)]
    [InlineData("cn=ESRA.edge.HUB2.0,ou=credentials,o=edge", true)]
    [InlineData("cn=HUB2,ou=credentials,o=edge", true)]
    [InlineData("ou=credentials,o=edge", false)]
    [InlineData("cn=ESRA.edge.HUB1.1,ou=accounts,o=edge", false)]
    [InlineData("cn=studio,ou=accounts,o=edge", false)]
    [InlineData("cn=ESRA.EDGE1,ou=accounts,o=edge", false)]
    public void Replication_takes_credentials_away_and_no_accounts(string dn, bool may) => Assert.Equal(may, Write(Hub, new DelRequest(dn)));

    [Fact]
    public void Bootstrap_brings_a_credential_and_does_nothing_else()
    {
        AddRequest good = CredentialEntry.ToAdd(Record("HUB1"), "ESRA.EDGE1");
        Assert.True(Write(Bootstrap, good));
        Assert.True(Write(Bootstrap, CredentialEntry.ToReplace(Record("HUB1"))));
        Assert.False(Write(Bootstrap, new DelRequest(good.Dn)));
        Assert.False(Write(Bootstrap, new ModifyRequest(good.Dn, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.CreatedBy, "x")))));
        Assert.False(Write(Bootstrap, CredentialEntry.ToAdd(Record("HUB1"), "ESRA.EDGE2")));
        Assert.False(Write(Bootstrap, CredentialEntry.ToAdd(Record("HUB1"))));
        Assert.False(Write(Bootstrap, HubTrustEntry.ToAdd("HUB1", [new byte[] { 1 }])));
        Assert.False(Write(Bootstrap, new AddRequest(good.Dn, [.. good.Attributes, new LdapAttribute(PosternAttributes.Role, "operator")])));
        Assert.False(Write(Bootstrap, AccountEntry.ToAdd("ESRA.edge.HUB1.0", "secret", "replication", DateTimeOffset.UnixEpoch, createdBy: "ESRA.EDGE1")));
    }

    [Fact]
    public void Hub_by_certificate_brings_its_own_credential_and_does_nothing_else()
    {
        Principal self = new(HubTrustEntry.Dn("HUB1"), DirectoryRole.Hub);
        Assert.True(Write(self, CredentialEntry.ToAdd(Record("HUB1"))));
        Assert.True(Write(self, CredentialEntry.ToReplace(Record("HUB1"))));
        Assert.False(Write(self, CredentialEntry.ToAdd(Record("HUB2"))));
        Assert.False(Write(self, CredentialEntry.ToReplace(Record("HUB2"))));
        Assert.False(Write(self, CredentialEntry.ToAdd(Record("HUB1"), "ESRA.EDGE1")));
        AddRequest twoNames = CredentialEntry.ToAdd(Record("HUB1"));
        Assert.False(Write(self, new AddRequest(
            twoNames.Dn, [.. twoNames.Attributes.Where(one => one.Description != "cn"), new LdapAttribute("cn", "ESRA.edge.HUB2.0", "ESRA.edge.HUB1.0")])));
        Assert.False(Write(self, new DelRequest(CredentialEntry.Dn("ESRA.edge.HUB1.0"))));
        Assert.False(Write(self, HubTrustEntry.ToAdd("HUB1", [new byte[] { 1 }])));
        Assert.False(Write(self, HubTrustEntry.ToReplace("HUB1", [new byte[] { 1 }])));
        Assert.False(Write(self, new DelRequest("cn=0123,ou=recipients,o=edge")));
        Assert.True(_policy.MayRead(self, Normal(EdgeLayout.Subscription)));
        Assert.False(_policy.MayRead(self, Normal("cn=0123,ou=recipients,o=edge")));
        Assert.False(_policy.MayRead(self, Normal(CredentialEntry.Dn("ESRA.edge.HUB1.0"))));
    }

    [Fact]
    public void Replication_brings_credentials_of_hubs_and_makes_no_accounts()
    {
        Assert.True(Write(Hub, CredentialEntry.ToAdd(Record("HUB2"))));
        Assert.True(Write(Hub, CredentialEntry.ToReplace(Record("HUB2"))));
        Assert.True(Write(Hub, HubTrustEntry.ToAdd("HUB2", [new byte[] { 1 }])));
        Assert.False(Write(Hub, CredentialEntry.ToAdd(Record("HUB2"), "ESRA.EDGE1")));
        Assert.False(Write(Hub, AccountEntry.ToAdd("ESRA.edge.HUB2.0", "secret", "replication", DateTimeOffset.UnixEpoch)));
        Assert.False(Write(Hub, new ModifyRequest(AccountEntry.Dn("ESRA.edge.HUB2.0"), new Modification(ModificationType.Replace, new LdapAttribute("userPassword", "x")))));
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
        Assert.False(_policy.MayRead(Lookup, Normal("cn=ESRA.edge.HUB1.3,ou=credentials,o=edge")));
        Assert.True(_policy.MayRead(Hub, Normal("cn=subscription,o=edge")));
        Assert.True(_policy.MayRead(Hub, Normal("cn=ESRA.edge.HUB1.3,ou=accounts,o=edge")));
        Assert.True(_policy.MayRead(Hub, Normal("cn=ESRA.edge.HUB2.0,ou=accounts,o=edge")));
        Assert.False(_policy.MayRead(Hub, Normal("cn=studio,ou=accounts,o=edge")));
        Assert.False(_policy.MayReadAttribute(Hub, "UserPassword"));
    }

    private static CredentialRecord Record(string hub) => new(
        CredentialRecord.CurrentVersion, CredentialKind.Replication, "edge1", "edge1.example.net", hub, "", DateTimeOffset.UnixEpoch, null, $"ESRA.edge.{hub}.0", "", [1]);

    private bool Write(Principal principal, IUpdateOperation operation) => _policy.MayWrite(principal, Normal(operation.Dn), operation);

    private static string Normal(string dn) => DistinguishedName.Parse(dn).Normalized;
}

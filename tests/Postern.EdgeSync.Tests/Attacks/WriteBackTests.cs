using System.Text;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Diagnosis;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Attacks;

/// <summary>An attacker who is root on an edge writes there what he likes: nothing of it comes inside, and the next comparison takes it away.</summary>
public sealed class WriteBackTests
{
    [Fact]
    public async Task What_is_written_on_the_edge_never_comes_inside_and_does_not_stay()
    {
        await using Ward ward = await Ward.OpenAsync();
        await ward.Hub.Domains.AddAsync("example.com", AcceptedDomainType.Authoritative);
        await ward.SynchronizeAsync();
        string before = await DumpAsync(ward.Hub.Organization);
        string[] recipients = [.. (await ward.Edge.RecipientsAsync()).Keys.Order(StringComparer.Ordinal)];

        string stranger = $"cn={Guid.NewGuid():n},{EdgeLayout.Recipients}";
        (await ward.Edge.System.AddAsync(new AddRequest(
            stranger, new LdapAttribute("objectClass", PosternClasses.Recipient), new LdapAttribute("cn", stranger[3..35]),
            new LdapAttribute(PosternAttributes.AddressHash, new byte[32]), new LdapAttribute(PosternAttributes.Source, "file")))).ThrowIfFailed("add");
        string domain = (await ward.Edge.NamesAsync(EdgeLayout.AcceptedDomains))[0];
        await ward.ChangeEdgeAsync($"cn={domain},{EdgeLayout.AcceptedDomains}", new LdapAttribute(PosternAttributes.DomainName, "attacker.example"));
        (await ward.Edge.System.AddAsync(new AddRequest(
            $"cn=planted,{EdgeLayout.AcceptedDomains}", new LdapAttribute("objectClass", PosternClasses.AcceptedDomain), new LdapAttribute("cn", "planted"),
            new LdapAttribute(PosternAttributes.DomainName, "planted.example"), new LdapAttribute(PosternAttributes.DomainType, "authoritative")))).ThrowIfFailed("add");

        Assert.All(await ward.TrySynchronizeAsync(full: true), result => Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails)));
        Assert.Equal(recipients, (await ward.Edge.RecipientsAsync()).Keys.Order(StringComparer.Ordinal));
        Assert.DoesNotContain("cn=planted", await DumpAsync(ward.Edge.System), StringComparison.Ordinal);
        Assert.DoesNotContain("attacker.example", await DumpAsync(ward.Edge.System), StringComparison.Ordinal);
        Assert.Equal(before, await DumpAsync(ward.Hub.Organization));
    }

    /// <summary>A hub's account on the edge is of use on that edge only, and not even there for what is the edge's own.</summary>
    [Fact]
    public async Task Stolen_account_of_a_hub_makes_no_accounts_and_reads_no_passwords()
    {
        await using Ward ward = await Ward.OpenAsync();
        EdgeSecrets secrets = await ward.Hub.Subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None);
        await using LdapConnection thief = await LdapConnection.ConnectAsync(new LdapClientOptions
        {
            Endpoint = LdapEndpoint.Parse($"ldaps://{ward.Edge.Address}"),
            Trust = new LdapTrust.Pin(Certificates.CertificatePin.Of(ward.Edge.Service.Certificate!).Sha256),
        });
        await thief.BindAsync(AccountEntry.Dn(secrets.Accounts[0].UserName), secrets.Accounts[0].Password);

        AddRequest[] wanted =
        [
            AccountEntry.ToAdd("ESRA.edge.HUB7.0", "password", AccountEntry.ReplicationRole, DateTimeOffset.UnixEpoch),
            AccountEntry.ToAdd("root", "password", AccountEntry.OperatorRole, DateTimeOffset.UnixEpoch),
        ];
        foreach (AddRequest add in wanted)
        {
            Assert.Equal(LdapResultCode.InsufficientAccessRights, (await thief.AddAsync(add)).Code);
        }

        LdapResult renamed = await thief.ModifyAsync(new ModifyRequest(
            EdgeLayout.Subscription, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.EdgeCertificate, new byte[] { 1 }))));
        Assert.Equal(LdapResultCode.InsufficientAccessRights, renamed.Code);
        await foreach (LdapEntry entry in thief.SearchAsync(new SearchRequest(EdgeLayout.Accounts, SearchScope.SingleLevel, Filter.Anything, ["*", AccountEntry.PasswordAttribute])))
        {
            Assert.Null(entry.Find(AccountEntry.PasswordAttribute));
        }
    }

    private static async Task<string> DumpAsync(IDirectory directory)
    {
        SortedDictionary<string, string> entries = new(StringComparer.Ordinal);
        foreach (string suffix in new[] { EdgeLayout.Suffix, OrganizationLayout.Suffix })
        {
            try
            {
                await foreach (LdapEntry entry in directory.SearchAsync(new SearchRequest(suffix, SearchScope.WholeSubtree, Filter.Anything, ["*"])))
                {
                    entries[entry.Dn] = string.Join(';', entry.Attributes.Select(one => $"{one.Description}={string.Join(',', one.Values.Select(value => Encoding.Latin1.GetString(value.Span)))}").Order(StringComparer.Ordinal));
                }
            }
            catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
            {
                // The other side's suffix.
            }
        }

        return string.Join('\n', entries.Select(one => $"{one.Key}: {one.Value}"));
    }
}

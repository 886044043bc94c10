using System.Globalization;
using Postern.Interop.Tests.Hosting;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Testing;

namespace Postern.Interop.Tests.Differential;

/// <summary>The same searches over the same entries give the same as slapd's.</summary>
[Trait("RFC", "4511")]
[Trait("RFC", "4515")]
[Trait("RFC", "4517")]
public class DifferentialTests(DirectoryHost host) : IClassFixture<DirectoryHost>
{
    private const int Searches = 300;
    private const int MaxShown = 25;

    /// <summary>POSTERN_SEED and POSTERN_COUNT, as for the property tests.</summary>
    private static int Setting(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    [SkippableFact]
    public async Task Generated_searches_find_the_same_as_in_slapd()
    {
        IReadOnlyList<LdapEntry> entries = SampleTree.Create();
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Ldif = SampleTree.ToLdif(entries) });
        await using LdapConnection theirs = await ConnectAsync(slapd.LdapUrl, slapd.AdminDn, slapd.AdminPassword);
        await using LdapConnection ours = await ConnectAsync(host.LdapUrl, DirectoryHost.AdminDn, DirectoryHost.AdminPassword);
        SearchGenerator generator = new(Setting("POSTERN_SEED", 1), entries);
        List<string> differences = [];
        int withEntries = 0;
        for (int i = 0; i < Setting("POSTERN_COUNT", Searches); i++)
        {
            SearchRequest request = generator.Next();
            SearchOutcome our = await SearchOutcome.OfAsync(ours, request);
            SearchOutcome their = await SearchOutcome.OfAsync(theirs, request);
            withEntries += their.Entries.Count > 0 ? 1 : 0;
            if (SearchOutcome.Difference(our, their) is { } difference)
            {
                differences.Add($"{i}: base \"{request.BaseDn}\" {request.Scope} {request.Filter} [{string.Join(' ', request.Attributes)}] types {request.TypesOnly} size {request.SizeLimit}: {difference}");
            }
        }

        Assert.True(differences.Count == 0, $"{differences.Count} differ:\n{string.Join('\n', differences.Take(MaxShown))}");
        Assert.True(withEntries > Searches / 6, $"only {withEntries} searches found anything: the generator has become too odd");
    }

    /// <summary>RFC 4511 section 4.5.1.7.6: what is approximately equal is the server's choice, at least what is equal. slapd compares
    /// how words sound in English; ours takes it for equality.</summary>
    [SkippableFact]
    public async Task Approximate_is_at_least_equal()
    {
        IReadOnlyList<LdapEntry> entries = SampleTree.Create();
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Ldif = SampleTree.ToLdif(entries) });
        await using LdapConnection theirs = await ConnectAsync(slapd.LdapUrl, slapd.AdminDn, slapd.AdminPassword);
        await using LdapConnection ours = await ConnectAsync(host.LdapUrl, DirectoryHost.AdminDn, DirectoryHost.AdminPassword);
        foreach (string value in (string[])["Anna Berg", "SMITH", "u7@example.com"])
        {
            SearchRequest request = new(SampleTree.Base, SearchScope.WholeSubtree, Filter.Parse($"(|(cn~={value})(sn~={value})(mail~={value}))"), ["1.1"]);
            SearchOutcome our = await SearchOutcome.OfAsync(ours, request);
            Assert.NotEmpty(our.Entries);
            Assert.Empty(our.Entries.Except((await SearchOutcome.OfAsync(theirs, request)).Entries));
        }
    }

    private static async Task<LdapConnection> ConnectAsync(string url, string dn, string password)
    {
        LdapConnection connection = await LdapConnection.ConnectAsync(new LdapClientOptions { Endpoint = LdapEndpoint.Parse(url), AllowPlaintextBind = true });
        await connection.BindAsync(dn, password);
        return connection;
    }
}

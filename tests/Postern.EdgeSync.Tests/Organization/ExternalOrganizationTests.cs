using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Organization;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Tests.Enrolment;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Organization;

/// <summary>The organization directory on slapd.</summary>
[Trait("RFC", "5805")]
public sealed class ExternalOrganizationTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [SkippableTheory]
    [InlineData("ou=postern,dc=example,dc=com")]
    [InlineData("o=Organization,dc=example,dc=com")]
    public async Task Everything_that_a_hub_keeps_is_kept_there(string baseDn)
    {
        await using SlapdFixture slapd = await StartAsync();
        await using ExternalOrganization organization = Open(slapd, baseDn);
        await DirectoryStructure.EnsureOrganizationAsync(organization, CancellationToken.None);
        await DirectoryStructure.EnsureOrganizationAsync(organization, CancellationToken.None);
        using ConfigurationStore store = new(organization, ConfigurationPlace.Organization);
        ConfigurationClass domains = ConfigurationClasses.AcceptedDomain;
        Dictionary<string, IReadOnlyList<string>> values = new() { ["type"] = ["authoritative"] };
        await store.AddAsync(domains, "contoso.example", values);
        await store.AddAsync(domains, "fabrikam.example", values);
        await Assert.ThrowsAsync<ConfigurationException>(() => store.AddAsync(domains, "contoso.example", values));
        Assert.Equal(["contoso.example", "fabrikam.example"], (await store.ListAsync(domains)).Select(domain => domain.Name));
        Assert.Contains(baseDn, (await slapd.Tools.SearchAsync("-b", baseDn, "(posternDomainName=contoso.example)", "1.1")).Output, StringComparison.Ordinal);
        using SiteHub hub = new("HUB1", organization, TimeProvider.System);
        Assert.True(await hub.Topology.RunOnceAsync());
        Assert.Equal(["HUB1"], (await hub.Servers.ListAsync()).Select(server => server.Name));
        await store.RemoveAsync(domains, "fabrikam.example");
        Assert.Single(await store.ListAsync(domains));
    }

    [SkippableFact]
    public async Task Batch_is_all_or_nothing_where_the_server_has_transactions()
    {
        await using SlapdFixture slapd = await StartAsync();
        await using ExternalOrganization organization = Open(slapd);
        await DirectoryStructure.EnsureOrganizationAsync(organization, CancellationToken.None);
        AddRequest a = Unit("a");
        AddRequest b = Unit("b");
        Assert.True((await organization.BatchAsync([a, b])).Result.IsSuccess);
        BatchResult refused = await organization.BatchAsync([new DelRequest(a.Dn), Unit("c"), b]);
        Assert.Equal(LdapResultCode.EntryAlreadyExists, refused.Result.Code);
        Assert.Equal(2, refused.FailedOperation);
        Assert.Equal(["a", "b"], await UnitsAsync(organization));
    }

    [SkippableFact]
    public async Task Restarted_server_is_found_again_and_one_that_is_down_says_so()
    {
        await using SlapdFixture slapd = await StartAsync();
        await using ExternalOrganization organization = Open(slapd);
        await DirectoryStructure.EnsureOrganizationAsync(organization, CancellationToken.None);
        await slapd.KillAsync();
        LdapException down = await Assert.ThrowsAsync<LdapException>(async () =>
        {
            for (int i = 0; i < 2; i++)
            {
                await UnitsAsync(organization); // the first may still find the connection that is about to end
            }
        });
        Assert.Equal(LdapResultCode.Unavailable, down.Code);
        Assert.Contains("organization", down.Message, StringComparison.Ordinal);
        await slapd.StartAgainAsync();
        Assert.Empty(await UnitsAsync(organization));
    }

    [SkippableFact]
    public async Task Directory_out_of_reach_does_not_keep_a_hub_from_starting()
    {
        await using SlapdFixture slapd = await StartAsync();
        await slapd.StopAsync();
        await using ExternalOrganization organization = Open(slapd);
        using SiteHub hub = new("HUB1", organization, TimeProvider.System);
        await hub.Topology.JoinAsync(CancellationToken.None);
        Assert.False(await hub.Topology.RunOnceAsync());
        await slapd.StartAgainAsync();
        Assert.True(await hub.Topology.RunOnceAsync());
        Assert.NotNull(await hub.Servers.FindAsync("HUB1"));
    }

    [SkippableFact]
    public async Task More_entries_than_the_server_gives_at_once_are_read_to_the_end_or_not_at_all()
    {
        await using SlapdFixture slapd = await StartAsync("limits dn.exact=\"cn=reader,dc=example,dc=com\" size=600");
        await using (ExternalOrganization organization = Open(slapd))
        {
            await DirectoryStructure.EnsureOrganizationAsync(organization, CancellationToken.None);
            IUpdateOperation[] units = [.. Enumerable.Range(0, 700).Select(i => Unit($"u{i}"))];
            Assert.True((await organization.BatchAsync(units)).Result.IsSuccess);
            Assert.Equal(700, (await UnitsAsync(organization)).Length);
        }

        using TempFolder folder = new();
        await using ExternalOrganization limited = new(
            new OrganizationSettings
            {
                Urls = [slapd.LdapUrl],
                BaseDn = "ou=postern,dc=example,dc=com",
                BindDn = slapd.ReaderDn,
                PasswordFile = folder.Write("password", slapd.ReaderPassword),
            },
            TimeProvider.System, NullLoggerFactory.Instance);
        try
        {
            Assert.Equal(700, (await UnitsAsync(limited)).Length);
        }
        catch (LdapException e)
        {
            Assert.Contains(e.Code, new[] { LdapResultCode.SizeLimitExceeded, LdapResultCode.AdminLimitExceeded });
        }
    }

    [SkippableFact]
    public async Task Change_that_somebody_makes_there_rings_also_after_a_restart()
    {
        await using SlapdFixture slapd = await StartAsync("overlay syncprov");
        await using ExternalOrganization organization = Open(slapd);
        await using ExternalOrganization other = Open(slapd);
        await DirectoryStructure.EnsureOrganizationAsync(organization, CancellationToken.None);
        await organization.WaitForChangeAsync(CancellationToken.None).WaitAsync(Patience); // that it listens
        Task change = organization.WaitForChangeAsync(CancellationToken.None);
        Assert.False(change.IsCompleted);
        await other.AddAsync(Unit("a"));
        await change.WaitAsync(Patience);

        await slapd.KillAsync();
        await slapd.StartAgainAsync();
        await organization.WaitForChangeAsync(CancellationToken.None).WaitAsync(Patience);
        change = organization.WaitForChangeAsync(CancellationToken.None);
        await other.DeleteAsync(new DelRequest(Unit("a").Dn));
        await change.WaitAsync(Patience);
    }

    [SkippableFact]
    public async Task Server_without_content_synchronization_does_not_ring()
    {
        await using SlapdFixture slapd = await StartAsync();
        await using ExternalOrganization organization = Open(slapd);
        await DirectoryStructure.EnsureOrganizationAsync(organization, CancellationToken.None);
        Task change = organization.WaitForChangeAsync(CancellationToken.None);
        await organization.AddAsync(Unit("a"));
        Assert.Equal(["a"], await UnitsAsync(organization));
        Assert.False(change.IsCompleted);
    }

    [SkippableFact]
    public async Task Base_that_cannot_be_made_is_named()
    {
        await using SlapdFixture slapd = await StartAsync();
        await using ExternalOrganization organization = Open(slapd, "cn=postern,dc=example,dc=com");
        LdapException missing = await Assert.ThrowsAsync<LdapException>(() => DirectoryStructure.EnsureOrganizationAsync(organization, CancellationToken.None));
        Assert.Contains("cn=postern,dc=example,dc=com does not exist", missing.Message, StringComparison.Ordinal);
    }

    internal static string Schema()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Postern.slnx")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return Path.Combine(folder!, "schema", "postern.schema");
    }

    private static Task<SlapdFixture> StartAsync(params string[] lines) => SlapdFixture.StartAsync(new SlapdOptions { Schemas = [Schema()], DatabaseLines = lines });

    private static ExternalOrganization Open(SlapdFixture slapd, string baseDn = "ou=postern,dc=example,dc=com")
    {
        TempFolder folder = new();
        return new ExternalOrganization(
            new OrganizationSettings
            {
                Urls = ["ldap://127.0.0.1:1", slapd.LdapsUrl],
                BaseDn = baseDn,
                BindDn = slapd.AdminDn,
                PasswordFile = folder.Write("password", slapd.AdminPassword + "\n"),
                CaFile = slapd.CertificateFiles.Authority,
            },
            TimeProvider.System, NullLoggerFactory.Instance);
    }

    private static AddRequest Unit(string name) =>
        new($"ou={name},{OrganizationLayout.Subscriptions}", new LdapAttribute("objectClass", "organizationalUnit"), new LdapAttribute("ou", name));

    private static async Task<string[]> UnitsAsync(ExternalOrganization organization)
    {
        List<string> names = [];
        await foreach (LdapEntry entry in organization.SearchAsync(new SearchRequest(OrganizationLayout.Subscriptions, SearchScope.SingleLevel, Filter.Anything, ["ou"])))
        {
            Assert.Equal($"ou={entry.FirstString("ou")},{OrganizationLayout.Subscriptions}", entry.Dn);
            names.Add(entry.FirstString("ou")!);
        }

        return [.. names.Order(StringComparer.Ordinal)];
    }
}

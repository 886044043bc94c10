using Postern.EdgeSync.Sources.Organization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Sources;

/// <summary>The organization directory as a source.</summary>
public sealed class OrganizationSourceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Content_that_did_not_change_says_so_by_its_cookie()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using OrganizationSource source = new(hub.Organization);
        await hub.Domains.AddAsync("one.example", AcceptedDomainType.Authoritative);
        ReadResult first = await source.ReadAsync();
        Assert.Equal((true, 1), (first.IsWhole, first.Entries.Count));
        ReadResult same = await source.ReadAsync(first.Cookie);
        Assert.Equal((false, 0), (same.IsWhole, same.Entries.Count));
        await hub.Domains.AddAsync("two.example", AcceptedDomainType.Authoritative);
        ReadResult more = await source.ReadAsync(first.Cookie);
        Assert.Equal((true, 2), (more.IsWhole, more.Entries.Count));
    }

    [Fact]
    public async Task Bell_rings_for_what_the_source_reads_and_for_nothing_else()
    {
        await using TestHub hub = await TestHub.StartAsync();
        await using OrganizationSource source = new(hub.Organization, cancel => hub.Engine.WaitForCommitAsync(hub.Engine.Commits, cancel));
        await source.ReadAsync();
        Task bell = source.WaitForBellAsync(CancellationToken.None);
        Modification other = new(ModificationType.Replace, new LdapAttribute("description", "of no interest"));
        Assert.True((await hub.Organization.ModifyAsync(new ModifyRequest(OrganizationLayout.AcceptedDomains, other))).IsSuccess);
        Assert.False(bell.IsCompleted);
        await hub.Domains.AddAsync("one.example", AcceptedDomainType.Authoritative);
        await bell.WaitAsync(Patience);

        // Changed between a reading and the wait.
        await source.ReadAsync();
        await hub.Domains.AddAsync("two.example", AcceptedDomainType.Authoritative);
        await source.WaitForBellAsync(CancellationToken.None).WaitAsync(Patience);
    }
}

using Postern.EdgeSync.NameService;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.ActiveDirectory;
using Postern.EdgeSync.Tests.NameService;
using Postern.Ldap;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Sources.ActiveDirectory;

/// <summary>Accounts with fewer rights than DirSync asks for, passwords that change, and a domain controller that comes and goes.</summary>
public sealed class SambaAccountTests(DomainFixture domain) : IClassFixture<DomainFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public async Task Ordinary_account_has_changes_by_number_once_it_sees_deleted_objects()
    {
        TestUnit unit = await domain.UnitAsync();
        string reader = await domain.AddReaderAsync("plain");
        EntryId kept = await unit.AddAsync("kept", "smtp:k@lab.example");
        EntryId deleted = await unit.AddAsync("deleted", "smtp:d@lab.example");
        await domain.ShowDeletedObjectsAsync(show: false);
        await using ActiveDirectorySource source = unit.Source(account: reader);

        ReadResult blind = await ReadResult.OfAsync(source, null);
        await domain.ShowDeletedObjectsAsync();
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await unit.ReplaceAsync(unit.Named("kept"), "proxyAddresses", "smtp:k2@lab.example");
        await unit.DeleteAsync(unit.Named("deleted"));
        ReadResult changes = await ReadResult.OfAsync(source, whole.Next);

        Assert.Contains("compar", blind.WholeBecause, StringComparison.Ordinal);
        Assert.Null(blind.Next);
        Assert.Equal(2, blind.Entries.Count);
        Assert.Equal(FeedKind.Usn, ActiveDirectoryCookie.TryDecode(whole.Next!)!.Kind);
        Assert.False(changes.IsWhole);
        Assert.Equal(["smtp:k2@lab.example"], changes.Addresses(kept));
        Assert.Null(Assert.Contains(deleted, changes.Entries));
        Assert.Empty((await ReadResult.OfAsync(source, changes.Next)).Entries);
    }

    [SkippableFact]
    public async Task Unit_that_moves_is_noticed_by_number_as_well()
    {
        TestUnit unit = await domain.UnitAsync();
        TestUnit outside = await domain.UnitAsync();
        string reader = await domain.AddReaderAsync("mover");
        await domain.ShowDeletedObjectsAsync();
        await unit.AddUnitAsync($"OU=team,{unit.Dn}");
        EntryId id = await unit.AddAtAsync($"CN=t,OU=team,{unit.Dn}", "smtp:t@lab.example");
        await using ActiveDirectorySource source = unit.Source(account: reader);
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await unit.MoveAsync($"OU=team,{unit.Dn}", "OU=team", outside.Dn);

        ReadResult gone = await ReadResult.OfAsync(source, whole.Next);

        Assert.False(gone.IsWhole);
        Assert.Null(Assert.Contains(id, gone.Entries));
    }

    [SkippableFact]
    public async Task Right_that_was_taken_away_means_everything_once()
    {
        TestUnit unit = await domain.UnitAsync();
        await unit.AddAsync("a", "smtp:a@lab.example");
        string reader = await domain.AddReaderAsync("demoted");
        await domain.ShowDeletedObjectsAsync();
        await using ActiveDirectorySource strong = unit.Source();
        await using ActiveDirectorySource weak = unit.Source(account: reader);
        ReadResult whole = await ReadResult.OfAsync(strong, null);

        ReadResult demoted = await ReadResult.OfAsync(weak, whole.Next);
        ReadResult after = await ReadResult.OfAsync(weak, demoted.Next);

        Assert.Contains("does not answer the cookie", demoted.WholeBecause, StringComparison.Ordinal);
        Assert.Single(demoted.Entries);
        Assert.False(after.IsWhole);
    }

    [SkippableFact]
    public async Task Changed_password_is_read_from_the_file_anew()
    {
        TestUnit unit = await domain.UnitAsync();
        string reader = await domain.AddReaderAsync("renewed");
        SourceSettings settings = domain.Settings(unit.Dn, reader);
        await using ActiveDirectorySource source = new(settings, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        foreach (string password in (string[])["Betw33n secret!", "N3w secret!"]) // the one before the last stays good for an hour
        {
            ModifyRequest change = new(reader, new Modification(ModificationType.Replace, new LdapAttribute("unicodePwd", DomainFixture.Password(password))));
            (await (await domain.AdminAsync()).ModifyAsync(change)).ThrowIfFailed("new password");
        }

        SourceException refused = await Assert.ThrowsAsync<SourceException>(() => source.OpenAsync(null, CancellationToken.None));
        await File.WriteAllTextAsync(settings.PasswordFile!, "N3w secret!");
        ReadResult again = await ReadResult.OfAsync(source, null);

        Assert.Contains("49", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(DomainFixture.ReaderPassword, refused.ToString(), StringComparison.Ordinal);
        Assert.True(again.IsWhole);
    }

    [SkippableFact]
    public async Task Bell_rings_for_changes_and_after_a_restart_and_the_cookie_still_counts()
    {
        TestUnit unit = await domain.UnitAsync();
        await using ActiveDirectorySource source = unit.Source();
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await RungAsync(source); // of what happened before it listened
        ReadResult none = await ReadResult.OfAsync(source, whole.Next);
        Task ring = RungAsync(source);
        EntryId id = await unit.AddAsync("rung", "smtp:rung@lab.example");
        await ring;
        ReadResult added = await ReadResult.OfAsync(source, none.Next);

        await domain.Controller.StopAsync();
        SourceException down = await Assert.ThrowsAsync<SourceException>(() => source.OpenAsync(added.Next, CancellationToken.None));
        await domain.Controller.StartAgainAsync();
        TestUnit same = new(domain, await domain.AdminAsync(), unit.Dn);
        ReadResult quiet = await ReadResult.OfAsync(source, added.Next);
        await RungAsync(source); // connected again
        ReadResult still = await ReadResult.OfAsync(source, quiet.Next);
        ring = RungAsync(source);
        await same.DeleteAsync(same.Named("rung"));
        await ring;
        ReadResult deleted = await ReadResult.OfAsync(source, still.Next);

        Assert.Contains(id, added.Entries);
        Assert.Contains("refuses the connection", down.Message, StringComparison.Ordinal);
        Assert.False(quiet.IsWhole);
        Assert.Null(Assert.Contains(id, deleted.Entries));
    }

    [SkippableFact]
    public async Task Domain_controller_is_found_by_the_records_of_its_domain()
    {
        TestUnit unit = await domain.UnitAsync();
        EntryId id = await unit.AddAsync("found", "smtp:found@lab.example");

        // An address as the target: the machine that runs the test knows no name for it.
        await using DnsResponder names = DnsResponder.Of((1, 0, 389, "127.0.0.1"), (0, 0, 389, domain.Controller.Address));
        DnsClient client = new([names.EndPoint], TimeProvider.System);
        await using ActiveDirectorySource ldaps = Found(client, startTls: false);
        await using ActiveDirectorySource startTls = Found(client, startTls: true);

        Assert.Equal([id], (await ReadResult.OfAsync(ldaps, null)).Entries.Keys);
        Assert.Equal([id], (await ReadResult.OfAsync(startTls, null)).Entries.Keys);

        ActiveDirectorySource Found(DnsClient nameServers, bool startTls) => new(
            domain.Settings(unit.Dn) with { Urls = [], Domain = SambaDc.Domain, StartTls = startTls },
            TimeProvider.System,
            Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance,
            nameServers);
    }

    private static Task RungAsync(ActiveDirectorySource source) => source.WaitForBellAsync(CancellationToken.None).WaitAsync(Patience);
}

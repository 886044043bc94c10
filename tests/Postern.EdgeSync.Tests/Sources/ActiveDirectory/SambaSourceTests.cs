using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.ActiveDirectory;
using Postern.Ldap;

namespace Postern.EdgeSync.Tests.Sources.ActiveDirectory;

/// <summary>Whole readings and changes by DirSync, against a domain controller of Samba.</summary>
[Trait("RFC", "2696")]
public sealed class SambaSourceTests(DomainFixture domain) : IClassFixture<DomainFixture>
{
    [SkippableFact]
    public async Task Whole_reading_yields_what_the_filter_passes_page_by_page()
    {
        TestUnit unit = await domain.UnitAsync();
        List<EntryId> ids = [];
        for (int i = 0; i < 8; i++)
        {
            ids.Add(await unit.AddAsync($"c{i}", $"smtp:c{i}@lab.example"));
        }

        (await (await domain.AdminAsync()).AddAsync(new AddRequest(unit.Named("silent"), new LdapAttribute("objectClass", "contact")))).ThrowIfFailed("add");
        await using ActiveDirectorySource source = unit.Source();

        ReadResult whole = await ReadResult.OfAsync(source, null);

        Assert.Equal("no cookie yet", whole.WholeBecause);
        Assert.Equal(ids.ToHashSet(), whole.Entries.Keys.ToHashSet());
        Assert.Equal(["smtp:c3@lab.example"], whole.Addresses(ids[3]));
        Assert.NotNull(whole.Next);
        Assert.Equal(FeedKind.DirSync, ActiveDirectoryCookie.TryDecode(whole.Next)!.Kind);
    }

    [SkippableFact]
    public async Task Nothing_changed_is_an_empty_reading()
    {
        TestUnit unit = await domain.UnitAsync();
        await unit.AddAsync("a", "smtp:a@lab.example");
        await using ActiveDirectorySource source = unit.Source();
        ReadResult whole = await ReadResult.OfAsync(source, null);

        ReadResult changes = await ReadResult.OfAsync(source, whole.Next);

        Assert.False(changes.IsWhole);
        Assert.Empty(changes.Entries);
        Assert.NotNull(changes.Next);
    }

    [SkippableFact]
    public async Task Added_modified_renamed_and_deleted_objects_come_with_all_their_attributes()
    {
        TestUnit unit = await domain.UnitAsync();
        EntryId modified = await unit.AddAsync("modified", "smtp:m1@lab.example", "smtp:m2@lab.example");
        EntryId renamed = await unit.AddAsync("renamed", "smtp:r@lab.example");
        EntryId deleted = await unit.AddAsync("deleted", "smtp:d@lab.example");
        await unit.AddAsync("untouched", "smtp:u@lab.example");
        await using ActiveDirectorySource source = unit.Source();
        ReadResult whole = await ReadResult.OfAsync(source, null);
        EntryId added = await unit.AddAsync("added", "smtp:a@lab.example");
        await unit.ReplaceAsync(unit.Named("modified"), "mail", "m3@lab.example");
        await unit.MoveAsync(unit.Named("renamed"), "CN=renamed again");
        await unit.DeleteAsync(unit.Named("deleted"));

        ReadResult changes = await ReadResult.OfAsync(source, whole.Next);

        Assert.False(changes.IsWhole);
        Assert.Equal(new HashSet<EntryId> { added, modified, renamed, deleted }, changes.Entries.Keys.ToHashSet());
        Assert.Null(changes.Entries[deleted]);
        Assert.Equal(["smtp:m1@lab.example", "smtp:m2@lab.example"], changes.Addresses(modified));
        Assert.Equal(["m3@lab.example"], changes.Entries[modified]!.Strings("mail"));
        Assert.Equal(unit.Named("renamed again"), changes.Entries[renamed]!.Dn);
        Assert.Equal(["smtp:a@lab.example"], changes.Addresses(added));
        Assert.Empty((await ReadResult.OfAsync(source, changes.Next)).Entries);
    }

    [SkippableFact]
    public async Task Change_during_a_whole_reading_comes_with_the_next_one()
    {
        TestUnit unit = await domain.UnitAsync();
        EntryId first = await unit.AddAsync("a", "smtp:a@lab.example");
        await using ActiveDirectorySource source = unit.Source();
        await using ISourceReading reading = await source.OpenAsync(null, CancellationToken.None);
        await unit.DeleteAsync(unit.Named("a"));
        await foreach (SourceChange change in reading.ReadAsync(CancellationToken.None))
        {
            Assert.NotEqual(first, change.Id);
        }

        ReadResult changes = await ReadResult.OfAsync(source, reading.NextCookie);

        Assert.Null(Assert.Contains(first, changes.Entries));
    }

    [SkippableFact]
    public async Task Object_that_leaves_the_filter_or_the_base_is_gone_and_comes_back()
    {
        TestUnit unit = await domain.UnitAsync();
        TestUnit outside = await domain.UnitAsync();
        EntryId mute = await unit.AddAsync("mute", "smtp:mute@lab.example");
        EntryId away = await unit.AddAsync("away", "smtp:away@lab.example");
        await using ActiveDirectorySource source = unit.Source();
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await unit.ReplaceAsync(unit.Named("mute"), "proxyAddresses");
        await unit.MoveAsync(unit.Named("away"), "CN=away", outside.Dn);

        ReadResult gone = await ReadResult.OfAsync(source, whole.Next);
        await unit.ReplaceAsync(unit.Named("mute"), "proxyAddresses", "smtp:again@lab.example");
        await unit.MoveAsync(outside.Named("away"), "CN=away", unit.Dn);
        ReadResult back = await ReadResult.OfAsync(source, gone.Next);

        Assert.Null(Assert.Contains(mute, gone.Entries));
        Assert.Null(Assert.Contains(away, gone.Entries));
        Assert.Equal(["smtp:again@lab.example"], back.Addresses(mute));
        Assert.Equal(["smtp:away@lab.example"], back.Addresses(away));
    }

    [SkippableFact]
    public async Task Disabled_users_leave_a_filter_on_their_account_control()
    {
        TestUnit unit = await domain.UnitAsync();
        (await (await domain.AdminAsync()).AddAsync(new AddRequest(
            unit.Named("user"),
            new LdapAttribute("objectClass", "user"),
            new LdapAttribute("sAMAccountName", "switched"),
            new LdapAttribute("userAccountControl", "512"),
            new LdapAttribute("unicodePwd", DomainFixture.Password(DomainFixture.ReaderPassword)),
            new LdapAttribute("proxyAddresses", "smtp:user@lab.example")))).ThrowIfFailed("add");
        EntryId id = await unit.IdAsync(unit.Named("user"));
        await using ActiveDirectorySource source = unit.Source(s => s with
        {
            Filter = "(&(objectClass=user)(proxyAddresses=*)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))",
        });
        ReadResult whole = await ReadResult.OfAsync(source, null);
        Assert.Contains(id, whole.Entries);
        await unit.ReplaceAsync(unit.Named("user"), "userAccountControl", "514");

        ReadResult disabled = await ReadResult.OfAsync(source, whole.Next);

        Assert.Null(Assert.Contains(id, disabled.Entries));
    }

    [SkippableFact]
    public async Task Unit_that_moves_takes_what_is_below_it_out_of_the_base_and_back()
    {
        TestUnit unit = await domain.UnitAsync();
        TestUnit outside = await domain.UnitAsync();
        await unit.AddUnitAsync($"OU=team,{unit.Dn}");
        await unit.AddUnitAsync($"OU=inner,OU=team,{unit.Dn}");
        List<EntryId> ids = [];
        for (int i = 0; i < 5; i++)
        {
            ids.Add(await unit.AddAtAsync($"CN=t{i},OU=inner,OU=team,{unit.Dn}", $"smtp:t{i}@lab.example"));
        }

        await using ActiveDirectorySource source = unit.Source();
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await unit.MoveAsync($"OU=team,{unit.Dn}", "OU=team", outside.Dn);

        ReadResult gone = await ReadResult.OfAsync(source, whole.Next);
        await unit.MoveAsync($"OU=team,{outside.Dn}", "OU=team", unit.Dn);
        ReadResult back = await ReadResult.OfAsync(source, gone.Next);

        Assert.False(gone.IsWhole || back.IsWhole);
        Assert.All(ids, id => Assert.Null(Assert.Contains(id, gone.Entries)));
        Assert.All(ids, id => Assert.NotNull(Assert.Contains(id, back.Entries)));
    }

    [SkippableFact]
    public async Task Renamed_unit_below_the_base_deletes_nobody()
    {
        TestUnit unit = await domain.UnitAsync();
        await unit.AddUnitAsync($"OU=team,{unit.Dn}");
        EntryId id = await unit.AddAtAsync($"CN=t,OU=team,{unit.Dn}", "smtp:t@lab.example");
        await using ActiveDirectorySource source = unit.Source();
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await unit.MoveAsync($"OU=team,{unit.Dn}", "OU=crew");

        ReadResult changes = await ReadResult.OfAsync(source, whole.Next);

        Assert.Equal($"CN=t,OU=crew,{unit.Dn}", changes.Entries[id]!.Dn);
    }

    [SkippableFact]
    public async Task Renamed_base_is_a_failure_and_deletes_nobody()
    {
        TestUnit unit = await domain.UnitAsync();
        await unit.AddAsync("a", "smtp:a@lab.example");
        await using ActiveDirectorySource source = unit.Source();
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await unit.MoveAsync(unit.Dn, "OU=elsewhere");

        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => source.OpenAsync(whole.Next, CancellationToken.None));

        Assert.Contains(unit.Dn, failure.Message, StringComparison.Ordinal);
        Assert.Contains("baseDn", failure.Hint, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Deleted_object_that_is_brought_back_is_there_again()
    {
        TestUnit unit = await domain.UnitAsync();
        EntryId id = await unit.AddAsync("back", "smtp:back@lab.example");
        await using ActiveDirectorySource source = unit.Source();
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await unit.DeleteAsync(unit.Named("back"));
        ReadResult gone = await ReadResult.OfAsync(source, whole.Next);
        Assert.Null(Assert.Contains(id, gone.Entries));

        await unit.UndeleteAsync(id, unit.Named("back"));
        await unit.ReplaceAsync(unit.Named("back"), "proxyAddresses", "smtp:back2@lab.example");
        ReadResult back = await ReadResult.OfAsync(source, gone.Next);

        Assert.Equal(["smtp:back2@lab.example"], back.Addresses(id));
    }

    [SkippableFact]
    public async Task Cookie_of_another_database_or_nonsense_means_everything()
    {
        TestUnit unit = await domain.UnitAsync();
        EntryId id = await unit.AddAsync("a", "smtp:a@lab.example");
        await using ActiveDirectorySource source = unit.Source();
        ReadResult whole = await ReadResult.OfAsync(source, null);
        ActiveDirectoryCookie own = ActiveDirectoryCookie.TryDecode(whole.Next!)!;
        (ActiveDirectoryCookie Cookie, string Because)[] foreign =
        [
            (own with { InvocationId = new byte[16] }, "restored"),
            (own with { ServiceName = "CN=NTDS Settings,CN=DC9" }, "another domain controller"),
            (own with { NamingContext = "dc=other" }, "another domain"),
            (own with { Position = new byte[] { 1, 2, 3 } }, "does not answer the cookie"),
        ];

        foreach ((ActiveDirectoryCookie cookie, string because) in foreign)
        {
            ReadResult again = await ReadResult.OfAsync(source, cookie.Encode());
            Assert.Contains(because, again.WholeBecause, StringComparison.Ordinal);
            Assert.Equal([id], again.Entries.Keys);
            Assert.NotNull(again.Next);
        }

        Assert.Contains("another kind", (await ReadResult.OfAsync(source, new SourceCookie("junk"u8.ToArray()))).WholeBecause, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task More_changes_than_are_worth_it_are_read_whole()
    {
        TestUnit unit = await domain.UnitAsync();
        await using ActiveDirectorySource source = new(domain.Settings(unit.Dn), TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance) { MaxChanges = 2 };
        ReadResult whole = await ReadResult.OfAsync(source, null);
        await unit.AddAsync("a", "smtp:a@lab.example");
        await unit.AddAsync("b", "smtp:b@lab.example");
        ReadResult two = await ReadResult.OfAsync(source, whole.Next);
        await unit.AddAsync("c", "smtp:c@lab.example");

        ReadResult three = await ReadResult.OfAsync(source, whole.Next);

        Assert.False(two.IsWhole);
        Assert.Contains("more than 2 objects", three.WholeBecause, StringComparison.Ordinal);
        Assert.Equal(3, three.Entries.Count);
    }

    [SkippableFact]
    public async Task Filter_over_membership_has_no_feed()
    {
        TestUnit unit = await domain.UnitAsync();
        await using ActiveDirectorySource source = unit.Source(s => s with { Filter = $"(memberOf=CN=g,{unit.Dn})" });

        ReadResult whole = await ReadResult.OfAsync(source, null);

        Assert.Contains("memberOf", whole.WholeBecause, StringComparison.Ordinal);
        Assert.Null(whole.Next);
    }

    [SkippableFact]
    public async Task Thousands_of_addresses_come_whole_however_they_are_cut()
    {
        const int Count = 1501;
        TestUnit unit = await domain.UnitAsync();
        string[] addresses = [.. Enumerable.Range(0, Count).Select(i => $"smtp:many{i}@lab.example")];
        EntryId id = await unit.AddAsync("many", addresses);
        await using ActiveDirectorySource source = unit.Source();

        ReadResult whole = await ReadResult.OfAsync(source, null);
        LdapEntry part = await (await domain.AdminAsync()).SearchAsync(SearchRequest.ReadEntry(unit.Named("many"), "proxyAddresses;range=0-999")).SingleAsync();
        LdapEntry? complete = await RangedAttributes.CompleteAsync(await domain.AdminAsync(), ActiveDirectoryNames.DnOf(id), part, CancellationToken.None);

        Assert.Equal(Count, whole.Addresses(id).Count());
        Assert.True(RangedAttributes.Has(part));
        Assert.Equal(addresses.ToHashSet(), complete!.Strings("proxyAddresses").ToHashSet());
    }
}

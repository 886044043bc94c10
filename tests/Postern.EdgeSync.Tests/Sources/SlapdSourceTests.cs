using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Sources;

/// <summary>OpenLDAP as a source: content synchronization against the real syncprov.</summary>
[Trait("RFC", "4533")]
public sealed class SlapdSourceTests
{
    private const string People = "ou=staff,dc=example,dc=com";
    private static readonly string[] SyncProvider = ["overlay syncprov", "syncprov-sessionlog 1000"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [SkippableFact]
    public async Task Changes_of_every_kind_come_by_cookie()
    {
        await using SlapdFixture slapd = await StartAsync(SyncProvider);
        using TempFolder folder = new();
        await using LdapSource source = Source(slapd, folder);
        ReadResult whole = await source.ReadAsync();
        Assert.Equal((true, "no cookie yet"), (whole.IsWhole, whole.WholeBecause));
        Assert.Equal(["a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"], whole.Mails);

        ReadResult idle = await source.ReadAsync(whole.Cookie);
        Assert.Equal((false, 0), (idle.IsWhole, idle.Entries.Count));
        Assert.NotNull(idle.Cookie);

        await ChangeAsync(slapd, $"""
            dn: cn=a,{People}
            changetype: modify
            replace: mail
            mail: a2@example.com

            dn: cn=b,{People}
            changetype: delete

            dn: cn=c,{People}
            changetype: modrdn
            newrdn: cn=renamed
            deleteoldrdn: 1

            dn: cn=d,{People}
            changetype: modify
            delete: mail

            dn: cn=e,{People}
            changetype: modrdn
            newrdn: cn=e
            deleteoldrdn: 1
            newsuperior: ou=outside,dc=example,dc=com

            dn: cn=f,{People}
            changetype: add
            objectClass: inetOrgPerson
            cn: f
            sn: f
            mail: f@example.com

            """);
        ReadResult changes = await source.ReadAsync(idle.Cookie);
        Assert.Equal((false, ""), (changes.IsWhole, changes.WholeBecause));
        Assert.Equal(["a2@example.com", "c@example.com", "f@example.com"], changes.Mails);
        Assert.Equal(3, changes.Gone); // deleted, left the filter, left the subtree
        Assert.All(changes.Entries.Where(entry => entry.Value is null), gone => Assert.Contains(gone.Key, whole.Entries.Keys));
        Assert.Empty((await source.ReadAsync(changes.Cookie)).Entries);
    }

    [SkippableFact]
    public async Task Deleted_and_created_again_under_the_same_name_are_two_entries()
    {
        // Trap 6: stores keyed by DN lose one of the two.
        await using SlapdFixture slapd = await StartAsync(SyncProvider);
        using TempFolder folder = new();
        await using LdapSource source = Source(slapd, folder);
        ReadResult whole = await source.ReadAsync();
        await ChangeAsync(slapd, $"""
            dn: cn=a,{People}
            changetype: delete

            dn: cn=a,{People}
            changetype: add
            objectClass: inetOrgPerson
            cn: a
            sn: a
            mail: again@example.com

            """);
        ReadResult changes = await source.ReadAsync(whole.Cookie);
        Assert.Equal((false, 1), (changes.IsWhole, changes.Gone));
        Assert.Equal(["again@example.com"], changes.Mails);
        Assert.DoesNotContain(changes.Entries.Single(entry => entry.Value is not null).Key, whole.Entries.Keys);
    }

    [SkippableFact]
    public async Task Present_phase_is_read_whole_and_never_taken_for_deletions()
    {
        // Trap 6: without a session log syncprov lists what is present.
        await using SlapdFixture slapd = await StartAsync(["overlay syncprov"]);
        using TempFolder folder = new();
        await using LdapSource source = Source(slapd, folder);
        ReadResult whole = await source.ReadAsync();
        Assert.Empty((await source.ReadAsync(whole.Cookie)).Entries);
        await ChangeAsync(slapd, $"dn: cn=a,{People}\nchangetype: delete\n");
        ReadResult next = await source.ReadAsync(whole.Cookie);
        Assert.True(next.IsWhole);
        Assert.Contains("present phase", next.WholeBecause, StringComparison.Ordinal);
        Assert.Equal(["b@example.com", "c@example.com", "d@example.com", "e@example.com"], next.Mails);
        Assert.Empty((await source.ReadAsync(next.Cookie)).Entries);
    }

    [SkippableFact]
    public async Task More_deletes_than_the_session_log_holds_are_read_whole()
    {
        await using SlapdFixture slapd = await StartAsync(["overlay syncprov", "syncprov-sessionlog 2"]);
        using TempFolder folder = new();
        await using LdapSource source = Source(slapd, folder);
        ReadResult whole = await source.ReadAsync();
        (await slapd.Tools.DeleteAsync([.. "abcd".Select(name => $"cn={name},{People}")])).MustSucceed();
        ReadResult next = await source.ReadAsync(whole.Cookie);
        Assert.True(next.IsWhole);
        Assert.Equal(["e@example.com"], next.Mails);
    }

    [SkippableFact]
    public async Task Cookie_survives_a_restart_of_the_server()
    {
        await using SlapdFixture slapd = await StartAsync(SyncProvider);
        using TempFolder folder = new();
        await using LdapSource source = Source(slapd, folder);
        Dictionary<EntryId, string> copy = [];
        ReadResult last = await source.FollowAsync(copy, null);
        await ChangeAsync(slapd, $"dn: cn=a,{People}\nchangetype: delete\n");
        await slapd.RestartAsync();
        await ChangeAsync(slapd, $"dn: cn=b,{People}\nchangetype: modify\nreplace: mail\nmail: b2@example.com\n");
        last = await source.FollowAsync(copy, last.Cookie);
        Assert.Equal(["b2@example.com", "c@example.com", "d@example.com", "e@example.com"], copy.Values.Order(StringComparer.Ordinal));
        last = await source.FollowAsync(copy, last.Cookie);
        Assert.False(last.IsWhole);
    }

    [SkippableFact]
    public async Task Cookie_of_a_server_that_was_set_back_is_not_believed()
    {
        // Trap 7 from the other side: the server's contextCSN is older than ours.
        await using SlapdFixture slapd = await StartAsync(SyncProvider);
        using TempFolder folder = new();
        await using LdapSource source = Source(slapd, folder);
        await ChangeAsync(slapd, $"dn: cn=a,{People}\nchangetype: delete\n");
        SourceCookie future = (await source.ReadAsync()).Cookie!;
        await using SlapdFixture restored = await StartAsync(SyncProvider);
        await using LdapSource other = Source(restored, folder);
        ReadResult next = await other.ReadAsync(future);
        Assert.True(next.IsWhole, next.WholeBecause);
        Assert.Equal(5, next.Entries.Count);
    }

    [SkippableFact]
    public async Task Size_limit_is_a_failure_with_a_hint_however_the_source_is_read()
    {
        // Trap 10: a half is not a whole.
        foreach (string[] overlay in (string[][])[SyncProvider, []])
        {
            await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Ldif = Ldif(), DatabaseLines = overlay, SizeLimit = 3 });
            using TempFolder folder = new();
            await using LdapSource source = Source(slapd, folder);
            SourceException failure = await Assert.ThrowsAsync<SourceException>(() => source.ReadAsync());
            Assert.Contains("sizeLimitExceeded", failure.Message, StringComparison.Ordinal);
            Assert.Contains("limits", failure.Hint, StringComparison.Ordinal);
        }
    }

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Connection_cut_after_half_of_it_is_a_failure(bool contentSync)
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Recipients = 500, DatabaseLines = contentSync ? SyncProvider : [] });
        await using CuttingProxy proxy = CuttingProxy.To(slapd.LdapPort);
        using TempFolder folder = new();
        await using LdapSource source = new(Settings(slapd, folder) with { BaseDn = slapd.BaseDn, Url = proxy.LdapUrl, PageSize = 100 }, TimeProvider.System, NullLoggerFactory.Instance);
        proxy.CutAfter = 60_000;
        SourceException failure = await Assert.ThrowsAsync<SourceException>(() => source.ReadAsync());
        Assert.Contains("connection was lost", failure.Message, StringComparison.Ordinal);

        // Trap 12: nothing of the dead connection stays.
        proxy.CutAfter = long.MaxValue;
        Assert.Equal(500, (await source.ReadAsync()).Entries.Count);
    }

    [SkippableFact]
    public async Task Bell_rings_and_two_edges_read_from_memory_at_their_own_positions()
    {
        await using SlapdFixture slapd = await StartAsync(SyncProvider);
        await using CuttingProxy proxy = CuttingProxy.To(slapd.LdapPort);
        using TempFolder folder = new();
        await using LdapSource source = new(Settings(slapd, folder) with { Url = proxy.LdapUrl }, TimeProvider.System, NullLoggerFactory.Instance);
        Dictionary<EntryId, string> one = [];
        Dictionary<EntryId, string> two = [];
        SourceCookie? first = (await source.FollowAsync(one, null)).Cookie;
        SourceCookie? second = (await source.FollowAsync(two, null)).Cookie;
        await RingAsync(source, slapd, "a1@example.com");
        int connections = proxy.Accepted;
        first = (await source.FollowAsync(one, first)).Cookie;
        await RingAsync(source, slapd, "a2@example.com");
        first = (await source.FollowAsync(one, first)).Cookie;
        second = (await source.FollowAsync(two, second)).Cookie;
        Assert.Equal(connections, proxy.Accepted); // no round trip
        Assert.Equal(one.Values.Order(StringComparer.Ordinal), two.Values.Order(StringComparer.Ordinal));
        Assert.Contains("a2@example.com", two.Values);

        Task bell = source.WaitForBellAsync(CancellationToken.None);
        await ChangeAsync(slapd, $"dn: cn=b,{People}\nchangetype: delete\n\ndn: cn=c,{People}\nchangetype: modify\ndelete: mail\n\ndn: cn=d,{People}\nchangetype: modrdn\nnewrdn: cn=d\ndeleteoldrdn: 1\nnewsuperior: ou=outside,dc=example,dc=com\n");
        await bell.WaitAsync(Patience);
        await UntilAsync(source, one, first, () => one.Count == 2);
        Assert.Equal(["a2@example.com", "e@example.com"], one.Values.Order(StringComparer.Ordinal));

        // The cookies from memory are the server's own words: another hub goes on with them.
        SourceCookie? reached = (await source.FollowAsync(one, first)).Cookie;
        await using LdapSource otherHub = Source(slapd, folder);
        ReadResult idle = await otherHub.ReadAsync(reached);
        Assert.Equal((false, 0), (idle.IsWhole, idle.Entries.Count));
    }

    [SkippableFact]
    public async Task Bell_hangs_again_after_cuts_and_restarts_and_rings_once()
    {
        // Trap 12.
        await using SlapdFixture slapd = await StartAsync(SyncProvider);
        await using CuttingProxy proxy = CuttingProxy.To(slapd.LdapPort);
        using TempFolder folder = new();
        await using LdapSource source = new(Settings(slapd, folder) with { Url = proxy.LdapUrl }, TimeProvider.System, NullLoggerFactory.Instance);
        Dictionary<EntryId, string> copy = [];
        SourceCookie? cookie = (await source.FollowAsync(copy, null)).Cookie;
        await RingAsync(source, slapd, "a1@example.com");
        cookie = (await source.FollowAsync(copy, cookie)).Cookie;

        proxy.CutAll();
        await ChangeAsync(slapd, $"dn: cn=b,{People}\nchangetype: delete\n");
        await source.WaitForBellAsync(CancellationToken.None).WaitAsync(Patience);
        cookie = (await source.FollowAsync(copy, cookie)).Cookie;
        Assert.DoesNotContain("b@example.com", copy.Values);

        // Trap 7: after a kill, syncprov's contextCSN may be older than our cookie, of a delete, which it then refuses.
        await slapd.KillAsync();
        await Assert.ThrowsAsync<SourceException>(() => source.ReadAsync(cookie));
        await slapd.StartAgainAsync();
        await ChangeAsync(slapd, $"dn: cn=a,{People}\nchangetype: modify\nreplace: mail\nmail: a2@example.com\n");
        await UntilAsync(source, copy, cookie, () => copy.ContainsValue("a2@example.com"));
        Assert.DoesNotContain("b@example.com", copy.Values);
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("ou=archive,ou=staff,dc=example,dc=com")]
    public async Task Unit_that_moves_away_and_back_rings_and_takes_its_people_along(string excluded)
    {
        string away = excluded.Length > 0 ? excluded : "ou=outside,dc=example,dc=com";
        await using SlapdFixture slapd = await StartAsync(SyncProvider);
        await ChangeAsync(slapd, $"""
            dn: ou=archive,{People}
            changetype: add
            objectClass: organizationalUnit
            ou: archive

            dn: ou=unit,{People}
            changetype: add
            objectClass: organizationalUnit
            ou: unit

            dn: cn=a,ou=unit,{People}
            changetype: add
            objectClass: inetOrgPerson
            cn: a
            sn: a
            mail: a0@example.com

            """);
        using TempFolder folder = new();
        await using LdapSource source = new(
            Settings(slapd, folder) with { ExcludedSubtrees = excluded.Length > 0 ? [excluded] : [] }, TimeProvider.System, NullLoggerFactory.Instance);
        SourceCookie? first = (await source.ReadAsync()).Cookie;
        SourceCookie? second = first;
        await RingAsync(source, slapd, "a1@example.com", $"cn=a,ou=unit,{People}");

        // A container that only changes moves nobody.
        await ChangeAsync(slapd, $"dn: ou=unit,{People}\nchangetype: modify\nadd: description\ndescription: x\n");
        first = (await source.ReadAsync(first)).Cookie;
        ReadResult changed = await source.ReadAsync(second);
        Assert.False(changed.IsWhole);
        Assert.Equal(["a1@example.com"], changed.Mails);
        second = changed.Cookie;
        foreach ((string from, string to) in ((string, string)[])[(People, away), (away, People)])
        {
            Task bell = source.WaitForBellAsync(CancellationToken.None);
            await ChangeAsync(slapd, $"dn: ou=unit,{from}\nchangetype: modrdn\nnewrdn: ou=unit\ndeleteoldrdn: 1\nnewsuperior: {to}\n");
            await bell.WaitAsync(Patience);
            await ChangeAsync(slapd, $"dn: cn=b,{People}\nchangetype: modify\nreplace: mail\nmail: {Guid.NewGuid()}@example.com\n");

            // Each of two edges learns of it, whoever reads first; and nobody is read whole twice for it. One that comes is read alone.
            ReadResult one = await source.ReadAsync(first);
            ReadResult two = await source.ReadAsync(second);
            Assert.Equal((to != People, to != People), (one.IsWhole, two.IsWhole));
            Assert.Equal(to != People, one.WholeBecause.Contains("container", StringComparison.Ordinal));
            Assert.Equal(to == People || excluded.Length > 0, one.Mails.Contains("a1@example.com"));
            Assert.Equal(one.Mails, two.Mails);
            (first, second) = (one.Cookie, two.Cookie);
            Assert.False((await source.ReadAsync(first)).IsWhole);
        }
    }

    [SkippableFact]
    public async Task Server_without_syncprov_is_read_by_modify_timestamp()
    {
        await using SlapdFixture slapd = await StartAsync([]);
        using TempFolder folder = new();
        await using LdapSource source = Source(slapd, folder);
        ReadResult whole = await source.ReadAsync();
        Assert.Equal((true, 5), (whole.IsWhole, whole.Entries.Count));
        await ChangeAsync(slapd, $"dn: cn=a,{People}\nchangetype: modify\nreplace: mail\nmail: a2@example.com\n\ndn: cn=b,{People}\nchangetype: delete\n\ndn: cn=c,{People}\nchangetype: modify\ndelete: mail\n");
        ReadResult changes = await source.ReadAsync(whole.Cookie);
        Assert.False(changes.IsWhole);
        Assert.Contains("a2@example.com", changes.Mails);
        EntryId left = whole.Entries.Single(entry => entry.Value!.FirstString("mail") == "c@example.com").Key;
        EntryId deleted = whole.Entries.Single(entry => entry.Value!.FirstString("mail") == "b@example.com").Key;
        Assert.Null(changes.Entries[left]);
        Assert.DoesNotContain(deleted, changes.Entries.Keys); // for the full compare
    }

    private static Task<SlapdFixture> StartAsync(string[] databaseLines) =>
        SlapdFixture.StartAsync(new SlapdOptions { Ldif = Ldif(), DatabaseLines = databaseLines });

    private static string Ldif() => $"""
        dn: dc=example,dc=com
        objectClass: domain
        dc: example

        dn: cn=reader,dc=example,dc=com
        objectClass: organizationalRole
        objectClass: simpleSecurityObject
        cn: reader
        userPassword: reader secret

        dn: {People}
        objectClass: organizationalUnit
        ou: staff

        dn: ou=outside,dc=example,dc=com
        objectClass: organizationalUnit
        ou: outside


        """ + string.Concat("abcde".Select(name => $"""
        dn: cn={name},{People}
        objectClass: inetOrgPerson
        cn: {name}
        sn: {name}
        mail: {name}@example.com


        """));

    private static SourceSettings Settings(SlapdFixture slapd, TempFolder folder) => new()
    {
        Name = "corp",
        Type = SourceType.OpenLdap,
        Url = slapd.LdapUrl,
        BaseDn = People,
        Filter = "(mail=*)",
        BindDn = slapd.ReaderDn,
        PasswordFile = folder.Write("reader.secret", slapd.ReaderPassword),
    };

    private static LdapSource Source(SlapdFixture slapd, TempFolder folder) => new(Settings(slapd, folder), TimeProvider.System, NullLoggerFactory.Instance);

    private static async Task ChangeAsync(SlapdFixture slapd, string ldif) => (await slapd.Tools.ModifyAsync(ldif)).MustSucceed();

    /// <summary>Changes an entry while somebody waits, and sees the bell ring.</summary>
    private static async Task RingAsync(LdapSource source, SlapdFixture slapd, string mail, string dn = $"cn=a,{People}")
    {
        Task bell = source.WaitForBellAsync(CancellationToken.None);
        await ChangeAsync(slapd, $"dn: {dn}\nchangetype: modify\nreplace: mail\nmail: {mail}\n");
        await bell.WaitAsync(Patience);
    }

    /// <summary>Reads on with each ring until the copy is as it should be.</summary>
    private static async Task UntilAsync(LdapSource source, Dictionary<EntryId, string> copy, SourceCookie? cookie, Func<bool> good)
    {
        cookie = (await source.FollowAsync(copy, cookie)).Cookie;
        for (int left = 10; left > 0 && !good(); left--)
        {
            await source.WaitForBellAsync(CancellationToken.None).WaitAsync(Patience);
            cookie = (await source.FollowAsync(copy, cookie)).Cookie;
        }
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Sources;

/// <summary>389 Directory Server as a source of type ldap, by its retro changelog.</summary>
public sealed class Ds389SourceTests
{
    private const string People = "ou=staff,dc=example,dc=com";
    private const string ChangeLog = Ds389Fixture.RetroChangelog;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)] // its refresh would not tell that d lost its address
    public async Task Changes_of_every_kind_come_by_cookie_and_the_bell_rings(bool contentSync)
    {
        string[] plugins = contentSync ? [ChangeLog, Ds389Fixture.ContentSync] : [ChangeLog];
        await using Ds389Fixture server = await Ds389Fixture.StartAsync(plugins, Ldif());
        using TempFolder folder = new();
        await using LdapSource source = Source(server, folder);
        ReadResult whole = await source.ReadAsync();
        Assert.True(whole.IsWhole);
        Assert.Equal(["a@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com"], whole.Mails);
        Assert.StartsWith("changelog:", System.Text.Encoding.UTF8.GetString(whole.Cookie!.Octets.Span), StringComparison.Ordinal);

        ReadResult idle = await source.ReadAsync(whole.Cookie);
        Assert.Equal((false, "", 0), (idle.IsWhole, idle.WholeBecause, idle.Entries.Count));

        Task bell = source.WaitForBellAsync(CancellationToken.None);
        await ChangeAsync(server, $"""
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

            dn: cn=f,{People}
            changetype: add
            objectClass: inetOrgPerson
            cn: f
            sn: f
            mail: f@example.com

            """);
        Dictionary<EntryId, string> copy = whole.Entries.ToDictionary(entry => entry.Key, entry => entry.Value!.FirstString("mail")!);
        SourceCookie? cookie = idle.Cookie;
        string[] expected = ["a2@example.com", "c@example.com", "e@example.com", "f@example.com"];
        for (int left = 10; left > 0 && !copy.Values.Order(StringComparer.Ordinal).SequenceEqual(expected); left--)
        {
            await bell.WaitAsync(Patience);
            ReadResult changes = await source.FollowAsync(copy, cookie);
            Assert.False(changes.IsWhole, changes.WholeBecause);
            cookie = changes.Cookie;
            bell = source.WaitForBellAsync(CancellationToken.None);
        }

        Assert.Equal(expected, copy.Values.Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task Move_across_the_edge_of_the_subtree_reads_the_changelog_source_whole()
    {
        await using Ds389Fixture server = await Ds389Fixture.StartAsync([ChangeLog], Ldif());
        using TempFolder folder = new();
        await using LdapSource source = Source(server, folder);
        ReadResult whole = await source.ReadAsync();
        await ChangeAsync(server, $"dn: ou=team,{People}\nchangetype: modrdn\nnewrdn: ou=team\ndeleteoldrdn: 1\nnewsuperior: ou=outside,dc=example,dc=com\n");
        ReadResult moved = await source.ReadAsync(whole.Cookie);
        Assert.True(moved.IsWhole);
        Assert.Contains("moved", moved.WholeBecause, StringComparison.Ordinal);
        Assert.DoesNotContain("e@example.com", moved.Mails);
    }

    [SkippableFact]
    public async Task Changelog_cookie_of_another_server_is_not_believed()
    {
        await using Ds389Fixture server = await Ds389Fixture.StartAsync([ChangeLog], Ldif());
        await using Ds389Fixture other = await Ds389Fixture.StartAsync([ChangeLog], Ldif());
        using TempFolder folder = new();
        await using LdapSource source = Source(server, folder);
        await using LdapSource second = Source(other, folder);
        ReadResult whole = await source.ReadAsync();
        await ChangeAsync(other, $"dn: cn=a,{People}\nchangetype: delete\n");
        ReadResult next = await second.ReadAsync(whole.Cookie);
        Assert.True(next.IsWhole);
        Assert.Contains("anew", next.WholeBecause, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Server_without_plug_ins_is_read_by_modify_timestamp()
    {
        await using Ds389Fixture server = await Ds389Fixture.StartAsync([], Ldif());
        using TempFolder folder = new();
        await using LdapSource source = Source(server, folder);
        ReadResult whole = await source.ReadAsync();
        Assert.Equal((true, 5), (whole.IsWhole, whole.Entries.Count));
        await ChangeAsync(server, $"dn: cn=a,{People}\nchangetype: modify\nreplace: mail\nmail: a2@example.com\n");
        ReadResult changes = await source.ReadAsync(whole.Cookie);
        Assert.False(changes.IsWhole, changes.WholeBecause);
        Assert.Contains("a2@example.com", changes.Mails);
    }

    private static LdapSource Source(Ds389Fixture server, TempFolder folder) => new(
        new SourceSettings
        {
            Name = "ds",
            Type = SourceType.Ldap,
            Url = server.LdapUrl,
            BaseDn = People,
            Filter = "(mail=*)",
            BindDn = Ds389Fixture.ManagerDn,
            PasswordFile = folder.Write("manager.secret", Ds389Fixture.ManagerPassword),
        },
        TimeProvider.System,
        NullLoggerFactory.Instance);

    private static async Task ChangeAsync(Ds389Fixture server, string ldif) => (await server.Tools.ModifyAsync(ldif)).MustSucceed();

    private static string Ldif() => $"""
        dn: dc=example,dc=com
        objectClass: domain
        dc: example

        dn: {People}
        objectClass: organizationalUnit
        ou: staff

        dn: ou=team,{People}
        objectClass: organizationalUnit
        ou: team

        dn: ou=outside,dc=example,dc=com
        objectClass: organizationalUnit
        ou: outside


        """ + string.Concat("abcd".Select(name => Person(name, People))) + Person('e', "ou=team," + People);

    private static string Person(char name, string parent) => $"""
        dn: cn={name},{parent}
        objectClass: inetOrgPerson
        cn: {name}
        sn: {name}
        mail: {name}@example.com


        """;
}

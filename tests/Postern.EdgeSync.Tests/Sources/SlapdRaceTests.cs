using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Sources;

/// <summary>Readings by cookie while slapd is being written: its contextCSN runs ahead of its session log for a moment.</summary>
[Trait("RFC", "4533")]
public sealed class SlapdRaceTests
{
    private const int People = 3_000;
    private const string Staff = "ou=staff,dc=example,dc=com";

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task No_deletion_is_missed_by_readings_that_run_beside_it(bool hasBell)
    {
        StringBuilder people = new($"dn: {Staff}\nobjectClass: organizationalUnit\nou: staff\n\n");
        StringBuilder deletes = new();
        for (int i = 0; i < People; i++)
        {
            people.Append($"dn: cn=p{i},{Staff}\nobjectClass: inetOrgPerson\ncn: p{i}\nsn: p\nmail: p{i}@example.com\n\n");
            deletes.Append($"dn: cn=p{i},{Staff}\nchangetype: delete\n\n");
        }

        await using SlapdFixture slapd = await SlapdFixture.StartAsync(
            new SlapdOptions { ExtraLdif = people.ToString(), DatabaseLines = ["overlay syncprov", "syncprov-sessionlog 100000"] });
        using TempFolder folder = new();
        await using LdapSource source = new(Settings(slapd, folder), TimeProvider.System, NullLoggerFactory.Instance);
        using CancellationTokenSource written = new();
        if (hasBell)
        {
            _ = source.WaitForBellAsync(written.Token);
        }

        Reader[] readers = [new(source), new(source), new(source)];
        await Task.WhenAll(readers.Select(reader => reader.ReadAsync()));
        Assert.All(readers, reader => Assert.Equal(People, reader.Copy.Count));

        Task<CommandResult> writing = slapd.Tools.ModifyAsync(deletes.ToString());
        await Task.WhenAll(readers.Select(reader => reader.ReadUntilAsync(writing)));
        (await writing).MustSucceed();
        await Task.WhenAll(readers.Select(reader => reader.ReadAsync()));
        await written.CancelAsync();
        Assert.Equal(["", "", ""], readers.Select(reader => string.Join(", ", reader.Copy.Values.Take(5))));
    }

    [SkippableFact]
    public async Task Nobody_who_changes_while_everything_is_read_is_left_out()
    {
        StringBuilder people = new($"dn: {Staff}\nobjectClass: organizationalUnit\nou: staff\n\n");
        StringBuilder changes = new();
        for (int i = 0; i < People; i++)
        {
            people.Append($"dn: cn=p{i},{Staff}\nobjectClass: inetOrgPerson\ncn: p{i}\nsn: p\nmail: p{i}@example.com\n\n");
            changes.Append($"dn: cn=p{People - 1 - i},{Staff}\nchangetype: modify\nreplace: sn\nsn: q\n\n");
        }

        // A search sees one state of the database for so many entries (10,000 by default), and then a later one.
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { ExtraLdif = people.ToString(), DatabaseLines = ["rtxnsize 100", "overlay syncprov"] });
        using TempFolder folder = new();
        await using LdapSource source = new(Settings(slapd, folder), TimeProvider.System, NullLoggerFactory.Instance);
        Task<CommandResult> writing = slapd.Tools.ModifyAsync(changes.ToString());
        int readings = 0;
        do
        {
            ReadResult whole = await source.ReadAsync();
            Assert.True(whole.IsWhole);
            Assert.Equal(People, whole.Entries.Count);
            readings++;
        }
        while (!writing.IsCompleted);
        (await writing).MustSucceed();
        Assert.True(readings > 1);
    }

    private static SourceSettings Settings(SlapdFixture slapd, TempFolder folder) => new()
    {
        Name = "corp",
        Type = SourceType.OpenLdap,
        Urls = [slapd.LdapUrl],
        BaseDn = Staff,
        BindDn = slapd.ReaderDn,
        PasswordFile = folder.Write("password", slapd.ReaderPassword),
        Filter = "(objectClass=inetOrgPerson)",
    };

    /// <summary>As an edge.</summary>
    private sealed class Reader(LdapSource source)
    {
        private SourceCookie? _cookie;

        public Dictionary<EntryId, string> Copy { get; } = [];

        public async Task ReadAsync() => _cookie = (await source.FollowAsync(Copy, _cookie)).Cookie;

        public async Task ReadUntilAsync(Task end)
        {
            while (!end.IsCompleted)
            {
                await ReadAsync();
            }
        }
    }
}

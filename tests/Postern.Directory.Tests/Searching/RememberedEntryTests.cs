using Postern.Ldap;
using Postern.Mail;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

/// <summary>Searches remember entries and keep their snapshot while nothing is written; neither may show.</summary>
public sealed class RememberedEntryTests
{
    private static readonly string Filter = $"({PosternAttributes.AddressHash}={string.Concat(Hash("x").Select(o => $"\\{o:x2}"))})";

    [Fact]
    public async Task A_lookup_sees_what_was_acknowledged_before_it()
    {
        await using TestDirectory directory = await CreateAsync();
        string dn = $"cn=x,{Recipients}";
        for (int round = 0; round < 20; round++)
        {
            Assert.Empty(await directory.SearchAsync(Filter));
            await Ok(directory.System.AddAsync(Recipient("x")));
            Assert.Equal("corp", Assert.Single(await directory.SearchAsync(Filter)).FirstString(PosternAttributes.Source));
            await Ok(directory.System.ModifyAsync(new ModifyRequest(
                dn, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Source, $"source {round}")))));
            Assert.Equal($"source {round}", Assert.Single(await directory.SearchAsync(Filter)).FirstString(PosternAttributes.Source));
            await Ok(directory.System.ModifyDnAsync(new ModifyDnRequest(dn, "cn=y", DeleteOldRdn: true, NewSuperior: null)));
            Assert.Equal($"cn=y,{Recipients}", Assert.Single(await directory.SearchAsync(Filter)).Dn);
            await Ok(directory.System.DeleteAsync(new DelRequest($"cn=y,{Recipients}")));
        }
    }

    [Fact]
    public async Task Entries_that_share_a_place_in_memory_stay_apart()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { CachedEntries = 2 });
        string[] names = [.. Enumerable.Range(0, 20).Select(i => $"r{i}")];
        foreach (string name in names)
        {
            await Ok(directory.System.AddAsync(Recipient(name)));
        }

        foreach (string name in names.Concat(names.Reverse()))
        {
            Assert.Equal($"cn={name},{Recipients}", Assert.Single(await directory.SearchAsync($"(cn={name})")).Dn);
        }
    }

    [Fact]
    public async Task A_snapshot_that_nobody_uses_does_not_hold_the_log()
    {
        // A log of 16 pages is copied and begun anew all the time; with a snapshot held it would grow by each commit.
        await using TestDirectory directory = await CreateAsync(o => o with { CheckpointKiB = 64, MaxLogKiB = 64 });
        for (int i = 0; i < 200; i++)
        {
            await Ok(directory.System.AddAsync(Recipient($"r{i}")));
            if (i == 0)
            {
                Assert.Single(await directory.SearchAsync("(cn=r0)")); // and never again
            }
        }

        Assert.InRange(new FileInfo(directory.Path + "-wal").Length, 0, 2 * 1024 * 1024);
    }
}

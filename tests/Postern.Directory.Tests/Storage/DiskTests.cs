using Postern.Ldap;
using Postern.Testing;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

/// <summary>Disks that are full, read-only or broken: writes are refused with the reason, reads go on, and nobody has to restart anything.</summary>
public sealed class DiskTests
{
    private const string Full = "disk is full";
    private const string ReadOnly = "read-only";

    private static DirectoryEngine Open(string folder, Func<DirectoryOptions, DirectoryOptions>? change = null) =>
        DirectoryEngine.Open((change ?? (o => o))(Options(folder)), PosternSchema.Edge, new OpenPolicy(), TimeProvider.System);

    private static string DataFolder(SmallDisk disk) => System.IO.Directory.CreateDirectory(System.IO.Path.Combine(disk.Path, "data")).FullName;

    private static async Task<int> CountAsync(IDirectory directory)
    {
        int count = 0;
        await foreach (LdapEntry entry in directory.SearchAsync(new SearchRequest(Recipients, SearchScope.SingleLevel, Filter.Anything, ["cn"])))
        {
            count++;
        }

        return count;
    }

    private static async Task RefusedAsync(IDirectory directory, string reason)
    {
        LdapResult refused = await directory.AddAsync(Recipient("refused"));
        Assert.Equal(LdapResultCode.UnwillingToPerform, refused.Code);
        Assert.Contains(reason, refused.DiagnosticMessage, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Log_that_cannot_grow_refuses_writes_until_there_is_room()
    {
        await using SmallDisk disk = await SmallDisk.InMemoryAsync(3 * 1024);
        await using TestDirectory directory = await CreateAsync(folder: DataFolder(disk));
        disk.Fill(leaveBytes: 512 * 1024);
        List<string> written = await FaultTests.FillAsync(directory.System, LdapResultCode.UnwillingToPerform, Full);
        Assert.NotEmpty(written);
        Assert.Equal(written.Count, await CountAsync(directory.System));
        disk.MakeRoom();
        await Ok(directory.System.AddAsync(Recipient("again")));
        Assert.Equal(written.Count + 1, await CountAsync(directory.System));
    }

    [SkippableFact]
    public async Task File_that_cannot_take_in_its_log_refuses_writes_until_there_is_room()
    {
        await using SmallDisk disk = await SmallDisk.InMemoryAsync(8 * 1024);
        await using TestDirectory directory = await CreateAsync(o => o with { CheckpointKiB = 256, MaxLogKiB = 512 }, folder: DataFolder(disk));
        long before = new FileInfo(directory.Path).Length;
        disk.Fill(leaveBytes: 700 * 1024);
        List<string> written = await FaultTests.FillAsync(directory.System, LdapResultCode.UnwillingToPerform, Full);
        Assert.Equal(written.Count, await CountAsync(directory.System));
        disk.MakeRoom();
        await directory.System.BatchAsync([.. Enumerable.Range(0, 2000).Select(i => Recipient($"more{i}"))]);
        Assert.Equal(written.Count + 2000, await CountAsync(directory.System));

        // One batch was more than the log may hold, so the file has taken it in.
        Assert.True(new FileInfo(directory.Path).Length > before + (512 * 1024));
    }

    [SkippableFact]
    public async Task Directory_that_was_closed_on_a_full_disk_has_everything_when_it_opens_again()
    {
        await using SmallDisk disk = await SmallDisk.InMemoryAsync(3 * 1024);
        string folder = DataFolder(disk);
        int written;
        await using (DirectoryEngine engine = Open(folder))
        {
            IDirectory directory = engine.As(Principal.System);
            await AddStructureAsync(directory);
            disk.Fill(leaveBytes: 512 * 1024);
            written = (await FaultTests.FillAsync(directory, LdapResultCode.UnwillingToPerform, Full)).Count;
            disk.Fill(leaveBytes: 0);
        }

        try
        {
            await using DirectoryEngine full = Open(folder);
            Assert.Equal(written, await CountAsync(full.As(Principal.System)));
        }
        catch (DirectoryStoreException e)
        {
            Assert.Equal(StoreFault.Full, e.Fault);
        }

        disk.MakeRoom();
        await using DirectoryEngine again = Open(folder);
        Assert.Equal(written, await CountAsync(again.As(Principal.System)));
        await Ok(again.As(Principal.System).AddAsync(Recipient("again")));
        Assert.Empty(await again.CheckAsync());
    }

    [SkippableFact]
    public async Task Files_that_became_read_only_refuse_writes_until_they_can_be_written()
    {
        await using SmallDisk disk = await SmallDisk.Ext4Async(16 * 1024);
        await using TestDirectory directory = await CreateAsync(folder: DataFolder(disk));
        await Ok(directory.System.AddAsync(Recipient("before")));
        string[] files = [directory.Path, directory.Path + "-wal"];
        try
        {
            foreach (string file in files)
            {
                await SmallDisk.SetWritableAsync(file, writable: false);
            }

            // The second time the connection is a new one.
            await RefusedAsync(directory.System, ReadOnly);
            await RefusedAsync(directory.System, ReadOnly);
            Assert.Equal(1, await CountAsync(directory.System));
        }
        finally
        {
            foreach (string file in files)
            {
                await SmallDisk.SetWritableAsync(file, writable: true);
            }
        }

        await Ok(directory.System.AddAsync(Recipient("after")));
        Assert.Equal(2, await CountAsync(directory.System));
    }

    [SkippableFact]
    public async Task Disk_that_the_kernel_made_read_only_refuses_writes_and_is_read_on()
    {
        await using SmallDisk disk = await SmallDisk.Ext4Async(16 * 1024);
        string folder = DataFolder(disk);
        await using (DirectoryEngine engine = Open(folder))
        {
            IDirectory directory = engine.As(Principal.System);
            await AddStructureAsync(directory);
            await Ok(directory.AddAsync(Recipient("before")));
            await disk.BreakAsync();
            await RefusedAsync(directory, ReadOnly);
            await RefusedAsync(directory, ReadOnly);
            Assert.Equal(1, await CountAsync(directory));
        }

        DirectoryStoreException refused = Assert.Throws<DirectoryStoreException>(() => Open(folder));
        Assert.Equal(StoreFault.ReadOnly, refused.Fault);
        Assert.Contains("Read-only", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task File_that_is_gone_or_another_takes_no_writes_and_is_used_again_when_it_is_back(bool replaced)
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("before")));
        Assert.Equal(1, await CountAsync(directory.System));
        string aside = directory.Path + ".aside";
        File.Move(directory.Path, aside);
        if (replaced)
        {
            File.Copy(aside, directory.Path);
        }

        LdapResult refused = await directory.System.AddAsync(Recipient("refused"));
        Assert.Equal(LdapResultCode.Unavailable, refused.Code);
        Assert.Contains("removed or replaced", refused.DiagnosticMessage, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync(directory.System));

        File.Move(aside, directory.Path, overwrite: true);
        await Ok(directory.System.AddAsync(Recipient("after")));
        Assert.Equal(2, await CountAsync(directory.System));
    }

    [Fact]
    public async Task New_reader_does_not_open_a_file_that_stands_in_the_place_of_the_first()
    {
        await using TestDirectory directory = await CreateAsync();
        string aside = directory.Path + ".aside";
        File.Move(directory.Path, aside);
        File.Copy(aside, directory.Path);
        await Assert.ThrowsAsync<DirectoryStoreException>(() => directory.Engine.CheckAsync());
        File.Move(aside, directory.Path, overwrite: true);
    }
}

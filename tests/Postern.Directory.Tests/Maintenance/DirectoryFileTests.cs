using Postern.Directory.Storage;
using Postern.Ldap;
using Postern.Testing;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class DirectoryFileTests
{
    private static DirectoryEngine Open(string path) => DirectoryEngine.Open(
        Options(System.IO.Path.GetDirectoryName(path)!) with { Path = path }, PosternSchema.Edge, new OpenPolicy(), TimeProvider.System);

    private static Task<RestoredDirectory> RestoreAsync(string backup, string path) =>
        DirectoryRestore.RunAsync(backup, path, Open, TimeProvider.System, null, CancellationToken.None);

    private static async Task<List<string>> NamesAsync(DirectoryEngine engine)
    {
        List<string> names = [];
        await foreach (LdapEntry entry in engine.As(Principal.System).SearchAsync(new SearchRequest(Recipients, SearchScope.SingleLevel, Filter.Anything, ["cn"])))
        {
            names.Add(entry.FirstString("cn")!);
        }

        return names;
    }

    private static string Copy(string path, TempFolder folder, string name = "backup")
    {
        File.Create(folder[name]).Dispose();
        using DirectoryFile file = DirectoryFile.Open(path);
        file.CopyTo(folder[name], null, CancellationToken.None);
        return folder[name];
    }

    [Fact]
    public async Task Copies_taken_while_batches_are_written_hold_whole_batches_only()
    {
        const int perBatch = 5;
        using TempFolder folder = new();
        await using TestDirectory directory = await CreateAsync(o => o with { CheckpointKiB = 256, MaxLogKiB = 1024, MaxFreshKeys = 200 });
        using CancellationTokenSource stop = new();
        Task writing = Task.Run(async () =>
        {
            for (int batch = 0; !stop.IsCancellationRequested; batch++)
            {
                BatchResult result = await directory.System.BatchAsync([.. Enumerable.Range(0, perBatch).Select(i => Recipient($"b{batch}-{i}"))]);
                result.Result.ThrowIfFailed("batch");
            }
        });
        for (int i = 0; i < 10; i++)
        {
            string copy = Copy(directory.Path, folder, $"backup{i}");
            await using DirectoryEngine engine = Open(copy);
            Assert.Empty(await engine.CheckAsync());
            Assert.All((await NamesAsync(engine)).GroupBy(name => name[..name.IndexOf('-', StringComparison.Ordinal)]), batch => Assert.Equal(perBatch, batch.Count()));
        }

        await stop.CancelAsync();
        await writing;
    }

    [Fact]
    public async Task Check_beside_the_engine_sees_what_the_engine_sees()
    {
        await using TestDirectory directory = await CreateAsync();
        await directory.System.BatchAsync([.. Enumerable.Range(0, 50).Select(i => Recipient($"r{i}"))]);
        using DirectoryFile file = DirectoryFile.Open(directory.Path);
        DirectoryCheck check = file.Check(PosternSchema.Edge, null, CancellationToken.None);
        Assert.Empty(check.Faults);
        Assert.Equal(56, check.Entries);
    }

    [Fact]
    public async Task Entries_come_after_their_parents_also_when_these_are_younger()
    {
        await using TestDirectory directory = await CreateAsync();
        string young = $"ou=young,{Postern.Mail.EdgeLayout.Suffix}";
        await Ok(directory.System.AddAsync(Recipient("old")));
        await Ok(directory.System.AddAsync(new AddRequest(young, new LdapAttribute("objectClass", "organizationalUnit"))));
        await Ok(directory.System.ModifyDnAsync(new ModifyDnRequest($"cn=old,{Recipients}", "cn=old", DeleteOldRdn: false, young)));
        using DirectoryFile file = DirectoryFile.Open(directory.Path);
        List<string> names = [.. file.ReadEntries(false, false, null, CancellationToken.None).Select(entry => entry.Dn)];
        Assert.Equal(8, names.Count);
        for (int i = 1; i < names.Count; i++)
        {
            Assert.Contains(DistinguishedName.Parse(names[i]).Parent.ToString(), names[..i]);
        }
    }

    [Fact]
    public async Task Secrets_are_read_only_on_demand()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(new AddRequest(
            $"cn=a,{Postern.Mail.EdgeLayout.Accounts}", new LdapAttribute("objectClass", "posternAccount"), new LdapAttribute("userPassword", "secret"),
            new LdapAttribute("posternRole", "lookup"))));
        using DirectoryFile file = DirectoryFile.Open(directory.Path);
        LdapEntry Account(bool secrets) => file.ReadEntries(true, secrets, null, CancellationToken.None).Single(e => e.Dn.StartsWith("cn=a,", StringComparison.Ordinal));
        Assert.Null(Account(false).Find("userPassword"));
        Assert.NotNull(Account(false).Find("entryUUID"));
        Assert.StartsWith("{", Account(true).FirstString("userPassword"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_keeps_what_was_there_with_the_writes_that_only_its_log_has()
    {
        using TempFolder folder = new();
        string path = folder.CreateFolder("data") + "/directory.db";
        string backup;
        await using (DirectoryEngine engine = Open(path))
        {
            await AddStructureAsync(engine.As(Principal.System));
            await Ok(engine.As(Principal.System).AddAsync(Recipient("before")));
            backup = Copy(path, folder);
            await Ok(engine.As(Principal.System).AddAsync(Recipient("after")));
            DirectoryStoreException running = await Assert.ThrowsAsync<DirectoryStoreException>(() => RestoreAsync(backup, path));
            Assert.Equal(StoreFault.Locked, running.Fault);

            // As a killed process leaves it.
            File.Copy(path, folder["killed.db"]);
            File.Copy(path + "-wal", folder["killed.db-wal"]);
        }

        File.Delete(path);
        File.Move(folder["killed.db"], path);
        File.Move(folder["killed.db-wal"], path + "-wal");
        RestoredDirectory restored = await RestoreAsync(backup, path);
        await using (DirectoryEngine engine = Open(path))
        {
            Assert.Equal(["before"], await NamesAsync(engine));
            Assert.Empty(await engine.CheckAsync());
        }

        await using DirectoryEngine kept = Open(restored.KeptAs!);
        Assert.Equal(["after", "before"], (await NamesAsync(kept)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Restored_directory_is_another_instance()
    {
        using TempFolder folder = new();
        await using TestDirectory directory = await CreateAsync();
        string backup = Copy(directory.Path, folder);
        await RestoreAsync(backup, folder["directory.db"]);
        Assert.NotEqual(Instance(directory.Path), Instance(folder["directory.db"]));

        static byte[] Instance(string path)
        {
            using Database database = Database.Open(path, readOnly: false);
            return StoreInstance.Read(database);
        }
    }

    [Fact]
    public async Task Older_backup_is_brought_up_to_date_and_an_older_file_is_not_read_as_it_is()
    {
        using TempFolder folder = new();
        VersionOneFixture.Write(folder["old"], recipients: 30);
        using (DirectoryFile old = DirectoryFile.Open(folder["old"]))
        {
            Assert.Equal(StoreFault.OlderVersion, Assert.Throws<DirectoryStoreException>(() => old.Check(PosternSchema.Edge, null, CancellationToken.None)).Fault);
        }

        await RestoreAsync(folder["old"], folder["directory.db"]);
        await using DirectoryEngine engine = Open(folder["directory.db"]);
        Assert.Equal(30, (await NamesAsync(engine)).Count);
    }

    [Fact]
    public void Copy_that_is_given_up_says_so()
    {
        using TempFolder folder = new();
        VersionOneFixture.Write(folder["old"], recipients: 30);
        File.Create(folder["copy"]).Dispose();
        using DirectoryFile old = DirectoryFile.Open(folder["old"]);
        Assert.Throws<OperationCanceledException>(() => old.CopyTo(folder["copy"], null, new CancellationToken(canceled: true)));
    }

    [SkippableFact]
    public async Task Copy_to_a_full_disk_names_the_disk()
    {
        await using SmallDisk disk = await SmallDisk.InMemoryAsync(1024);
        await using TestDirectory directory = await CreateAsync();
        await directory.System.BatchAsync([.. Enumerable.Range(0, 3000).Select(i => Recipient($"r{i}"))]);
        string target = System.IO.Path.Combine(disk.Path, "backup");
        File.Create(target).Dispose();
        disk.Fill(leaveBytes: 64 * 1024);
        using DirectoryFile file = DirectoryFile.Open(directory.Path);
        DirectoryStoreException full = Assert.Throws<DirectoryStoreException>(() => file.CopyTo(target, null, CancellationToken.None));
        Assert.Equal(StoreFault.Full, full.Fault);
        Assert.Contains(target, full.Message, StringComparison.Ordinal);
    }
}

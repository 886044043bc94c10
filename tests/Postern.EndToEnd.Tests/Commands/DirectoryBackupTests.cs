using System.Text.Json;
using Microsoft.Data.Sqlite;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Commands;

/// <summary><c>postern directory backup|restore|check</c>, on running and stopped daemons.</summary>
public sealed class DirectoryBackupTests
{
    private const int Recipients = 3000;

    private static string Error(JsonElement document) => document.GetProperty("error").GetProperty("code").GetString()!;

    private static async Task AssertConsistentAsync(string folder, int entries)
    {
        JsonElement check = await PosternProgram.JsonAsync(0, "directory", "check", "--data", folder);
        Assert.True(check.GetProperty("consistent").GetBoolean());
        Assert.Empty(check.GetProperty("faults").EnumerateArray());
        Assert.True(check.GetProperty("entries").GetInt32() >= entries, check.ToString());
    }

    [Fact]
    public async Task Backups_of_a_directory_that_is_being_written_are_whole()
    {
        using TempFolder folder = new();
        await using Installation one = await Installation.StartAsync(Recipients);
        await one.NewSubscriptionAsync();
        Task<JsonElement> import = PosternProgram.JsonAsync(0, one.ImportArguments());
        List<string> backups = [];
        do
        {
            string file = folder[$"backup{backups.Count}"];
            JsonElement done = await PosternProgram.JsonAsync(0, "directory", "backup", file, "--data", one.EdgeFolder);
            Assert.Equal(new FileInfo(file).Length, done.GetProperty("bytes").GetInt64());
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            backups.Add(file);
            await AssertConsistentAsync(one.EdgeFolder, 0);
        }
        while (!import.IsCompleted);
        await import;
        await AssertConsistentAsync(one.EdgeFolder, Recipients);

        for (int i = 0; i < backups.Count; i++)
        {
            string restored = folder[$"edge{i}"];
            await PosternProgram.JsonAsync(0, "directory", "restore", backups[i], "--data", restored);
            await AssertConsistentAsync(restored, 6);
        }

        // Nothing but the backups is left behind.
        Assert.Equal(backups.Count, System.IO.Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public async Task Restored_edge_runs_and_the_next_cycle_finds_nothing_missing()
    {
        await using Installation one = await Installation.StartAsync(200);
        await one.SubscribeAsync();
        string backup = one["backup"];
        await PosternProgram.MustAsync("directory", "backup", backup, "--data", one.EdgeFolder);

        JsonElement taken = await PosternProgram.JsonAsync(1, "directory", "backup", backup, "--data", one.EdgeFolder);
        Assert.Equal("privateFile", Error(taken));
        JsonElement running = await PosternProgram.JsonAsync(1, "directory", "restore", backup, "--data", one.EdgeFolder);
        Assert.Equal("alreadyRunning", Error(running));

        Assert.Equal(0, await one.Edge.StopAsync());
        JsonElement restored = await PosternProgram.JsonAsync(0, "directory", "restore", backup, "--data", one.EdgeFolder);
        Assert.True(File.Exists(restored.GetProperty("keptAs").GetString()));
        Assert.NotEmpty(restored.GetProperty("next").EnumerateArray());
        await one.RestartEdgeAsync();
        await one.AssertEdgeEqualsSourceAsync(200);
    }

    [Fact]
    public async Task Backup_that_cannot_be_used_changes_nothing()
    {
        await using Installation one = await Installation.StartAsync(20);
        string backup = one["backup"];
        string hubBackup = one["hub-backup"];
        await PosternProgram.MustAsync("directory", "backup", backup, "--data", one.EdgeFolder);
        await PosternProgram.MustAsync("directory", "backup", hubBackup, "--data", one.HubFolder);
        await one.Edge.StopAsync();
        byte[] before = File.ReadAllBytes(Path.Combine(one.EdgeFolder, "private", "directory.db"));

        byte[] bytes = File.ReadAllBytes(backup);
        File.WriteAllBytes(one["cut"], bytes[..(bytes.Length / 2)]);
        Execute(backup, "DELETE FROM tree WHERE entry = (SELECT max(entry) FROM tree)");
        Assert.Equal("storeDamaged", Error(await PosternProgram.JsonAsync(1, "directory", "restore", one["cut"], "--data", one.EdgeFolder)));
        Assert.Equal("storeDamaged", Error(await PosternProgram.JsonAsync(1, "directory", "restore", backup, "--data", one.EdgeFolder)));
        Assert.Equal("storeDamaged", Error(await PosternProgram.JsonAsync(1, "directory", "restore", one.LdifFile, "--data", one.EdgeFolder)));
        Assert.Equal("wrongSide", Error(await PosternProgram.JsonAsync(2, "directory", "restore", hubBackup, "--data", one.EdgeFolder)));
        Assert.Equal("fileNotFound", Error(await PosternProgram.JsonAsync(1, "directory", "restore", one["none"], "--data", one.EdgeFolder)));

        Assert.Equal(before, File.ReadAllBytes(Path.Combine(one.EdgeFolder, "private", "directory.db")));
        Assert.DoesNotContain(System.IO.Directory.GetFiles(Path.Combine(one.EdgeFolder, "private")), file => file.Contains("restor", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Hub_is_backed_up_and_restored_too()
    {
        using TempFolder folder = new();
        await using Installation one = await Installation.StartAsync(20);
        await PosternProgram.MustAsync("directory", "backup", folder["backup"], "--data", one.HubFolder);
        await AssertConsistentAsync(one.HubFolder, 4);
        JsonElement restored = await PosternProgram.JsonAsync(0, "directory", "restore", folder["backup"], "--data", folder["hub"]);
        Assert.Equal("hub", restored.GetProperty("side").GetString());
        await AssertConsistentAsync(folder["hub"], 4);
    }

    [Fact]
    public async Task Check_lists_faults_and_says_how_to_mend_them()
    {
        await using Installation one = await Installation.StartAsync(20);
        await one.Edge.StopAsync();
        Execute(Path.Combine(one.EdgeFolder, "private", "directory.db"), "DELETE FROM tree WHERE entry = (SELECT max(entry) FROM tree)");

        JsonElement check = await PosternProgram.JsonAsync(1, "directory", "check", "--data", one.EdgeFolder);
        Assert.False(check.GetProperty("consistent").GetBoolean());
        Assert.Contains(check.GetProperty("faults").EnumerateArray(), fault => fault.GetString()!.Contains("missing in the tree", StringComparison.Ordinal));
        Assert.Contains("export", check.GetProperty("hint").GetString(), StringComparison.Ordinal);
        Assert.Equal("noDirectory", Error(await PosternProgram.JsonAsync(1, "directory", "check", "--data", one["nobody"])));
    }

    private static void Execute(string file, string sql)
    {
        using SqliteConnection connection = new($"Data Source={file};Pooling=False");
        connection.Open();
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own words.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}

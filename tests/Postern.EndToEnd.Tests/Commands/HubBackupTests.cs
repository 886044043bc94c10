using System.Text;
using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Commands;

/// <summary><c>postern backup|restore</c>: a hub is lost, and goes on without a visit to its edges.</summary>
public sealed class HubBackupTests
{
    private const int Recipients = 100;

    private const string Passphrase = "seven words that nobody would guess";

    [SkippableFact]
    public async Task Lost_hub_goes_on_from_its_backup_without_a_visit_to_the_edge()
    {
        Peers.Require("openssl");
        await using Installation one = await Installation.StartAsync(Recipients);
        await one.SubscribeAsync();
        string phrase = Write(one, "passphrase", Passphrase + "\n");
        string backup = one["hub.backup"];

        // Beside the running hub.
        JsonElement done = await PosternProgram.JsonAsync(0, "backup", backup, "--passphrase-file", phrase, "--data", one.HubFolder);
        Assert.Equal(new FileInfo(backup).Length, done.GetProperty("bytes").GetInt64());
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(backup));
        Assert.True(done.GetProperty("entries").GetInt64() > 10);
        Assert.Equal("dataFolder", Error(await PosternProgram.JsonAsync(1, "restore", backup, "--passphrase-file", phrase, "--data", one.HubFolder)));

        await one.Hub.KillAsync();
        string[] keys = [.. KeysOf(one.HubFolder)];
        System.IO.Directory.Delete(one.HubFolder, recursive: true);
        await AssertOpensWithoutPosternAsync(one, backup);

        JsonElement restored = await PosternProgram.JsonAsync(0, "restore", backup, "--passphrase-file", phrase, "--data", one.HubFolder);
        Assert.NotEmpty(restored.GetProperty("next").EnumerateArray());
        Assert.Equal(keys, KeysOf(one.HubFolder));
        Assert.All(
            System.IO.Directory.EnumerateFiles(one.HubFolder, "*.key.pem", SearchOption.AllDirectories),
            file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        Assert.Empty(System.IO.Directory.EnumerateFileSystemEntries(one.HubFolder, "*.restoring"));
        Assert.Empty(System.IO.Directory.EnumerateFileSystemEntries(one.HubFolder, "*.ldif"));
        await one.RestartHubAsync();
        await one.AssertEdgeEqualsSourceAsync(Recipients);
    }

    [Fact]
    public async Task Backup_from_before_the_accounts_changed_heals_over_the_certificates()
    {
        await using Installation one = await Installation.StartAsync(Recipients, scheduled: true);
        await one.SubscribeAsync();
        string phrase = Write(one, "passphrase", Passphrase);
        await PosternProgram.MustAsync("backup", one["hub.backup"], "--passphrase-file", phrase, "--data", one.HubFolder);

        // Subscribed again in place: the edge forgets the accounts that are in the backup. Its certificate and the hub's stay.
        await one.NewSubscriptionAsync("--force");
        await PosternProgram.MustAsync(one.ImportArguments());
        await UntilTrustedAsync(one);
        await one.Hub.KillAsync();
        System.IO.Directory.Delete(one.HubFolder, recursive: true);

        await PosternProgram.MustAsync("restore", one["hub.backup"], "--passphrase-file", phrase, "--data", one.HubFolder);
        await one.RestartHubAsync();
        await one.AssertEdgeEqualsSourceAsync(Recipients);
    }

    [Fact]
    public async Task What_cannot_be_backed_up_or_restored_says_why_and_leaves_nothing()
    {
        await using Installation one = await Installation.StartAsync(4);
        string phrase = Write(one, "passphrase", Passphrase);
        string other = Write(one, "other", "some other words of a passphrase");
        string backup = one["hub.backup"];
        string nowhere = one["nowhere"];

        Assert.Equal("passphrase", Error(await PosternProgram.JsonAsync(2, "backup", backup, "--passphrase-file", Write(one, "short", "elevenchars"), "--data", one.HubFolder)));
        Assert.Equal("wrongSide", Error(await PosternProgram.JsonAsync(2, "backup", backup, "--passphrase-file", phrase, "--data", one.EdgeFolder)));
        Assert.Equal("noDirectory", Error(await PosternProgram.JsonAsync(1, "backup", backup, "--passphrase-file", phrase, "--data", nowhere)));
        Assert.False(File.Exists(backup));

        await PosternProgram.MustAsync("backup", backup, "--passphrase-file", phrase, "--data", one.HubFolder);
        Assert.Equal("privateFile", Error(await PosternProgram.JsonAsync(1, "backup", backup, "--passphrase-file", phrase, "--data", one.HubFolder)));
        byte[] whole = await File.ReadAllBytesAsync(backup);
        Assert.Equal(-1, whole.AsSpan().IndexOf("PRIVATE KEY"u8));
        Assert.Equal(-1, whole.AsSpan().IndexOf(Encoding.ASCII.GetBytes("cn=")));
        await File.WriteAllBytesAsync(one["cut"], whole[..^100]);
        whole[^1000] ^= 1;
        await File.WriteAllBytesAsync(one["changed"], whole);

        Assert.Equal("passphrase", Error(await PosternProgram.JsonAsync(1, "restore", backup, "--passphrase-file", other, "--data", nowhere)));
        Assert.Equal("backupFile", Error(await PosternProgram.JsonAsync(1, "restore", one["cut"], "--passphrase-file", phrase, "--data", nowhere)));
        Assert.Equal("backupFile", Error(await PosternProgram.JsonAsync(1, "restore", one["changed"], "--passphrase-file", phrase, "--data", nowhere)));
        Assert.Equal("fileNotFound", Error(await PosternProgram.JsonAsync(1, "restore", one["none"], "--passphrase-file", phrase, "--data", nowhere)));
        Assert.Equal("dataFolder", Error(await PosternProgram.JsonAsync(1, "restore", backup, "--passphrase-file", phrase, "--data", one.EdgeFolder)));
        Assert.False(System.IO.Directory.Exists(nowhere));
    }

    /// <summary>The hub told the edge its certificate, at its look at hubs and edges.</summary>
    private static Task UntilTrustedAsync(Installation one) => Eventually.TrueAsync(
        async () => (await PosternProgram.MustAsync("directory", "export", "--data", one.EdgeFolder)).Contains("posternHubTrust", StringComparison.Ordinal), () => null);

    /// <summary>As docs/backup.md has it.</summary>
    private static async Task AssertOpensWithoutPosternAsync(Installation one, string backup)
    {
        CommandResult opened = await ChildProcess.RunAsync("openssl", ["cms", "-decrypt", "-binary", "-inform", "DER", "-in", backup, "-out", one["hub.tar"], "-pwri_password", Passphrase]);
        Assert.True(opened.ExitCode == 0, opened.Error);
        CommandResult listed = await ChildProcess.RunAsync("tar", ["-tf", one["hub.tar"]]);
        Assert.Contains("keys/transport-service-cert.key.pem", listed.Output, StringComparison.Ordinal);
        Assert.Contains("organization.ldif", listed.Output, StringComparison.Ordinal);
        File.Delete(one["hub.tar"]);
    }

    private static IEnumerable<string> KeysOf(string hub) => System.IO.Directory.EnumerateFiles(Path.Combine(hub, "keys"))
        .Select(file => $"{Path.GetFileName(file)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}").Order(StringComparer.Ordinal);

    private static string Write(Installation one, string name, string text)
    {
        File.WriteAllText(one[name], text);
        return one[name];
    }

    private static string Error(JsonElement document) => document.GetProperty("error").GetProperty("code").GetString()!;
}

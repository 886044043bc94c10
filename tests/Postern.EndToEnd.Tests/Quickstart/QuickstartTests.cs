using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Quickstart;

public sealed class QuickstartTests
{
    [Fact]
    public async Task Once_shows_two_cycles_and_two_lookups_and_leaves_nothing_behind()
    {
        using TempFolder temporary = new();

        CommandResult result = await PosternProgram.RunInAsync(temporary.Path, "quickstart", "--once", "--recipients", "100");

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("First synchronization", result.Output, StringComparison.Ordinal);
        Assert.Contains("Second synchronization", result.Output, StringComparison.Ordinal);
        Assert.Contains("Lookup: known", result.Output, StringComparison.Ordinal);
        Assert.Contains("Lookup: unknown", result.Output, StringComparison.Ordinal);
        Assert.Empty(result.Error);
        Assert.Empty(Leftovers(temporary));
    }

    [Fact]
    public async Task Json_is_one_document_whose_second_cycle_sent_just_the_changes()
    {
        using TempFolder temporary = new();

        CommandResult result = await PosternProgram.RunInAsync(temporary.Path, "quickstart", "--once", "--recipients", "100", "--output", "json");

        Assert.True(result.ExitCode == 0, result.ToString());
        using JsonDocument document = JsonDocument.Parse(result.Output);
        JsonElement[] cycles = [.. document.RootElement.GetProperty("cycles").EnumerateArray().Select(cycle => Installation.Recipients(cycle.GetProperty("results")))];
        Assert.Equal(100, cycles[0].GetProperty("added").GetInt32());
        Assert.Equal(3, cycles[1].GetProperty("added").GetInt32());
        Assert.Equal(2, cycles[1].GetProperty("updated").GetInt32());
        Assert.Equal(1, cycles[1].GetProperty("deleted").GetInt32());
        Assert.Equal(
            ["known", "unknown"], document.RootElement.GetProperty("lookups").EnumerateArray().Select(lookup => lookup.GetProperty("verdict").GetString()!));
        Assert.Empty(Leftovers(temporary));
    }

    [Fact]
    public async Task Ones_own_ldif_is_copied_and_its_folder_can_be_used_twice()
    {
        using TempFolder folder = new();
        const string text = "dn: cn=anna,dc=corp,dc=test\ncn: anna\nmail: anna@corp.test\n\ndn: cn=ben,dc=corp,dc=test\ncn: ben\nmail: ben@corp.test\n";
        string ldif = folder.Write("own.ldif", text);

        JsonElement first = await PosternProgram.JsonAsync(0, "quickstart", "--once", "--ldif", ldif, "--data", folder["data"]);
        JsonElement again = await PosternProgram.JsonAsync(0, "quickstart", "--once", "--ldif", ldif, "--data", folder["data"]);

        Assert.Equal("corp.test", Assert.Single(first.GetProperty("domains").EnumerateArray()).GetString());
        Assert.Equal(2, Installation.Recipients(first.GetProperty("cycles")[0].GetProperty("results")).GetProperty("added").GetInt32());
        Assert.Equal("anna@corp.test", again.GetProperty("lookups")[0].GetProperty("address").GetString());
        Assert.Equal(text, await File.ReadAllTextAsync(ldif));
        Assert.True(File.Exists(folder["data", "hub.json"]));
    }

    [Fact]
    public async Task Ctrl_c_ends_it_in_order()
    {
        using TempFolder temporary = new();
        await using ChildProcess quickstart = PosternProgram.StartIn(temporary.Path, "quickstart", "--recipients", "20");
        await Eventually.TrueAsync(
            () => quickstart.Output.Contains("Ctrl-C ends it", StringComparison.Ordinal),
            () => quickstart.HasExited ? $"it ended: {quickstart.Output}{quickstart.Error}" : null);
        string folder = Assert.Single(Leftovers(temporary));

        await PosternProgram.MustAsync("subscription", "list", "--data", Path.Combine(folder, "hub"));
        await quickstart.TerminateAsync();

        Assert.Equal(0, quickstart.ExitCode);
        Assert.Empty(Leftovers(temporary));
    }

    [SkippableFact]
    public async Task Ones_own_directory_is_only_read()
    {
        Peers.Require("slapd");
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Recipients = 200 });
        using TempFolder folder = new();
        string secret = folder.Write("secret", slapd.ReaderPassword);
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        JsonElement document = await PosternProgram.JsonAsync(
            0, "quickstart", "--once", "--source", slapd.LdapUrl, "--base-dn", slapd.BaseDn, "--bind-dn", slapd.ReaderDn, "--password-file", secret);

        Assert.Equal(200, Installation.Recipients(document.GetProperty("cycles")[0].GetProperty("results")).GetProperty("added").GetInt32());
        JsonElement second = Installation.Recipients(document.GetProperty("cycles")[1].GetProperty("results"));
        Assert.Equal((0, 0, 0), (second.GetProperty("added").GetInt32(), second.GetProperty("updated").GetInt32(), second.GetProperty("deleted").GetInt32()));
    }

    /// <summary>Folders of ours; the runtime keeps files of its own for diagnostics while it runs.</summary>
    private static string[] Leftovers(TempFolder temporary) => System.IO.Directory.GetDirectories(temporary.Path, "postern-*");
}

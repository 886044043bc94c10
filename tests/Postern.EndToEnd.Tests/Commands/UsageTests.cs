using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Commands;

public sealed class UsageTests
{
    [Theory]
    [InlineData("")]
    [InlineData("bogus")]
    [InlineData("subscription")]
    [InlineData("domain list")]
    [InlineData("domain list --data")]
    [InlineData("domain list --data /tmp --output yaml")]
    [InlineData("domain add example.com --data /tmp")]
    [InlineData("domain add example.com --type sometimes --data /tmp")]
    [InlineData("domain add --type authoritative --data /tmp")]
    [InlineData("domain list --data /tmp unexpected")]
    [InlineData("subscription new --data /tmp")]
    [InlineData("subscription new --file x --hours 0 --data /tmp")]
    [InlineData("subscription import edge.xml --data /tmp")]
    [InlineData("subscription import --site Default --data /tmp")]
    [InlineData("subscription import edge.xml --site S --address foo --data /tmp")]
    [InlineData("subscription import edge.xml --site S --address edge1:0 --data /tmp")]
    [InlineData("subscription import edge.xml --site S --address ::1:50636 --data /tmp")]
    [InlineData("subscription show --data /tmp")]
    [InlineData("sync start --data /tmp --fast")]
    [InlineData("sync start --data /tmp --changes")]
    [InlineData("recipient lookup --data /tmp")]
    [InlineData("edge run --data /tmp/x")]
    [InlineData("edge run --data /tmp/x --fqdn not_a_name")]
    [InlineData("edge run --data /tmp/x --fqdn edge1.example.net --ldaps 50636")]
    [InlineData("edge run --data /tmp/x --fqdn edge1.example.net --ldap 127.0.0.1:99999")]
    [InlineData("edge run --data /tmp/x --fqdn edge1.example.net --socketmap nowhere")]
    [InlineData("edge run --data /tmp/x --fqdn edge1.example.net --key-algorithm dsa")]
    [InlineData("hub run --data /tmp/x --fqdn hub1.example.com")]
    [InlineData("quickstart --recipients many")]
    [InlineData("quickstart --recipients 9")]
    [InlineData("quickstart --source ldap://127.0.0.1")]
    [InlineData("quickstart --ldif a --source ldap://127.0.0.1 --base-dn dc=a")]
    [InlineData("quickstart --password-file a")]
    [InlineData("quickstart --source")]
    public async Task Wrong_usage_is_exit_code_2_with_a_hint(string line)
    {
        CommandResult result = await PosternProgram.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Empty(result.Output);
        Assert.Contains("hint:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Empty_site_is_wrong_usage()
    {
        CommandResult result = await PosternProgram.RunAsync(["subscription", "import", "edge.xml", "--site", "", "--data", "/tmp"]);

        Assert.True(result.ExitCode == 2, result.ToString());
        Assert.Contains("--site", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_usage_in_json_is_one_document_on_stdout()
    {
        JsonElement document = await PosternProgram.JsonAsync(2, "domain", "list");

        Assert.Equal("wrongUsage", document.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("--data", document.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(document.GetProperty("error").GetProperty("hint").GetString()!);
    }

    [Fact]
    public async Task Help_is_exit_code_0()
    {
        CommandResult result = await PosternProgram.RunAsync("sync", "start", "--help");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("--approve-deletes", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_daemon_is_exit_code_3()
    {
        using TempFolder folder = new();

        JsonElement missing = await PosternProgram.JsonAsync(3, "domain", "list", "--data", folder["nothing"]);
        JsonElement silent = await PosternProgram.JsonAsync(3, "status", "--data", folder.Path);

        Assert.Equal("noDaemon", missing.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains(folder["control.sock"], silent.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_too_deep_for_a_socket_is_wrong_usage()
    {
        using TempFolder folder = new();
        string deep = folder.CreateFolder(new string('d', 100));

        CommandResult result = await PosternProgram.RunAsync("status", "--data", deep);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("107", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Faults_of_hub_json_are_listed_all_at_once_with_line_and_key()
    {
        using TempFolder folder = new();
        string config = folder.Write("hub.json", """
            { "site": "",
              "surces": [],
              "sources": [ { "name": "a", "type": "ldif", "path": "missing.ldif" } ] }
            """);

        CommandResult result = await PosternProgram.RunAsync("hub", "run", "--data", folder["hub"], "--fqdn", "hub1.example.com", "--config", config);

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("line 1, site", result.Error, StringComparison.Ordinal);
        Assert.Contains("line 2, surces", result.Error, StringComparison.Ordinal);
        Assert.Contains("line 3, sources[0].path", result.Error, StringComparison.Ordinal);
    }
}

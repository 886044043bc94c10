using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Commands;

/// <summary>The mail configuration from the command line: on a hub, on an edge of its own, and on one that a hub manages.</summary>
public sealed class ConfigurationTests
{
    [Fact]
    public async Task A_subscription_takes_an_edge_from_its_own_configuration_to_the_hubs_and_back()
    {
        await using Installation one = await Installation.StartAsync(20);
        string[] edge = ["--data", one.EdgeFolder];
        string[] hub = ["--data", one.HubFolder];
        await PosternProgram.MustAsync(["connector", "send", "add", "out", "--address-space", "*", "--smart-host", "relay.example.net", "--require-tls", .. edge]);
        await PosternProgram.MustAsync(["domain", "add", "local.example", "--type", "internalRelay", .. edge]);
        JsonElement own = await PosternProgram.JsonAsync(0, ["connector", "send", "list", .. edge]);
        JsonElement preview = await PosternProgram.JsonAsync(0, ["subscription", "new", "--dry-run", .. edge]);
        JsonElement untouched = await PosternProgram.JsonAsync(0, ["subscription", "list", .. edge]);
        JsonElement made = await PosternProgram.JsonAsync(0, ["subscription", "new", "--file", one.SubscriptionFile, .. edge]);
        JsonElement exported = await PosternProgram.JsonAsync(1, ["domain", "add", "late.example", "--type", "internalRelay", .. edge]);
        JsonElement kept = await PosternProgram.JsonAsync(0, ["connector", "send", "list", .. edge]);

        Assert.Equal("local", Assert.Single(own.EnumerateArray()).GetProperty("origin").GetString());
        Assert.Equal(["accepted domain local.example", "send connector out"], Objects(preview));
        Assert.Empty(untouched.EnumerateArray());
        Assert.Equal(Objects(preview), Objects(made));
        Assert.Contains("posternSmartHost: relay.example.net", await File.ReadAllTextAsync(made.GetProperty("backup").GetString()!), StringComparison.Ordinal);
        Assert.Equal("managedByHub", exported.GetProperty("error").GetProperty("code").GetString());
        Assert.True(JsonElement.DeepEquals(own, kept));

        JsonElement unasked = await PosternProgram.JsonAsync(4, one.ImportArguments());
        Assert.Equal("wouldReplace", unasked.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("accepted domain local.example, send connector out", unasked.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);

        JsonElement imported = await PosternProgram.JsonAsync(0, one.ImportArguments("--force"));
        JsonElement sent = await PosternProgram.JsonAsync(0, ["connector", "send", "list", .. edge]);
        JsonElement remote = await PosternProgram.JsonAsync(0, ["remote-domain", "show", "*", .. edge]);
        JsonElement refused = await PosternProgram.JsonAsync(1, ["connector", "send", "set", "out", "--enabled", "false", .. edge]);

        Assert.Equal(2, imported.GetProperty("connectors").GetArrayLength());
        Assert.Equal(2, sent.GetArrayLength());
        Assert.All(sent.EnumerateArray(), connector => Assert.Equal("edgeSync", connector.GetProperty("origin").GetString()));
        Assert.False(remote.GetProperty("autoReply").GetBoolean());
        Assert.Contains("hub", refused.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("connector send set", refused.GetProperty("error").GetProperty("hint").GetString(), StringComparison.Ordinal);

        JsonElement removed = await PosternProgram.JsonAsync(0, ["subscription", "remove", "edge1", .. hub]);
        await PosternProgram.MustAsync(["subscription", "remove", "edge1", .. edge]);
        Assert.Equal(2, removed.GetProperty("connectors").GetArrayLength());
        await PosternProgram.MustAsync(["domain", "add", "again.example", "--type", "authoritative", .. edge]);
    }

    [Fact]
    public async Task Every_class_is_added_shown_changed_and_removed_on_the_hub()
    {
        using TempFolder folder = new();
        string config = folder.Write("hub.json", """{ "site": "North", "sources": [ { "name": "file", "type": "ldif", "path": "empty.ldif" } ] }""");
        folder.Write("empty.ldif", "version: 1\n");
        await using DaemonProcess daemon = await DaemonProcess.StartHubAsync(folder["hub"], config);
        string[] to = ["--data", folder["hub"]];
        (string Command, string Name, string[] Add, string[] Set)[] verbs =
        [
            ("remote-domain", "partner.example", ["--ndr", "false"], ["--line-wrap", "77"]),
            ("connector send", "to partner", ["--address-space", "partner.example;5", "--address-space", "*.partner.example"], ["--rename", "to the partner", "--domain-secure"]),
            ("connector receive", "from partners", ["--domain-secure", "true"], ["--require-tls"]),
            ("classification", "Internal", ["--display-name", "For us only"], ["--sender-text", "Only inside."]),
            ("server", "mx1", ["--host-name", "mx1.example.com"], ["--accepts-mail", "false"]),
        ];
        foreach ((string command, string name, string[] add, string[] set) in verbs)
        {
            string[] words = command.Split(' ');
            JsonElement added = await PosternProgram.JsonAsync(0, [.. words, "add", name, .. add, .. to]);
            JsonElement changed = await PosternProgram.JsonAsync(0, [.. words, "set", name, .. set, .. to]);
            string now = changed.GetProperty("name").GetString()!;
            JsonElement shown = await PosternProgram.JsonAsync(0, [.. words, "show", now, .. to]);
            string table = await PosternProgram.MustAsync([.. words, "list", .. to]);
            JsonElement nothing = await PosternProgram.JsonAsync(2, [.. words, "set", now, .. to]);
            JsonElement again = await PosternProgram.JsonAsync(1, [.. words, "add", now, .. add, .. to]);
            await PosternProgram.MustAsync([.. words, "remove", now, .. to]);
            JsonElement gone = await PosternProgram.JsonAsync(1, [.. words, "show", now, .. to]);

            Assert.Equal(name, added.GetProperty("name").GetString());
            Assert.True(JsonElement.DeepEquals(changed, shown));
            Assert.Contains(now, table, StringComparison.Ordinal);
            Assert.Equal("wrongUsage", nothing.GetProperty("error").GetProperty("code").GetString());
            Assert.Equal("alreadyExists", again.GetProperty("error").GetProperty("code").GetString());
            Assert.StartsWith("noSuch", gone.GetProperty("error").GetProperty("code").GetString(), StringComparison.Ordinal);
        }

        JsonElement ours = await PosternProgram.JsonAsync(0, ["connector", "send", "add", "inside", "--address-space", "--;5", "--smart-host", "--", .. to]);
        await PosternProgram.MustAsync(["connector", "send", "add", "inside2", "--address-space", "--", "--smart-host", "--", .. to]);
        Assert.Equal(["--;5"], ours.GetProperty("addressSpaces").EnumerateArray().Select(space => space.GetString()!.Replace("SMTP:", "", StringComparison.Ordinal).Replace(";1", "", StringComparison.Ordinal)));
        JsonElement bad = await PosternProgram.JsonAsync(2, ["connector", "send", "add", "x", "--address-space", "*;101", .. to]);
        JsonElement settings = await PosternProgram.JsonAsync(0, ["transport", "set", "--internal-smtp-server", "10.0.0.0/8", "--internal-smtp-server", "192.0.2.1", .. to]);
        JsonElement cleared = await PosternProgram.JsonAsync(0, ["transport", "set", "--internal-smtp-server", "", .. to]);
        Assert.Contains("1 to 100", bad.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, settings.GetProperty("internalSmtpServers").GetArrayLength());
        Assert.Equal(0, cleared.GetProperty("internalSmtpServers").GetArrayLength());
    }

    private static string[] Objects(JsonElement document) =>
        [.. document.GetProperty("replaces").EnumerateArray().Select(one => $"{one.GetProperty("kind").GetString()} {one.GetProperty("name").GetString()}")];
}

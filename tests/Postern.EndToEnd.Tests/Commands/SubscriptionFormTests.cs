using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Commands;

/// <summary>The sealed forms of the subscription file, from command to command.</summary>
public sealed class SubscriptionFormTests
{
    [Fact]
    public async Task File_for_a_hub_is_imported_there_and_tells_others_nothing()
    {
        await using Installation one = await Installation.StartAsync(20);
        CommandResult identity = await PosternProgram.RunAsync("hub", "identity", "--data", one.HubFolder);
        await File.WriteAllTextAsync(one["hub.pem"], identity.Output);
        JsonElement view = await PosternProgram.JsonAsync(0, "hub", "identity", "--data", one.HubFolder);

        CommandResult made = await PosternProgram.RunAsync("subscription", "new", "--file", one.SubscriptionFile, "--for-hub", one["hub.pem"], "--data", one.EdgeFolder);
        Assert.True(made.ExitCode == 0, made.ToString());
        Assert.Contains(view.GetProperty("sha256").GetString()!, made.Output, StringComparison.Ordinal);

        JsonElement closed = await PosternProgram.JsonAsync(0, "subscription", "inspect", one.SubscriptionFile);
        Assert.Equal("hub", closed.GetProperty("form").GetString());
        Assert.False(closed.TryGetProperty("content", out _));
        JsonElement open = await PosternProgram.JsonAsync(0, "subscription", "inspect", one.SubscriptionFile, "--data", one.HubFolder);
        Assert.Equal(("edge1", "good"), (open.GetProperty("content").GetProperty("edgeName").GetString(), open.GetProperty("content").GetProperty("state").GetString()));

        JsonElement imported = await PosternProgram.JsonAsync(0, one.ImportArguments());
        Assert.Equal("subscribed", imported.GetProperty("subscription").GetProperty("state").GetString());
    }

    [Fact]
    public async Task Import_shows_its_steps_and_either_side_says_what_the_other_removed()
    {
        await using Installation one = await Installation.StartAsync(20);
        await one.NewSubscriptionAsync();
        JsonElement imported = await PosternProgram.JsonAsync(0, one.ImportArguments());
        Assert.Equal(["dns", "tcp", "tls", "pin", "clock", "bind"], imported.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("check").GetString()));
        string address = imported.GetProperty("subscription").GetProperty("address").GetString()!;
        JsonElement moved = await PosternProgram.JsonAsync(0, "subscription", "set", "edge1", "--address", address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), "--data", one.HubFolder);
        Assert.StartsWith("localhost:", moved.GetProperty("subscription").GetProperty("address").GetString(), StringComparison.Ordinal);
        await PosternProgram.JsonAsync(1, "subscription", "set", "edge1", "--address", "127.0.0.1:1", "--data", one.HubFolder);

        await PosternProgram.MustAsync("subscription", "remove", "edge1", "--data", one.EdgeFolder);
        await one.SynchronizeAsync(1);
        JsonElement refused = await PosternProgram.JsonAsync(0, "subscription", "show", "edge1", "--data", one.HubFolder);
        Assert.Equal("refused", refused.GetProperty("state").GetString());
        Assert.Contains("subscription remove edge1", refused.GetProperty("problem").GetString(), StringComparison.Ordinal);

        // And the other way round.
        File.Delete(one.SubscriptionFile);
        await one.NewSubscriptionAsync();
        CommandResult shown = await PosternProgram.RunAsync(one.ImportArguments());
        Assert.True(shown.ExitCode == 0 && shown.Output.Contains("\nbind   ok", StringComparison.Ordinal), shown.ToString());
        await PosternProgram.MustAsync("subscription", "remove", "edge1", "--data", one.HubFolder);
        JsonElement orphaned = await PosternProgram.JsonAsync(0, "subscription", "show", "edge1", "--data", one.EdgeFolder);
        Assert.Equal("orphaned", orphaned.GetProperty("state").GetString());
    }

    [Fact]
    public async Task File_with_a_passphrase_is_imported_with_it()
    {
        await using Installation one = await Installation.StartAsync(20);
        await File.WriteAllTextAsync(one["short"], "too short\n");
        await File.WriteAllTextAsync(one["right"], "correct horse battery staple\n");
        await File.WriteAllTextAsync(one["wrong"], "correct horse battery stable\n");
        string[] arguments = ["subscription", "new", "--file", one.SubscriptionFile, "--data", one.EdgeFolder, "--passphrase-file"];
        Assert.Equal(1, (await PosternProgram.RunAsync([.. arguments, one["short"]])).ExitCode);
        Assert.Equal(0, (await PosternProgram.RunAsync([.. arguments, one["right"]])).ExitCode);

        JsonElement wrong = await PosternProgram.JsonAsync(1, one.ImportArguments("--passphrase-file", one["wrong"]));
        Assert.Equal("subscriptionFile", wrong.GetProperty("error").GetProperty("code").GetString());
        JsonElement imported = await PosternProgram.JsonAsync(0, one.ImportArguments("--passphrase-file", one["right"]));
        Assert.Equal("subscribed", imported.GetProperty("subscription").GetProperty("state").GetString());
    }

    [Fact]
    public async Task Clear_file_comes_with_a_warning_and_can_be_read_without_its_secrets()
    {
        await using Installation one = await Installation.StartAsync(20);
        CommandResult made = await PosternProgram.RunAsync("subscription", "new", "--file", one.SubscriptionFile, "--data", one.EdgeFolder);
        Assert.Contains("WARNING", made.Output, StringComparison.Ordinal);
        CommandResult shown = await PosternProgram.RunAsync("subscription", "inspect", one.SubscriptionFile);
        Assert.True(shown.ExitCode == 0, shown.ToString());
        string text = await File.ReadAllTextAsync(one.SubscriptionFile);
        foreach (string secret in (string[])["ESRAPassword", "AddressHashKey"])
        {
            string value = text.Split($"<{secret}>")[1].Split('<')[0];
            Assert.DoesNotContain(value, shown.Output, StringComparison.Ordinal);
        }
    }
}

using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Ldap;
using Postern.Samples;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Commands;

/// <summary>The commands of the manual, in its order, against real daemons.</summary>
public sealed class WalkthroughTests
{
    private const int Recipients = 300;

    [Fact]
    public async Task From_nothing_to_a_lookup_and_back()
    {
        await using Installation one = await Installation.StartAsync(Recipients);

        // Before anything is synchronized nothing is rejected.
        JsonElement early = await PosternProgram.JsonAsync(1, "recipient", "lookup", one.Organization.AbsentAddress(1), "--data", one.EdgeFolder);
        Assert.Equal("notReady", early.GetProperty("verdict").GetString());

        await one.NewSubscriptionAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(one.SubscriptionFile));
        JsonElement imported = await PosternProgram.JsonAsync(0, one.ImportArguments());
        Assert.Equal("subscribed", imported.GetProperty("subscription").GetProperty("state").GetString());
        JsonElement first = Installation.Recipients(imported.GetProperty("results"));
        Assert.Equal("success", first.GetProperty("result").GetString());
        Assert.Equal("edge1", first.GetProperty("name").GetString());
        Assert.Equal("", first.GetProperty("failureDetails").GetString());
        Assert.Equal(Recipients, first.GetProperty("added").GetInt32());
        Assert.True(first.GetProperty("endUtc").GetDateTimeOffset() >= first.GetProperty("startUtc").GetDateTimeOffset());

        await LookUpAsync(one);
        await ListAsync(one);
        await ChangeAsync(one);
        await RemoveAsync(one);
    }

    [Fact]
    public async Task A_hub_imports_for_its_own_site_only()
    {
        await using Installation one = await Installation.StartAsync(20);
        await one.NewSubscriptionAsync();
        string[] arguments = one.ImportArguments();
        arguments[Array.IndexOf(arguments, "--site") + 1] = "Elsewhere";

        JsonElement answer = await PosternProgram.JsonAsync(1, arguments);

        Assert.Contains("Default-First-Site-Name", answer.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty((await PosternProgram.JsonAsync(0, "subscription", "list", "--data", one.HubFolder)).EnumerateArray());
    }

    [Fact]
    public async Task A_file_is_used_once_and_not_overwritten()
    {
        await using Installation one = await Installation.StartAsync(20);
        await one.SubscribeAsync();

        CommandResult reused = await PosternProgram.RunAsync(one.ImportArguments());
        CommandResult overwritten = await PosternProgram.RunAsync("subscription", "new", "--file", one.SubscriptionFile, "--data", one.EdgeFolder);

        Assert.True(reused.ExitCode == 1, reused.ToString());
        Assert.Contains("hint:", reused.Error, StringComparison.Ordinal);
        Assert.Equal(1, overwritten.ExitCode);
        Assert.Contains("--force", overwritten.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_truncated_file_is_refused_by_name_and_line()
    {
        await using Installation one = await Installation.StartAsync(20);
        await one.NewSubscriptionAsync();
        string text = await File.ReadAllTextAsync(one.SubscriptionFile);
        await File.WriteAllTextAsync(one.SubscriptionFile, text[..(text.Length / 2)]);

        CommandResult result = await PosternProgram.RunAsync(one.ImportArguments());

        Assert.Equal(1, result.ExitCode);
        Assert.Contains(one.SubscriptionFile, result.Error, StringComparison.Ordinal);
        Assert.Contains("line", result.Error, StringComparison.Ordinal);
        Assert.Contains("hint:", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbs_of_the_other_side_say_so()
    {
        await using Installation one = await Installation.StartAsync(20);

        JsonElement onEdge = await PosternProgram.JsonAsync(2, "sync", "start", "--data", one.EdgeFolder);
        JsonElement onHub = await PosternProgram.JsonAsync(2, "recipient", "lookup", "a@example.com", "--data", one.HubFolder);

        Assert.Equal("wrongSide", onEdge.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains("`postern sync start`", onEdge.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("wrongSide", onHub.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Domains_are_added_listed_and_removed_once()
    {
        await using Installation one = await Installation.StartAsync(20);
        string[] to = ["--data", one.HubFolder];

        JsonElement added = await PosternProgram.JsonAsync(0, ["domain", "add", "Münster.Example", "--type", "InternalRelay", .. to]);
        JsonElement again = await PosternProgram.JsonAsync(1, ["domain", "add", "münster.example", "--type", "internalRelay", .. to]);
        JsonElement bad = await PosternProgram.JsonAsync(2, ["domain", "add", "no domain", "--type", "internalRelay", .. to]);
        JsonElement list = await PosternProgram.JsonAsync(0, ["domain", "list", .. to]);
        JsonElement removed = await PosternProgram.JsonAsync(0, ["domain", "remove", "münster.example", .. to]);
        JsonElement gone = await PosternProgram.JsonAsync(1, ["domain", "remove", "münster.example", .. to]);

        Assert.Equal("xn--mnster-3ya.example", added.GetProperty("name").GetString());
        Assert.Equal("internalRelay", added.GetProperty("type").GetString());
        Assert.Equal("alreadyExists", again.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("invalidValue", bad.GetProperty("error").GetProperty("code").GetString());
        Assert.Contains(list.EnumerateArray(), domain => domain.GetProperty("name").GetString() == "xn--mnster-3ya.example");
        Assert.Equal("xn--mnster-3ya.example", removed.GetProperty("name").GetString());
        Assert.Equal("noSuchDomain", gone.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task More_deletes_than_usual_are_refused_by_a_guard_and_can_be_approved()
    {
        await using Installation one = await Installation.StartAsync(Recipients);
        await one.SubscribeAsync();
        one.WriteOrganization(writer => new OrganizationGenerator(Recipients / 2).WriteLdif(writer));

        JsonElement held = await one.SynchronizeAsync(exitCode: 4);
        JsonElement approved = await one.SynchronizeAsync(0, "--approve-deletes");

        Assert.Equal("heldByGuard", held.GetProperty("result").GetString());
        Assert.Equal(0, held.GetProperty("deleted").GetInt32());
        Assert.Contains("--approve-deletes", held.GetProperty("failureDetails").GetString(), StringComparison.Ordinal);
        Assert.Equal(Recipients / 2, approved.GetProperty("deleted").GetInt32());
    }

    [Fact]
    public async Task A_bad_line_of_the_source_is_named_and_nothing_is_half_applied()
    {
        await using Installation one = await Installation.StartAsync(50);
        await File.AppendAllTextAsync(one.LdifFile, "\n\ndn: cn=bad,dc=example,dc=com\nthis line has no colon\n");
        int line = (await File.ReadAllLinesAsync(one.LdifFile)).Length;
        await one.NewSubscriptionAsync();

        JsonElement imported = await PosternProgram.JsonAsync(1, one.ImportArguments());

        JsonElement result = Installation.Recipients(imported.GetProperty("results"));
        Assert.Equal("sourceFailed", result.GetProperty("result").GetString());
        Assert.Equal(0, result.GetProperty("added").GetInt32());
        Assert.Contains($"{one.LdifFile}:{line}", result.GetProperty("failureDetails").GetString(), StringComparison.Ordinal);
    }

    private static async Task LookUpAsync(Installation one)
    {
        string address = one.Organization.Recipients().First().Addresses[0];
        JsonElement known = await PosternProgram.JsonAsync(0, "recipient", "lookup", address.ToUpperInvariant(), "--data", one.EdgeFolder);
        JsonElement unknown = await PosternProgram.JsonAsync(1, "recipient", "lookup", one.Organization.AbsentAddress(1), "--data", one.EdgeFolder);
        JsonElement foreign = await PosternProgram.JsonAsync(1, "recipient", "lookup", "anna@elsewhere.example", "--data", one.EdgeFolder);
        Assert.Equal("known", known.GetProperty("verdict").GetString());
        Assert.Equal("unknown", unknown.GetProperty("verdict").GetString());
        Assert.Equal("notOurs", foreign.GetProperty("verdict").GetString());
    }

    private static async Task ListAsync(Installation one)
    {
        foreach ((string side, string folder) in ((string, string)[])[("edge", one.EdgeFolder), ("hub", one.HubFolder)])
        {
            JsonElement listed = Assert.Single((await PosternProgram.JsonAsync(0, "subscription", "list", "--data", folder)).EnumerateArray());
            JsonElement shown = await PosternProgram.JsonAsync(0, "subscription", "show", "edge1", "--data", folder);
            JsonElement status = await PosternProgram.JsonAsync(0, "status", "--data", folder);
            Assert.Equal(side, shown.GetProperty("side").GetString());
            Assert.Equal("subscribed", shown.GetProperty("state").GetString());
            Assert.True(JsonElement.DeepEquals(shown, listed));
            Assert.Equal("edge1", Assert.Single(status.GetProperty("subscriptions").EnumerateArray()).GetProperty("name").GetString());
        }
    }

    /// <summary>The second cycle sends just what changed.</summary>
    private static async Task ChangeAsync(Installation one)
    {
        one.WriteOrganization(writer =>
        {
            Postern.Ldap.LdifWriter ldif = new(writer);
            foreach (LdapEntry entry in one.Organization.Containers().Concat(one.Organization.Recipients().Skip(1).Select(recipient => recipient.Entry)))
            {
                ldif.Write(entry);
            }

            ldif.Write(new LdapEntry($"cn=new,{one.Organization.BaseDn}", [new LdapAttribute("cn", "new"), new LdapAttribute("mail", "new@example.com")]));
        });
        JsonElement second = await one.SynchronizeAsync();
        Assert.Equal(1, second.GetProperty("added").GetInt32());
        Assert.Equal(1, second.GetProperty("deleted").GetInt32());
        Assert.Equal(0, second.GetProperty("updated").GetInt32());
        await PosternProgram.MustAsync("recipient", "lookup", "new@example.com", "--data", one.EdgeFolder);
    }

    private static async Task RemoveAsync(Installation one)
    {
        await PosternProgram.MustAsync("subscription", "remove", "edge1", "--data", one.HubFolder);
        JsonElement gone = await PosternProgram.JsonAsync(1, "subscription", "show", "edge1", "--data", one.HubFolder);
        Assert.Equal("noSuchSubscription", gone.GetProperty("error").GetProperty("code").GetString());
        await PosternProgram.MustAsync("subscription", "remove", "edge1", "--data", one.EdgeFolder);
        Assert.Empty((await PosternProgram.JsonAsync(0, "subscription", "list", "--data", one.EdgeFolder)).EnumerateArray());
    }
}

using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Samples;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Ldap;

/// <summary>A real OpenLDAP inside.</summary>
public sealed class SlapdSourceTests
{
    [SkippableTheory]
    [InlineData(2_000)]
    [InlineData(10_001)] // more than the memory of pushed changes holds
    public async Task A_directory_reaches_the_edge_and_its_changes_follow_by_themselves(int recipients)
    {
        Peers.Require("slapd");
        Peers.Require("ldap-utils");
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Recipients = recipients, DatabaseLines = ["overlay syncprov", "syncprov-sessionlog 1000"] });
        using TempFolder secrets = new();
        string secret = secrets.Write("reader.secret", slapd.ReaderPassword + "\n");
        File.SetUnixFileMode(secret, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using Installation one = await Installation.StartAsync(
            recipients,
            $$"""
            { "name": "corp", "type": "openldap", "urls": ["{{slapd.LdapUrl}}"], "baseDn": "{{slapd.BaseDn}}", "bindDn": "{{slapd.ReaderDn}}",
              "passwordFile": "{{secret}}", "filter": "(|(proxyAddresses=*)(mail=*))", "map": { "addresses": ["proxyAddresses", "mail"] } }
            """,
            scheduled: true);

        JsonElement first = Installation.Recipients((await one.SubscribeAsync()).GetProperty("results"));
        Assert.Equal(recipients, first.GetProperty("added").GetInt32());
        JsonElement why = await PosternProgram.JsonAsync(0, "recipient", "explain", one.Organization.Recipients().First().Addresses[0], "--data", one.HubFolder);
        Assert.Equal("recipient", why.GetProperty("sources")[0].GetProperty("objects")[0].GetProperty("outcome").GetString());
        Assert.Equal("equal", why.GetProperty("edges")[0].GetProperty("entries")[0].GetProperty("state").GetString());
        Assert.Equal("add", why.GetProperty("edges")[0].GetProperty("entries")[0].GetProperty("lastChange").GetString());
        JsonElement verified = await PosternProgram.JsonAsync(0, "sync", "test", "--recipient", one.Organization.Recipients().First().Addresses[0], "--data", one.HubFolder);
        Assert.Equal("normal", verified.GetProperty("edges")[0].GetProperty("syncStatus").GetString());
        Assert.Equal(1, verified.GetProperty("edges")[0].GetProperty("parts")[0].GetProperty("source").GetInt32());
        await PosternProgram.JsonAsync(1, "sync", "test", "--recipient", "nobody@example.com", "--data", one.HubFolder);
        await PosternProgram.JsonAsync(2, "sync", "test", "--recipient", "nobody", "--data", one.HubFolder);
        await PosternProgram.JsonAsync(2, "sync", "test", "--recipient", "nobody@example.com", "--full", "--data", one.HubFolder);
        CommandResult none = await PosternProgram.RunAsync("recipient", "explain", "nobody@example.com", "--data", one.HubFolder);
        Assert.Equal(1, none.ExitCode);
        Assert.Contains("source corp: no object has this address", none.Output, StringComparison.Ordinal);

        await one.AssertEdgeEqualsSourceAsync(recipients);

        GeneratedRecipient[] some = [.. one.Organization.Recipients().Take(2)];
        (await slapd.Tools.ModifyAsync($"dn: {some[0].Entry.Dn}\nchangetype: modify\nadd: proxyAddresses\nproxyAddresses: smtp:fresh@example.com\n")).MustSucceed();
        (await slapd.Tools.DeleteAsync(some[1].Entry.Dn)).MustSucceed();

        // Without a command: the source rings.
        await one.WaitUntilAsync("fresh@example.com", known: true);
        await one.WaitUntilAsync(some[1].Addresses[0], known: false);
        await one.AssertEdgeEqualsSourceAsync(recipients - 1);

        await slapd.StopAsync();
        JsonElement without = await one.SynchronizeAsync(exitCode: 1);
        Assert.Equal("sourceFailed", without.GetProperty("result").GetString());
        Assert.Equal(0, without.GetProperty("deleted").GetInt32());
        Assert.Contains("corp", without.GetProperty("failureDetails").GetString(), StringComparison.Ordinal);
    }
}

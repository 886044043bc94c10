using System.Globalization;
using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Hubs;

/// <summary>Two hubs in processes of their own that share an organization directory on slapd, and one edge.</summary>
public sealed class TwoHubsTests
{
    private const string Site = "Default-First-Site-Name";

    [SkippableFact]
    public async Task Second_hub_joins_by_itself_and_takes_over_when_the_first_is_killed()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Schemas = [Path.Combine(Repository.Root, "schema", "postern.schema")] });
        using TempFolder folder = new(shared: true);
        string config = folder.Write("hub.json", $$"""
            { "site": "{{Site}}",
              "organization": { "urls": ["{{slapd.LdapsUrl}}"], "baseDn": "ou=postern,dc=example,dc=com", "bindDn": "{{slapd.AdminDn}}",
                                "passwordFile": "{{folder.Write("password", slapd.AdminPassword)}}", "caFile": "{{slapd.CertificateFiles.Authority}}" },
              "recipientSyncInterval": "00:00:01", "configurationSyncInterval": "00:00:01", "topologyInterval": "00:00:01",
              "lockDuration": "00:00:04", "lockRenewalDuration": "00:00:03", "optionDuration": "00:10:00",
              "sources": [ { "name": "corp", "type": "ldif", "path": "{{folder["people.ldif"]}}" } ] }
            """);
        Write(folder, "anna");
        await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(folder["edge"]);
        await using DaemonProcess first = await DaemonProcess.StartScheduledHubAsync(folder["hub1"], config, "hub1.example.com");
        await PosternProgram.MustAsync("domain", "add", "example.com", "--type", "authoritative", "--data", folder["hub1"]);
        await PosternProgram.MustAsync("subscription", "new", "--file", folder["edge.xml"], "--data", folder["edge"]);
        await PosternProgram.MustAsync(
            "subscription", "import", folder["edge.xml"], "--site", Site, "--data", folder["hub1"], "--address", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{edge.LdapsPort}"));
        Assert.Equal("known", await LookUpAsync(folder, "anna"));

        // No visit to the edge, no file: only its hub.json.
        await using DaemonProcess second = await DaemonProcess.StartScheduledHubAsync(folder["hub2"], config, "hub2.example.com");
        await UntilAsync(async () => await HolderAsync(folder, "hub2") is ("hub1", false));
        JsonElement hubs = await PosternProgram.JsonAsync(0, "hub", "list", "--data", folder["hub2"]);
        Assert.All(hubs.EnumerateArray(), hub => Assert.Equal("edge1", hub.GetProperty("edges")[0].GetString()));

        await first.KillAsync();
        Write(folder, "anna", "ben");
        await UntilAsync(async () => await HolderAsync(folder, "hub2") is ("hub2", true));
        await UntilAsync(async () => await LookUpAsync(folder, "ben") == "known");

        // It comes back, and stands by.
        await using DaemonProcess back = await DaemonProcess.StartScheduledHubAsync(folder["hub1"], config, "hub1.example.com");
        await UntilAsync(async () => await HolderAsync(folder, "hub1") is ("hub2", false));

        // In good order the lock is given back; a hand need not wait for the option.
        Assert.Equal(0, await second.StopAsync());
        Write(folder, "anna", "ben", "carla");
        await PosternProgram.MustAsync("sync", "start", "--data", folder["hub1"]);
        Assert.Equal(("hub1", true), await HolderAsync(folder, "hub1"));
        Assert.Equal("known", await LookUpAsync(folder, "carla"));

        await PosternProgram.MustAsync("hub", "remove", "hub2", "--data", folder["hub1"]);
        Assert.Single((await PosternProgram.JsonAsync(0, "hub", "list", "--data", folder["hub1"])).EnumerateArray());
    }

    private static void Write(TempFolder folder, params string[] names) => folder.Write("people.ldif", "version: 1\n\n" + string.Concat(names.Select(
        name => $"dn: cn={name},dc=example,dc=com\nobjectClass: person\ncn: {name}\nsn: {name}\nmail: {name}@example.com\n\n")));

    /// <returns>Who has the lease of the edge as a hub sees it, and whether that is itself.</returns>
    private static async Task<(string? Holder, bool IsThis)> HolderAsync(TempFolder folder, string hub)
    {
        JsonElement status = await PosternProgram.JsonAsync(0, "status", "--data", folder[hub]);
        return status.GetProperty("leases").EnumerateArray().Select(lease => (lease.TryGetProperty("holder", out JsonElement holder) ? holder.GetString() : null, lease.GetProperty("isThis").GetBoolean()))
            .FirstOrDefault();
    }

    private static async Task<string?> LookUpAsync(TempFolder folder, string name)
    {
        CommandResult answer = await PosternProgram.RunAsync("recipient", "lookup", $"{name}@example.com", "--output", "json", "--data", folder["edge"]);
        using JsonDocument document = JsonDocument.Parse(answer.Output);
        return document.RootElement.TryGetProperty("verdict", out JsonElement verdict) ? verdict.GetString() : null;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(3));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
        }
    }
}

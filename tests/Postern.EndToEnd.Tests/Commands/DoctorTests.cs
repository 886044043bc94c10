using System.Text.Json;
using Postern.EndToEnd.Tests.Processes;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Commands;

/// <summary><c>postern doctor</c> from the command line, on both sides, well and ill.</summary>
public sealed class DoctorTests
{
    [Fact]
    public async Task Both_sides_are_well_then_the_edge_is_gone()
    {
        await using Installation one = await Installation.StartAsync(20);
        await PosternProgram.MustAsync(["subscription", "new", "--file", one.SubscriptionFile, "--data", one.EdgeFolder]);
        await PosternProgram.JsonAsync(0, one.ImportArguments());

        JsonElement hub = await PosternProgram.JsonAsync(0, ["doctor", "--data", one.HubFolder]);
        JsonElement edge = await PosternProgram.JsonAsync(0, ["doctor", "--data", one.EdgeFolder]);
        Assert.Equal(("hub", "good"), (hub.GetProperty("side").GetString(), State(hub)));

        Assert.Equal(("edge", "good"), (edge.GetProperty("side").GetString(), State(edge)));
        Assert.Equal(["ldaps", "ldap", "ldapi", "socketmap"], Findings(edge, "listener").Select(finding => finding.GetProperty("about").GetString()));
        Assert.Contains("credentials for", Assert.Single(Findings(hub, "published")).GetProperty("evidence").GetString(), StringComparison.Ordinal);
        Assert.EndsWith("all is well\n", await PosternProgram.MustAsync(["doctor", "--data", one.HubFolder]), StringComparison.Ordinal);

        await one.Edge.StopAsync();
        JsonElement alone = await PosternProgram.JsonAsync(1, ["doctor", "--data", one.HubFolder, "--edge", "edge1"]);
        JsonElement tcp = Assert.Single(Findings(alone, "tcp"));
        Assert.Equal((6102, "portRefused", "failed"), (tcp.GetProperty("code").GetInt32(), tcp.GetProperty("codeName").GetString(), tcp.GetProperty("state").GetString()));
        Assert.Equal("skipped", Assert.Single(Findings(alone, "logon")).GetProperty("state").GetString());
        CommandResult text = await PosternProgram.RunAsync("doctor", "--data", one.HubFolder);
        Assert.Contains("docs/events/6102.md (portRefused)", text.Output, StringComparison.Ordinal);

        JsonElement nobody = await PosternProgram.JsonAsync(3, ["doctor", "--data", one.EdgeFolder]);
        Assert.Equal(6201, Assert.Single(nobody.GetProperty("findings").EnumerateArray()).GetProperty("code").GetInt32());
    }

    private static string? State(JsonElement report) => report.GetProperty("state").GetString();

    private static JsonElement[] Findings(JsonElement report, string check) =>
        [.. report.GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("check").GetString() == check)];
}

using System.Text.Json;
using Postern.Control;
using Postern.EndToEnd.Tests.Processes;
using Postern.Operations.Subscriptions;
using Postern.Operations.Synchronization;

namespace Postern.EndToEnd.Tests.Faults;

/// <summary>kill -9 in the middle of a first synchronization.</summary>
public sealed class KillTests
{
    /// <summary>Enough for many batches: the kill comes after the first is confirmed and long before the last.</summary>
    private const int Recipients = 20_000;

    [Fact]
    public async Task After_a_kill_of_the_edge_the_next_cycle_completes_and_the_edge_equals_the_source()
    {
        await using Installation one = await Installation.StartAsync(Recipients);
        await one.NewSubscriptionAsync();

        ImportSubscriptionResult broken = await ImportAsync(one, one.Edge.KillAsync);
        Assert.Contains(broken.Results, result => result.Type == "recipients" && result.Failed && result.FailureDetails.Length > 0);

        await one.RestartEdgeAsync();
        JsonElement next = await one.SynchronizeAsync();
        Assert.Equal("success", next.GetProperty("result").GetString());
        await one.AssertEdgeEqualsSourceAsync(Recipients);
    }

    [Fact]
    public async Task After_a_kill_of_the_hub_the_next_cycle_completes_and_the_edge_equals_the_source()
    {
        await using Installation one = await Installation.StartAsync(Recipients);
        await one.NewSubscriptionAsync();

        CommandFailure lost = await Assert.ThrowsAsync<CommandFailure>(() => ImportAsync(one, one.Hub.KillAsync));
        Assert.Equal("daemonLost", lost.Code);

        // Not complete, so nobody is rejected yet.
        JsonElement meanwhile = await PosternProgram.JsonAsync(1, "recipient", "lookup", one.Organization.AbsentAddress(1), "--data", one.EdgeFolder);
        Assert.Equal("notReady", meanwhile.GetProperty("verdict").GetString());

        await one.RestartHubAsync();
        JsonElement next = await one.SynchronizeAsync();
        Assert.Equal("success", next.GetProperty("result").GetString());
        Assert.True(next.GetProperty("added").GetInt32() < Recipients, "what was confirmed before the kill is sent again");
        await one.AssertEdgeEqualsSourceAsync(Recipients);
    }

    /// <summary>Imports over the control socket, and kills when the edge has confirmed its first recipients.</summary>
    private static Task<ImportSubscriptionResult> ImportAsync(Installation one, Func<Task> kill)
    {
        ImportSubscription request = new(
            File.ReadAllText(one.SubscriptionFile), one.SubscriptionFile, "Default-First-Site-Name", $"127.0.0.1:{one.Edge.LdapsPort}");
        return ControlClient.For(one.HubFolder).StreamAsync(
            ControlRoutes.SubscriptionImport, request, PosternJson.Default.ImportSubscription, PosternJson.Default.ImportStreamLine,
            new KillOnce(kill), CancellationToken.None);
    }

    private sealed class KillOnce(Func<Task> kill) : IProgress<SyncProgressView>
    {
        private bool _done;

        public void Report(SyncProgressView value)
        {
            if (!_done && value is { Type: "recipients", Confirmed: > 0 })
            {
                _done = true;
                kill().GetAwaiter().GetResult();
            }
        }
    }
}

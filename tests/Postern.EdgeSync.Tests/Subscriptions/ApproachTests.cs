using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Postern.Certificates;
using Postern.EdgeSync.Diagnosis;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Subscriptions;

/// <summary>The steps of an import, where each of them fails, and what the other side says of a removal.</summary>
public sealed class ApproachTests
{
    [Fact]
    public async Task Import_reports_each_step_in_its_order()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        Steps steps = new();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address, steps);
        Assert.Equal(["dns", "tcp", "tls", "pin", "clock", "bind"], steps.Seen.Select(step => step.Check));
        Assert.All(steps.Seen, step => Assert.Equal(FindingState.Good, step.State));
        Assert.Contains("ESRA.edge.HUB1.0", steps.Seen.Last().Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_that_nobody_knows_is_named()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        SubscriptionException e = await ExpectAsync(edge, hub, file with { EdgeServerFqdn = "nobody.invalid" }, null);
        Assert.Contains("dns: the name service", e.Message, StringComparison.Ordinal);
        Assert.Contains("subscription import FILE --address", e.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_where_nobody_listens_is_named()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await edge.StopListeningAsync();
        SubscriptionException e = await ExpectAsync(edge, hub, file, edge.Address);
        Assert.Contains("tcp: the machine answers and nothing listens", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Something_else_than_an_edge_is_named()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        using TcpListener mail = new(IPAddress.Loopback, 0);
        mail.Start();
        Task greeting = Task.Run(async () =>
        {
            using TcpClient client = await mail.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("220 mail.example.net ESMTP\r\n"u8.ToArray());
            await client.GetStream().ReadExactlyAsync(new byte[1]);
        });
        SubscriptionException e = await ExpectAsync(edge, hub, await edge.ExportAsync(), mail.LocalEndpoint.ToString());
        Assert.Contains("tls: something else than an edge", e.Message, StringComparison.Ordinal);
        await greeting;
    }

    [Fact]
    public async Task Another_edge_that_answers_is_named_and_its_file_stays_good()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestEdge other = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        SubscriptionException e = await ExpectAsync(edge, hub, file, other.Address);
        Assert.Contains("pin:", e.Message, StringComparison.Ordinal);
        Assert.Contains("another machine answers", e.Message, StringComparison.Ordinal);
        Assert.Contains(CertificatePin.Of(other.Service.Certificate!).ToString(), e.Message, StringComparison.Ordinal);
        await hub.Subscriptions.ImportAsync(file, "Site", edge.Address);
    }

    [Fact]
    public async Task Clocks_that_are_apart_are_a_step_before_the_bind_that_they_break()
    {
        ManualTimeProvider time = new(TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(2));
        await using TestEdge edge = await TestEdge.StartAsync(time);
        await using TestHub hub = await TestHub.StartAsync();
        Steps steps = new();
        SubscriptionFile file = await edge.ExportAsync();
        SubscriptionException e = await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.ImportAsync(file, "Site", edge.Address, steps));
        Assert.Contains("compare the clocks", e.Message, StringComparison.Ordinal);
        Finding clock = Assert.Single(steps.Seen, step => step.Check == "clock");
        Assert.Equal((FindingState.Failed, true), (clock.State, clock.Evidence.Contains("behind", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Clocks_that_are_minutes_apart_break_nothing()
    {
        ManualTimeProvider time = new(TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(20));
        await using TestEdge edge = await TestEdge.StartAsync(time);
        await using TestHub hub = await TestHub.StartAsync();
        Steps steps = new();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address, steps);
        Assert.Equal(FindingState.Warning, Assert.Single(steps.Seen, step => step.Check == "clock").State);
    }

    [Fact]
    public async Task Edge_that_moved_is_dialled_at_its_new_port_without_a_new_subscription()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestEdge other = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        SubscriptionException e = await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.SetAddressAsync("edge1", other.Address));
        Assert.Contains("pin:", e.Message, StringComparison.Ordinal);
        Assert.Equal(edge.Address, (await hub.Subscriptions.FindAsync("edge1"))!.EdgeAddress);

        await hub.Subscriptions.SetAddressAsync("EDGE1", "edge.invalid:50636", untried: true);
        Assert.Equal("edge.invalid:50636", (await hub.Subscriptions.FindAsync("edge1"))!.EdgeAddress);
        string moved = edge.Address.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        await hub.Subscriptions.SetAddressAsync("edge1", moved);
        Assert.Equal((moved, TestEdge.Fqdn), ((await hub.Subscriptions.FindAsync("edge1"))!.EdgeAddress, (await hub.Subscriptions.FindAsync("edge1"))!.EdgeFqdn));
        Assert.All(await hub.Synchronizer(hub.Ldif("anna")).StartAsync(new SyncStart()), result => Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails)));
        await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.SetAddressAsync("edge1", "no port"));
        Assert.True((await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.SetAddressAsync("edge2", moved))).IsMissing);
    }

    [Fact]
    public async Task Removal_on_the_hub_leaves_an_edge_that_says_so_and_keeps_its_data()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        await hub.Synchronizer(hub.Ldif("anna", "ben")).StartAsync(new SyncStart());
        await hub.Subscriptions.RemoveAsync("edge1");
        EdgeSubscription orphan = (await edge.Service.FindAsync())!;
        Assert.Equal((SubscriptionState.Orphaned, "HUB1"), (orphan.State, orphan.Hub));
        Assert.Equal(2, (await edge.RecipientsAsync()).Count);

        // It can be subscribed in place, or given up.
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(force: true), "Site", edge.Address);
        Assert.Equal(SubscriptionState.Subscribed, (await edge.Service.FindAsync())!.State);
        await hub.Subscriptions.RemoveAsync("edge1");
        await edge.Service.RemoveAsync("edge1");
        Assert.Null(await edge.Service.FindAsync());
    }

    [Fact]
    public async Task Removal_on_the_edge_leaves_a_hub_that_says_so()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        HubSynchronizer synchronizer = hub.Synchronizer(hub.Ldif("anna"));
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        await synchronizer.StartAsync(new SyncStart());
        Assert.Null(hub.Subscriptions.ForgottenBy("edge1"));
        await edge.Service.RemoveAsync("edge1");
        Assert.All(await synchronizer.StartAsync(new SyncStart()), result => Assert.Equal(SyncOutcome.InvalidCredentials, result.Result));
        Assert.Contains("ESRA.edge.HUB1.0", hub.Subscriptions.ForgottenBy("EDGE1"), StringComparison.Ordinal);

        // An edge that is only out of reach did not forget anybody.
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        Assert.Null(hub.Subscriptions.ForgottenBy("edge1"));
        await edge.StopListeningAsync();
        await synchronizer.StartAsync(new SyncStart());
        Assert.Null(hub.Subscriptions.ForgottenBy("edge1"));
    }

    private static async Task<SubscriptionException> ExpectAsync(TestEdge edge, TestHub hub, SubscriptionFile file, string? address)
    {
        SubscriptionException e = await Assert.ThrowsAsync<SubscriptionException>(() => hub.Subscriptions.ImportAsync(file, "Site", address));
        Assert.Empty(await hub.Subscriptions.ListAsync());
        Assert.Equal(SubscriptionState.Exported, (await edge.Service.FindAsync())!.State);
        LdapEntry bootstrap = (await edge.FindAsync($"cn=ESRA.edge1,{EdgeLayout.Accounts}"))!;
        Assert.Null(bootstrap.Find(PosternAttributes.UsedTime));
        return e;
    }

    private sealed class Steps : IProgress<Finding>
    {
        public ConcurrentQueue<Finding> Seen { get; } = new();

        public void Report(Finding value) => Seen.Enqueue(value);
    }
}

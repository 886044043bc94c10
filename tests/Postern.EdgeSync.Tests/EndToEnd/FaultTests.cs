using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.EndToEnd;

/// <summary>Faults between an LDIF source and a real edge over TLS.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task Bad_line_of_an_ldif_is_named_and_nothing_of_the_file_is_applied()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await SubscribeAsync(edge);
        SourceSettings source = hub.LdifText("""
            dn: cn=a,dc=example
            mail: a@example.com

            dn: cn=b,dc=example
            mail
            """);
        SyncResult result = await RecipientsAsync(hub, source);
        Assert.Equal((SyncOutcome.SourceFailed, 0L), (result.Result, result.Added));
        Assert.Contains("source.ldif:7", result.FailureDetails, StringComparison.Ordinal);
        Assert.Empty(await edge.RecipientsAsync());
        Assert.Null(await edge.FindAsync(EdgeLayout.RecipientsState));
    }

    [Fact]
    public async Task Change_records_are_no_source()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await SubscribeAsync(edge);
        SyncResult result = await RecipientsAsync(hub, hub.LdifText("dn: cn=a,dc=example\nchangetype: delete\n"));
        Assert.Equal(SyncOutcome.SourceFailed, result.Result);
        Assert.Contains("change record", result.FailureDetails, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Edge_that_is_away_gives_a_result_and_the_next_cycle_completes()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await SubscribeAsync(edge);
        await edge.StopListeningAsync();
        SyncResult away = await RecipientsAsync(hub, hub.Ldif("anna"));
        Assert.Equal(SyncOutcome.CouldNotConnect, away.Result);
        Assert.Contains("edge edge1", away.FailureDetails, StringComparison.Ordinal);
        await edge.ListenAsync();
        Assert.Equal(SyncOutcome.Success, (await RecipientsAsync(hub, hub.Ldif("anna"))).Result);
    }

    [Fact]
    public async Task Session_that_breaks_in_the_middle_is_made_good_by_the_next_cycle()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await SubscribeAsync(edge);
        SourceSettings source = hub.Ldif([.. Enumerable.Range(0, 5000).Select(i => $"user{i}")]);
        Task? stop = null;
        HubSynchronizer synchronizer = hub.Synchronizer(source);
        SyncResult broken = Assert.Single(await synchronizer.StartAsync(
            new SyncStart { Type = SyncType.Recipients },
            new Immediate(progress =>
            {
                if (progress.Scanned >= 3000)
                {
                    stop ??= edge.StopListeningAsync();
                }
            })));
        await stop!;
        Assert.Equal(SyncOutcome.TargetFailed, broken.Result);
        Assert.Null(await edge.FindAsync(EdgeLayout.RecipientsState));

        await edge.ListenAsync();
        SyncResult next = Assert.Single(await synchronizer.StartAsync(new SyncStart { Type = SyncType.Recipients }));
        Assert.Equal((SyncOutcome.Success, 0L), (next.Result, next.Deleted));
        Assert.Equal(5000, (await edge.RecipientsAsync()).Count);
        Assert.Equal(5000, next.TargetScanned + next.Added);
    }

    [Fact]
    public async Task Canceled_cycle_is_a_result()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await SubscribeAsync(edge);
        using CancellationTokenSource cancel = new();
        SyncResult result = Assert.Single(await hub.Synchronizer(hub.Ldif([.. Enumerable.Range(0, 3000).Select(i => $"user{i}")])).StartAsync(
            new SyncStart { Type = SyncType.Recipients },
            new Immediate(progress =>
            {
                if (progress.Scanned >= 1000)
                {
                    cancel.Cancel();
                }
            }),
            cancel.Token));
        Assert.Equal(SyncOutcome.Canceled, result.Result);
    }

    [Fact]
    public async Task Cycles_of_one_edge_and_type_never_overlap()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await SubscribeAsync(edge);
        HubSynchronizer synchronizer = hub.Synchronizer(hub.Ldif([.. Enumerable.Range(0, 1000).Select(i => $"user{i}")]));
        IReadOnlyList<SyncResult>[] all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => synchronizer.StartAsync(new SyncStart { Type = SyncType.Recipients })));
        Assert.All(all, results => Assert.Equal((SyncOutcome.Success, ""), (results[0].Result, results[0].FailureDetails)));
        Assert.Equal([0, 0, 0, 1000], all.Select(results => results[0].Added).Order());
        Assert.Equal(SyncOutcome.Success, Assert.Single(synchronizer.LastResults).Result);
    }

    [Fact]
    public async Task Edge_that_was_started_again_goes_on_with_its_data()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await SubscribeAsync(edge);
        SourceSettings source = hub.Ldif("anna", "ben");
        await RecipientsAsync(hub, source);
        await edge.StopAsync();
        await edge.StartAgainAsync();
        SyncResult result = await RecipientsAsync(hub, source);
        Assert.Equal((SyncOutcome.Success, 0L, 0L), (result.Result, result.Added, result.Deleted));
        Assert.Equal(2, (await edge.RecipientsAsync()).Count);
    }

    [Fact]
    public async Task Domains_travel_through_the_same_engine()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await SubscribeAsync(edge);
        await hub.Domains.AddAsync("Bücher.example", AcceptedDomainType.Authoritative);
        await hub.Domains.AddAsync("*.relay.example", AcceptedDomainType.InternalRelay);
        HubSynchronizer synchronizer = hub.Synchronizer(hub.Ldif("anna"));
        SyncStart configuration = new() { Type = SyncType.Configuration };
        Assert.Equal(3, (await synchronizer.StartAsync(configuration))[0].Added); // the hub itself is one
        await hub.Domains.AddAsync("new.example", AcceptedDomainType.Authoritative);
        await hub.Domains.RemoveAsync("new.example");
        await hub.Domains.SetTypeAsync("*.relay.example", AcceptedDomainType.ExternalRelay);
        SyncResult second = (await synchronizer.StartAsync(configuration))[0];
        Assert.Equal((SyncOutcome.Success, 0L, 1L, 0L), (second.Result, second.Added, second.Updated, second.Deleted));
        await hub.Domains.RemoveAsync("*.relay.example");
        Assert.Equal(1, (await synchronizer.StartAsync(configuration))[0].Deleted);
        Assert.True(Assert.Single(await hub.Domains.ListAsync()).IsDefault);
    }

    private static async Task<TestHub> SubscribeAsync(TestEdge edge)
    {
        TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        return hub;
    }

    private static async Task<SyncResult> RecipientsAsync(TestHub hub, SourceSettings source) =>
        Assert.Single(await hub.Synchronizer(source).StartAsync(new SyncStart { Type = SyncType.Recipients }));

    /// <summary>On the caller's thread, unlike Progress.</summary>
    private sealed class Immediate(Action<SyncProgress> handler) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => handler(value);
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Synchronization;

public sealed class HubScheduleTests
{
    [Fact]
    public async Task Interval_and_manual_runs_and_back_off_follow_the_clock()
    {
        ManualTimeProvider time = new(TimeProvider.System.GetUtcNow());
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync(time);
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        HubSettings settings = new() { Site = "Site", Sources = [hub.Ldif("anna")], ConfigurationSyncInterval = TimeSpan.FromDays(1) };
        HubSynchronizer synchronizer = hub.Synchronizer(settings);
        HubSchedule schedule = new(synchronizer, settings, time, NullLoggerFactory.Instance);
        using CancellationTokenSource stop = new();
        Task run = schedule.RunAsync(stop.Token);
        DateTimeOffset first = await NextAsync(synchronizer, default);

        // By hand after 4 minutes: the next one is due 5 minutes after that, not after the first.
        time.Advance(TimeSpan.FromMinutes(4));
        await schedule.StartNowAsync(new SyncStart { Type = SyncType.Recipients });
        DateTimeOffset manual = await NextAsync(synchronizer, first);
        Assert.Equal(TimeSpan.FromMinutes(4), manual - first);
        time.Advance(TimeSpan.FromMinutes(4));
        time.Advance(TimeSpan.FromMinutes(1));
        DateTimeOffset scheduled = await NextAsync(synchronizer, manual);
        Assert.Equal(TimeSpan.FromMinutes(5), scheduled - manual);

        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task Clock_set_back_by_a_year_stops_neither_the_interval_nor_the_bell()
    {
        ManualClock clock = new();
        clock.Jump(TimeProvider.System.GetUtcNow() - clock.GetUtcNow());
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync(clock);
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        SourceSettings source = hub.Ldif("anna");
        HubSettings settings = new() { Site = "Site", Sources = [source], RecipientSyncInterval = TimeSpan.FromSeconds(20), ConfigurationSyncInterval = TimeSpan.FromDays(1) };
        HubSynchronizer synchronizer = hub.Synchronizer(settings);
        HubSchedule schedule = new(synchronizer, settings, clock, NullLoggerFactory.Instance);
        using CancellationTokenSource stop = new();
        Task run = schedule.RunAsync(stop.Token);
        await PassAsync(clock, () => Last(synchronizer) is { Succeeded: true });

        DateTimeOffset set = clock.GetUtcNow();
        clock.Jump(TimeSpan.FromDays(-365));
        await PassAsync(clock, () => Last(synchronizer) is { Succeeded: true } last && last.StartUtc < set);

        await File.AppendAllTextAsync(source.Path!, "\ndn: cn=berta,dc=example,dc=com\nobjectClass: person\ncn: berta\nsn: b\nmail: berta@example.com\n");
        DateTimeOffset written = clock.GetUtcNow();
        await PassAsync(clock, () => Last(synchronizer) is { Added: 1 } last && last.StartUtc >= written);
        await stop.CancelAsync();
        await run;
    }

    [Fact]
    public async Task Edge_that_is_left_to_its_importer_is_synchronized_first_by_it_and_by_the_schedule_afterwards()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync(TimeProvider.System);
        HubSettings settings = new() { Site = "Site", Sources = [hub.Ldif("anna")] };
        HubSynchronizer synchronizer = hub.Synchronizer(settings);
        HubSchedule schedule = new(synchronizer, settings, TimeProvider.System, NullLoggerFactory.Instance);
        using CancellationTokenSource stop = new();
        SyncResult first;
        Task run;
        using (schedule.Leave("edge1"))
        {
            HubSubscription imported = await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
            Assert.Equal("edge1", imported.Name);
            run = schedule.RunAsync(stop.Token);
            first = (await schedule.StartNowAsync(new SyncStart { EdgeName = imported.Name })).Single(result => result.Type == SyncType.Recipients);
            Assert.Equal((SyncOutcome.Success, 1), (first.Result, first.Added));
        }

        await NextAsync(synchronizer, first.StartUtc);
        await stop.CancelAsync();
        await run;
    }

    private static SyncResult? Last(HubSynchronizer synchronizer) => synchronizer.LastResults.FirstOrDefault(result => result.Type == SyncType.Recipients);

    /// <summary>Time goes on, slowly enough that no request is given up for it.</summary>
    private static async Task PassAsync(ManualClock clock, Func<bool> until)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (!until())
        {
            clock.Advance(TimeSpan.FromSeconds(0.5));
            await Task.Delay(25, patience.Token);
        }
    }

    private static async Task<DateTimeOffset> NextAsync(HubSynchronizer synchronizer, DateTimeOffset after)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
        while (true)
        {
            if (synchronizer.LastResults.FirstOrDefault(result => result.Type == SyncType.Recipients) is { } result && result.StartUtc > after)
            {
                return result.StartUtc;
            }

            await Task.Delay(10, patience.Token);
        }
    }
}

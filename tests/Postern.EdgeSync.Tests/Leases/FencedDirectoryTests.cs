using Postern.Directory;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Leases;

public sealed class FencedDirectoryTests
{
    [Fact]
    public async Task Batch_of_a_hub_that_was_overtaken_applies_nothing()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub first = bench.Hub("HUB1");
        using BenchHub second = bench.Hub("HUB2");
        FencedDirectory stale = await first.GuardedAsync();
        Assert.True((await stale.BatchAsync([BenchHub.Recipient("a")])).Result.IsSuccess);
        second.Time.Advance(TimeSpan.FromMinutes(8));
        FencedDirectory edge = await second.GuardedAsync();
        await Assert.ThrowsAsync<LeaseLostException>(() => stale.BatchAsync([BenchHub.Recipient("b"), BenchHub.Recipient("c")]));
        await Assert.ThrowsAsync<LeaseLostException>(() => stale.AddAsync(BenchHub.Recipient("d")));
        await Assert.ThrowsAsync<LeaseLostException>(() => stale.DeleteAsync(new DelRequest($"cn=a,{EdgeLayout.Recipients}")));
        Assert.True((await edge.BatchAsync([BenchHub.Recipient("e")])).Result.IsSuccess);
        Assert.Equal(2, await bench.RecipientsAsync());
        Assert.False(first.Lease.View.IsOurs);
        Assert.False((await first.AskAsync()).IsOurs);
    }

    [Fact]
    public async Task Failed_operation_is_counted_without_the_fence()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        FencedDirectory edge = await hub.GuardedAsync();
        BatchResult result = await edge.BatchAsync([BenchHub.Recipient("a"), new DelRequest($"cn=nobody,{EdgeLayout.Recipients}")]);
        Assert.Equal((LdapResultCode.NoSuchObject, 1), (result.Result.Code, result.FailedOperation));
        result = await edge.BatchAsync([new DelRequest($"cn=nobody,{EdgeLayout.Recipients}")]);
        Assert.Equal((LdapResultCode.NoSuchObject, 0), (result.Result.Code, result.FailedOperation));
        Assert.Equal(0, await bench.RecipientsAsync());
    }

    [Fact]
    public async Task Missing_attribute_of_an_entry_is_not_a_lost_lease()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        FencedDirectory edge = await hub.GuardedAsync();
        await edge.AddAsync(BenchHub.Recipient("a"));
        BatchResult result = await edge.BatchAsync(
            [new ModifyRequest($"cn=a,{EdgeLayout.Recipients}", new Modification(ModificationType.Delete, new LdapAttribute(PosternAttributes.Source, "x")))]);
        Assert.Equal((LdapResultCode.NoSuchAttribute, 0), (result.Result.Code, result.FailedOperation));
        Assert.True(hub.Lease.View.IsOurs);
    }

    [Fact]
    public async Task Fence_advances_when_the_edge_starts_again_or_is_subscribed_anew()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        using BenchHub other = bench.Hub("HUB2");
        FencedDirectory edge = await hub.GuardedAsync();
        IDirectory system = bench.Engine.As(Principal.System);
        (await system.ModifyAsync(LeaseEntry.ToAdvance())).ThrowIfFailed("advance");
        await Assert.ThrowsAsync<LeaseLostException>(() => edge.BatchAsync([BenchHub.Recipient("a")]));
        Assert.False((await other.AskAsync()).IsOurs); // the holder stays the holder
        Assert.Equal(3, (await hub.AskAsync()).Fence);
        (await system.ModifyAsync(LeaseEntry.ToBreak())).ThrowIfFailed("break");
        Assert.Equal((true, 5L), ((await other.AskAsync()).IsOurs, (await bench.ReadAsync()).Fence));
    }

    [Fact]
    public async Task Renewal_that_did_not_apply_is_made_again()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        FencedDirectory edge = await hub.GuardedAsync();
        hub.Time.Advance(TimeSpan.FromMinutes(3));
        Assert.False((await edge.BatchAsync([new DelRequest($"cn=nobody,{EdgeLayout.Recipients}")])).Result.IsSuccess);
        DateTimeOffset? before = (await bench.ReadAsync()).Document!.LockUntil;
        Assert.Equal(TimeSpan.Zero, hub.Lease.UntilRenewal());
        await edge.BatchAsync([BenchHub.Recipient("a")]);
        Assert.Equal(before + TimeSpan.FromMinutes(3), (await bench.ReadAsync()).Document!.LockUntil);
    }

    [Fact]
    public async Task Keeper_renews_the_lock_while_nothing_is_sent_and_stops_when_it_is_lost()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        FencedDirectory edge = await hub.GuardedAsync();
        DateTimeOffset? before = hub.Lease.View.LockUntil;
        await using LeaseKeeper keeper = LeaseKeeper.Start(hub.Lease, edge, another: null, hub.Time, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        hub.Time.Advance(TimeSpan.FromMinutes(2));
        await Eventually.HoldsAsync(() => hub.Lease.View.LockUntil > before);
        await bench.Engine.As(Principal.System).ModifyAsync(LeaseEntry.ToBreak());
        hub.Time.Advance(TimeSpan.FromMinutes(2));
        await Eventually.HoldsAsync(() => !hub.Lease.View.IsOurs);
        Assert.Equal(2, (await bench.ReadAsync()).Fence);
    }

    [Fact]
    public async Task Fence_alone_leaves_the_lease_entry_as_it_is()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        FencedDirectory edge = await hub.GuardedAsync();
        await edge.AddAsync(BenchHub.Recipient("a"));
        string stamp = await StampAsync(bench);
        for (int i = 0; i < 3; i++)
        {
            await edge.AddAsync(BenchHub.Recipient($"b{i}"));
        }

        Assert.Equal(stamp, await StampAsync(bench));
    }

    private static async Task<string> StampAsync(LeaseBench bench)
    {
        await foreach (LdapEntry entry in bench.Engine.As(Principal.System).SearchAsync(SearchRequest.ReadEntry(EdgeLayout.Lease, "entryCSN", "modifyTimestamp")))
        {
            return $"{entry.FirstString("entryCSN")} {entry.FirstString("modifyTimestamp")}";
        }

        return "";
    }
}

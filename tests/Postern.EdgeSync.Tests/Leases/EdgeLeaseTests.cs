using Postern.Directory;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Leases;

[Trait("RFC", "4528")]
public sealed class EdgeLeaseTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Lease_goes_to_the_first_hub_and_keeps_others_out()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub first = bench.Hub("HUB1");
        using BenchHub second = bench.Hub("HUB2");
        LeaseAnswer ours = await first.AskAsync();
        LeaseAnswer theirs = await second.AskAsync();
        Assert.True(ours.IsOurs);
        Assert.Equal(1, ours.Fence);
        Assert.False(theirs.IsOurs);
        Assert.Equal("HUB1", theirs.Holder);
        Assert.Equal(second.Time.GetUtcNow() + (6 * Minute), theirs.Until);
        Assert.Equal(("HUB1", false), (second.Lease.View.Holder, second.Lease.View.IsOurs));
        Assert.True(first.Lease.View.IsOurs);
    }

    [Fact]
    public async Task Lock_is_renewed_only_when_its_end_is_near_and_keeps_its_fence()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        await hub.AskAsync();
        ReadOnlyMemory<byte> before = (await bench.ReadAsync()).Octets;
        hub.Time.Advance(1.9 * Minute);
        await hub.AskAsync();
        LeaseEntry same = await bench.ReadAsync();
        Assert.True(before.Span.SequenceEqual(same.Octets.Span));
        hub.Time.Advance(0.2 * Minute);
        LeaseAnswer answer = await hub.AskAsync();
        LeaseEntry after = await bench.ReadAsync();
        Assert.False(before.Span.SequenceEqual(after.Octets.Span));
        Assert.Equal(hub.Time.GetUtcNow() + (6 * Minute), after.Document!.LockUntil);
        Assert.Equal((1, 1), (answer.Fence, after.Fence));
    }

    [Fact]
    public async Task Batch_renews_the_lock_in_passing()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        FencedDirectory edge = await hub.GuardedAsync();
        hub.Time.Advance(5 * Minute);
        Assert.True((await edge.BatchAsync([BenchHub.Recipient("a")])).Result.IsSuccess);
        Assert.Equal(hub.Time.GetUtcNow() + (6 * Minute), (await bench.ReadAsync()).Document!.LockUntil);
    }

    [Fact]
    public async Task Lock_that_is_not_renewed_goes_to_another_hub_with_a_greater_fence()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub first = bench.Hub("HUB1");
        using BenchHub second = bench.Hub("HUB2");
        await first.AskAsync();
        second.Time.Advance(5.9 * Minute);
        Assert.False((await second.AskAsync(forced: true)).IsOurs); // seen for the first time: only the clocks count, and they may differ
        second.Time.Advance(1.2 * Minute);
        LeaseAnswer taken = await second.AskAsync();
        Assert.Equal((true, 2), (taken.IsOurs, taken.Fence));
    }

    [Fact]
    public async Task Lease_that_stays_the_same_for_a_whole_lock_is_taken_whatever_the_clocks_say()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub first = bench.Hub("HUB1", clockAhead: TimeSpan.FromDays(400));
        using BenchHub second = bench.Hub("HUB2");
        await first.AskAsync();
        LeaseAnswer waits = await second.AskAsync();
        Assert.Equal(second.Time.GetUtcNow() + (6 * Minute), waits.Until);
        second.Time.Advance(5.9 * Minute);
        Assert.False((await second.AskAsync(forced: true)).IsOurs);
        second.Time.Advance(0.2 * Minute);
        Assert.True((await second.AskAsync()).IsOurs);
    }

    [Fact]
    public async Task Renewed_lease_is_not_silent()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub first = bench.Hub("HUB1", clockAhead: TimeSpan.FromDays(400));
        using BenchHub second = bench.Hub("HUB2");
        await first.AskAsync();
        for (int i = 0; i < 5; i++)
        {
            Assert.False((await second.AskAsync()).IsOurs);
            first.Time.Advance(3 * Minute);
            await first.AskAsync();
            second.Time.Advance(3 * Minute);
        }

        Assert.False((await second.AskAsync()).IsOurs);
    }

    [Fact]
    public async Task Released_lock_leaves_the_option_which_only_a_hand_overrides()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub first = bench.Hub("HUB1");
        using BenchHub second = bench.Hub("HUB2");
        using BenchHub third = bench.Hub("HUB3");
        await first.AskAsync();
        await first.ReleaseAsync();
        second.Time.Advance(10 * Minute);
        third.Time.Advance(10 * Minute);
        Assert.False((await third.AskAsync()).IsOurs);
        Assert.True((await second.AskAsync(forced: true)).IsOurs);
        Assert.False((await third.AskAsync(forced: true)).IsOurs); // a lock again
    }

    [Fact]
    public async Task Option_ends_and_the_holder_may_come_back_before()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub first = bench.Hub("HUB1");
        using BenchHub second = bench.Hub("HUB2");
        await first.AskAsync();
        await first.ReleaseAsync();
        Assert.False(first.Lease.View.IsOurs);
        Assert.Equal(2, (await first.AskAsync()).Fence);
        await first.ReleaseAsync();
        second.Time.Advance(31.1 * Minute);
        Assert.True((await second.AskAsync()).IsOurs);
    }

    [Fact]
    public async Task Hub_that_was_killed_takes_its_own_lease_again_at_once_and_a_fence_further()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub before = bench.Hub("HUB1", process: "1");
        using BenchHub after = bench.Hub("HUB1", process: "2");
        FencedDirectory old = await before.GuardedAsync();
        Assert.Equal((true, 2), ((await after.AskAsync()).IsOurs, (await bench.ReadAsync()).Fence));
        await Assert.ThrowsAsync<LeaseLostException>(() => old.BatchAsync([BenchHub.Recipient("late")]));
    }

    [Fact]
    public async Task Lease_is_taken_by_one_of_many_who_ask_at_once()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        BenchHub[] hubs = [.. Enumerable.Range(1, 16).Select(n => bench.Hub($"HUB{n}"))];
        LeaseAnswer[] answers = await Task.WhenAll(hubs.Select(hub => Task.Run(() => hub.AskAsync())));
        Assert.Single(answers, answer => answer.IsOurs);
        Assert.Equal(1, (await bench.ReadAsync()).Fence);
        Array.ForEach(hubs, hub => hub.Dispose());
    }

    [Fact]
    public async Task Release_after_another_took_over_changes_nothing()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub first = bench.Hub("HUB1");
        using BenchHub second = bench.Hub("HUB2");
        await first.AskAsync();
        second.Time.Advance(8 * Minute);
        Assert.True((await second.AskAsync()).IsOurs);
        await first.ReleaseAsync();
        Assert.Equal("HUB2", (await bench.ReadAsync()).Document!.Holder);
        Assert.NotNull((await bench.ReadAsync()).Document!.LockUntil);
    }

    [Fact]
    public async Task Lease_that_nobody_can_read_is_free()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        IDirectory edge = bench.Engine.As(Principal.System);
        await edge.ModifyAsync(new ModifyRequest(
            EdgeLayout.Lease, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.EdgeSyncLease, "{\"holder\":"))));
        using BenchHub hub = bench.Hub("HUB1");
        Assert.True((await hub.AskAsync()).IsOurs);
    }

    [Theory]
    [InlineData(DirectoryRole.Replication)]
    [InlineData(DirectoryRole.Operator)]
    public async Task Lease_entry_is_taken_away_by_nobody(DirectoryRole role)
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        IDirectory edge = bench.Engine.As(new Principal($"cn=ESRA.edge.HUB1.0,{EdgeLayout.Accounts}", role));
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await edge.DeleteAsync(new DelRequest(EdgeLayout.Lease))).Code);
    }
}

using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Leases;

public sealed class LeaseKeeperTests
{
    [Fact]
    public async Task Renewal_that_failed_is_tried_again()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        LeaseAnswer answer = await hub.AskAsync();
        DateTimeOffset before = answer.Until;
        FailingEdge edge = new(hub.Session) { Failures = 3 };
        await using LeaseKeeper keeper = LeaseKeeper.Start(hub.Lease, hub.Lease.Guard(edge, answer), another: null, hub.Time, NullLogger.Instance);
        await MoveUntilAsync(hub.Time, () => hub.Lease.View.LockUntil > before);
        Assert.Equal(4, edge.Asked);

        // At the end of two minutes, and three times half a minute later.
        Assert.Equal(before + TimeSpan.FromMinutes(3.5), hub.Lease.View.LockUntil);
        Assert.Equal((1, hub.Lease.View.LockUntil), ((await bench.ReadAsync()).Fence, (await bench.ReadAsync()).Document!.LockUntil));
        Assert.False(keeper.HasEnded);
    }

    [Fact]
    public async Task Renewal_over_a_session_that_broke_goes_over_another_one()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        LeaseAnswer answer = await hub.AskAsync();
        FailingEdge edge = new(hub.Session) { Failures = int.MaxValue, IsBroken = true };
        int opened = 0;
        Closing closing = new();
        Task<LeaseLine> OpenAsync(CancellationToken cancellationToken) => ++opened == 1
            ? throw new LdapConnectionException(LdapFailureKind.ConnectionLost, "no way", "")
            : Task.FromResult(new LeaseLine(hub.Lease.Guard(hub.Session, answer), closing));
        await using LeaseKeeper keeper = LeaseKeeper.Start(hub.Lease, hub.Lease.Guard(edge, answer), OpenAsync, hub.Time, NullLogger.Instance);
        await MoveUntilAsync(hub.Time, () => hub.Lease.View.LockUntil > answer.Until);
        Assert.Equal((1, 2), (edge.Asked, opened));
        await Eventually.HoldsAsync(() => closing.Count == 1);
    }

    [Fact]
    public async Task Keeper_ends_with_the_lock_and_another_hub_takes_over()
    {
        await using LeaseBench bench = await LeaseBench.StartAsync();
        using BenchHub hub = bench.Hub("HUB1");
        LeaseAnswer answer = await hub.AskAsync();
        FailingEdge edge = new(hub.Session) { Failures = int.MaxValue };
        await using LeaseKeeper keeper = LeaseKeeper.Start(hub.Lease, hub.Lease.Guard(edge, answer), another: null, hub.Time, NullLogger.Instance);
        await MoveUntilAsync(hub.Time, () => keeper.HasEnded);
        Assert.Equal(answer.Until, hub.Time.GetUtcNow());
        using BenchHub second = bench.Hub("HUB2");
        second.Time.AdvanceTo(hub.Time.GetUtcNow() + TimeSpan.FromMinutes(1));
        Assert.Equal((true, 2), ((await second.AskAsync()).IsOurs, (await bench.ReadAsync()).Fence));
    }

    /// <summary>Moves from timer to timer, each time that one is waited for.</summary>
    private static Task MoveUntilAsync(ManualTimeProvider time, Func<bool> condition) => Eventually.HoldsAsync(() =>
    {
        if (!condition() && time.UntilNextTimer is { } next)
        {
            time.Advance(next);
        }

        return condition();
    });

    private sealed class Closing : IAsyncDisposable
    {
        public int Count { get; private set; }

        public ValueTask DisposeAsync()
        {
            Count++;
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>An edge that refuses batches, or whose session is broken.</summary>
    private sealed class FailingEdge(IDirectory inner) : IDirectory
    {
        public int Failures { get; init; }

        public bool IsBroken { get; init; }

        public int Asked { get; private set; }

        public Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default) => Asked++ >= Failures
            ? inner.BatchAsync(operations, cancellationToken)
            : IsBroken
                ? throw new LdapConnectionException(LdapFailureKind.ConnectionLost, "the session is gone", "")
                : Task.FromResult(new BatchResult(new LdapResult(LdapResultCode.Busy, "later"), -1));

        public IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) => inner.SearchAsync(request, cancellationToken);

        public Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default) => inner.CompareAsync(request, cancellationToken);

        public Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) => inner.AddAsync(request, cancellationToken);

        public Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) => inner.ModifyAsync(request, cancellationToken);

        public Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) => inner.DeleteAsync(request, cancellationToken);

        public Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) => inner.ModifyDnAsync(request, cancellationToken);
    }
}

using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.EdgeSync.Synchronization.State;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Synchronization;

/// <summary>What the guard does with entries that stay and lose a part of what they have, and with an operator's word.</summary>
public sealed class LossGuardTests : IAsyncLifetime, IDisposable
{
    private const int People = 400;

    private readonly TempFolder _folder = new();
    private readonly AddressHashKey _key = AddressHashKey.Generate();
    private readonly ManualTimeProvider _time = new();
    private readonly FeedSource _source = new("a");
    private readonly List<(AuditAction Action, EntryId Id)> _decisions = [];
    private DirectoryEngine _engine = null!;
    private IDirectory _target = null!;
    private int _mostChanges = new CycleLimits().MostChanges;

    public async Task InitializeAsync()
    {
        _engine = PosternDirectories.OpenEdge(new EdgePaths(_folder["edge"]), _time, NullLoggerFactory.Instance);
        await DirectoryStructure.EnsureEdgeAsync(_engine.As(Principal.System), CancellationToken.None);
        _target = _engine.As(new Principal("cn=ESRA.edge.HUB1.0,ou=accounts,o=edge", DirectoryRole.Replication));
        Each(0, People, First, Second);
        await GoodAsync();
    }

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(49, false, false)]
    [InlineData(50, true, false)]
    [InlineData(51, true, false)]
    [InlineData(49, false, true)]
    [InlineData(50, true, true)]
    [InlineData(51, true, true)]
    public async Task Entries_that_lose_an_address_are_counted_as_deletions_are(int losers, bool held, bool whole)
    {
        Each(0, losers, First);
        _time.Advance(whole ? TimeSpan.FromHours(25) : TimeSpan.Zero);
        (SyncOutcome outcome, SyncCycle cycle) = await RunAsync();
        Assert.Equal(held ? SyncOutcome.HeldByGuard : SyncOutcome.Success, outcome);
        Assert.Equal((losers, held ? losers : 0L), (cycle.Confirmed.Updated, cycle.DeletesHeld));
        Assert.Equal(People + (held ? People : People - losers), await AddressesAsync());
    }

    [Fact]
    public async Task Deletions_and_lost_addresses_count_together()
    {
        Each(0, 25, First);
        for (int i = 100; i < 125; i++)
        {
            _source.Remove($"{i}");
        }

        (SyncOutcome outcome, SyncCycle cycle) = await RunAsync();
        Assert.Equal((SyncOutcome.HeldByGuard, 50L, 0), (outcome, cycle.DeletesHeld, cycle.Confirmed.Deleted));
        HeldIds held = (await StateAsync()).Held;
        Assert.Equal((25, 25), (held.Held.Values.Count(loss => loss.IsDeletion), held.Held.Values.Count(loss => loss == new Loss(false, 1, false))));
    }

    [Fact]
    public async Task Few_by_few_do_not_slip_through()
    {
        Each(0, 30, First);
        await GoodAsync();
        _time.Advance(TimeSpan.FromMinutes(10));
        Each(30, 60, First);
        Assert.Equal(SyncOutcome.HeldByGuard, (await RunAsync()).Outcome);
        Assert.Equal((2 * People) - 30, await AddressesAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Addresses_that_go_to_another_entry_are_no_loss(bool whole)
    {
        for (int i = 0; i < People; i += 2)
        {
            Set(i, First(i), Second(i + 1));
            Set(i + 1, First(i + 1), Second(i));
        }

        _time.Advance(whole ? TimeSpan.FromHours(25) : TimeSpan.Zero);
        SyncCycle cycle = await GoodAsync();
        Assert.Equal(0, cycle.DeletesHeld);
        Assert.Equal(2 * People, await AddressesAsync());
        Assert.Empty((await StateAsync()).Document.Deletes);
    }

    [Fact]
    public async Task Additions_go_on_while_losses_are_held()
    {
        Each(0, 100, First, Third);
        Assert.Equal(SyncOutcome.HeldByGuard, (await RunAsync()).Outcome);
        Assert.Equal((2 * People) + 100, await AddressesAsync());
        Set(0, First(0), "more@example.com");
        Assert.Equal(SyncOutcome.HeldByGuard, (await RunAsync()).Outcome);
        Assert.Equal((2 * People) + 101, await AddressesAsync());
    }

    [Fact]
    public async Task Held_addresses_can_be_taken_over()
    {
        Each(0, 100, First);
        await RunAsync();
        Set(200, First(200), Second(200), Second(0));
        _time.Advance(TimeSpan.FromHours(25));
        Assert.Equal(99, (await RunAsync()).Cycle.DeletesHeld);
        Assert.Equal(2 * People, await AddressesAsync());
    }

    [Fact]
    public async Task Losses_dissolve_one_by_one()
    {
        Each(0, 100, First);
        await RunAsync();
        Each(0, 40, First, Second);
        (SyncOutcome outcome, SyncCycle cycle) = await RunAsync();
        Assert.Equal((SyncOutcome.HeldByGuard, 60L), (outcome, cycle.DeletesHeld));
        Assert.Equal(40, _decisions.Count(one => one.Action == AuditAction.Release));
        Each(40, 100, First, Second);
        Assert.Equal(0, (await GoodAsync()).DeletesHeld);
        Assert.Equal(100, _decisions.Where(one => one.Action == AuditAction.Release).Distinct().Count());
        Assert.Equal(0, (await GoodAsync()).Pipeline!.OperationsSent);
    }

    [Fact]
    public async Task Approved_losses_go_and_do_not_count_for_the_next_hour()
    {
        Each(0, 200, First);
        await RunAsync();
        (SyncOutcome outcome, SyncCycle cycle) = await RunAsync(new SyncStart { ApproveHeld = true });
        Assert.Equal((SyncOutcome.Success, 200, 0L), (outcome, cycle.Confirmed.Updated, cycle.DeletesHeld));
        Assert.Equal((2 * People) - 200, await AddressesAsync());
        Assert.Equal(200, _decisions.Count(one => one.Action == AuditAction.Approve));
        Assert.Empty((await StateAsync()).Document.Deletes);
        _source.Remove("300");
        Assert.Equal(1, (await GoodAsync()).Confirmed.Deleted);
    }

    [Fact]
    public async Task Rejected_losses_are_kept_until_they_are_approved_after_all()
    {
        Each(0, 100, First);
        await RunAsync();
        Assert.Equal(SyncOutcome.Success, (await RunAsync(new SyncStart { RejectDeletes = true })).Outcome);
        _time.Advance(TimeSpan.FromHours(25));
        Assert.Equal(0, (await GoodAsync()).Confirmed.Updated);
        Assert.Equal(2 * People, await AddressesAsync());
        Assert.Equal(100, (await StateAsync()).Held.Rejected.Count);

        // Approving what is held is not approving what was rejected.
        await RunAsync(new SyncStart { ApproveHeld = true });
        Assert.Equal(2 * People, await AddressesAsync());
        Assert.Equal(100, (await RunAsync(new SyncStart { ApproveRejected = true })).Cycle.Confirmed.Updated);
        Assert.Equal((2 * People) - 100, await AddressesAsync());
        Assert.Empty((await StateAsync()).Held.Rejected);
    }

    [Fact]
    public async Task Rejected_deletions_go_when_they_are_approved_after_all()
    {
        for (int i = 0; i < 100; i++)
        {
            _source.Remove($"{i}");
        }

        await RunAsync();
        await RunAsync(new SyncStart { RejectDeletes = true });
        (SyncOutcome outcome, SyncCycle cycle) = await RunAsync(new SyncStart { ApproveRejected = true });
        Assert.Equal((SyncOutcome.Success, 100), (outcome, cycle.Confirmed.Deleted));
        Assert.Empty((await StateAsync()).Held.Rejected);
        Assert.Equal(2 * (People - 100), await AddressesAsync());
    }

    [Fact]
    public async Task Rejected_loss_of_an_address_is_no_rejected_deletion()
    {
        Each(0, 100, First);
        await RunAsync();
        await RunAsync(new SyncStart { RejectDeletes = true });
        _source.Remove("0");
        Assert.Equal(1, (await GoodAsync()).Confirmed.Deleted);
        Assert.Equal(99, (await StateAsync()).Held.Rejected.Count);
    }

    /// <summary>What is beyond memory keeps what it has, without waiting for the count, and nothing is unknown meanwhile.</summary>
    [Fact]
    public async Task More_losses_than_a_cycle_gathers_are_held_at_once()
    {
        _mostChanges = 30;
        Each(0, 100, First);
        (SyncOutcome outcome, SyncCycle cycle) = await RunAsync();
        Assert.Equal((SyncOutcome.HeldByGuard, 100L), (outcome, cycle.DeletesHeld));
        Assert.Equal(2 * People, await AddressesAsync());
        Assert.Equal(SyncOutcome.Success, (await RunAsync(new SyncStart { ApproveHeld = true })).Outcome);
        Assert.Equal((2 * People) - 100, await AddressesAsync());
    }

    [Fact]
    public async Task Few_losses_beyond_what_a_cycle_gathers_go_with_the_next_ones()
    {
        _mostChanges = 15;
        Each(0, 40, First);
        Assert.Equal(SyncOutcome.Success, (await RunAsync()).Outcome);
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromHours(2));
            await RunAsync();
        }

        Assert.Equal((2 * People) - 40, await AddressesAsync());
        Assert.Null((await StateAsync()).Document.WholeBecause);
    }

    private static string First(int number) => string.Create(CultureInfo.InvariantCulture, $"first{number}@example.com");

    private static string Second(int number) => string.Create(CultureInfo.InvariantCulture, $"second{number}@example.com");

    private static string Third(int number) => string.Create(CultureInfo.InvariantCulture, $"third{number}@example.com");

    private void Set(int number, params string[] addresses) => _source.Set($"{number}", addresses);

    private void Each(int first, int end, params Func<int, string>[] addresses)
    {
        for (int i = first; i < end; i++)
        {
            Set(i, [.. addresses.Select(address => address(i))]);
        }
    }

    private async Task<SyncCycle> GoodAsync()
    {
        (SyncOutcome outcome, SyncCycle cycle) = await RunAsync();
        Assert.Equal(SyncOutcome.Success, outcome);
        return cycle;
    }

    private async Task<(SyncOutcome Outcome, SyncCycle Cycle)> RunAsync(SyncStart? start = null)
    {
        SyncCycle cycle = Cycle(start ?? new SyncStart(), null);
        CycleEnd end = await cycle.RunAsync(CancellationToken.None);
        if (end.Again is not null)
        {
            cycle = Cycle(start ?? new SyncStart(), end.State);
            end = await cycle.RunAsync(CancellationToken.None);
        }

        return (end.Outcome, cycle);
    }

    private SyncCycle Cycle(SyncStart start, EdgeState? known) => new(
        _target,
        new SyncContent(
            EdgeLayout.RecipientsState,
            "recipients",
            [SyncPart.Recipients],
            [new SyncSource(_source, () => new RecipientProjection(new SourceSettings { Name = _source.Name, Type = SourceType.Ldif }, _key), "1")],
            new DeleteGuard(0.1, 50, HoldWhenEmpty: true)),
        start,
        new BatchLimits(),
        new CycleLimits { MostChanges = _mostChanges },
        _time,
        "HUB1",
        (_, _) => { })
    {
        Known = known,
        Decided = (action, id, _, _) => _decisions.Add((action, id)),
    };

    private Task<EdgeState> StateAsync() => SyncStateEntry.ReadAsync(_target, EdgeLayout.RecipientsState, CancellationToken.None);

    /// <summary>That the edge knows; each belongs to one entry.</summary>
    private async Task<int> AddressesAsync()
    {
        HashSet<string> known = [];
        await foreach (LdapEntry entry in _target.SearchAsync(new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, [PosternAttributes.AddressHash])))
        {
            Assert.All(entry.Find(PosternAttributes.AddressHash)?.Values ?? [], hash => Assert.True(known.Add(Convert.ToHexString(hash.Span))));
        }

        return known.Count;
    }
}

using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.EdgeSync.Projection;
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

/// <summary>Cycles of sources that say what changed, into a real engine in this process.</summary>
public sealed class DeltaCycleTests : IAsyncLifetime, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly AddressHashKey _key = AddressHashKey.Generate();
    private readonly ManualTimeProvider _time = new();
    private readonly FeedSource _a = new("a");
    private readonly FeedSource _b = new("b");
    private DirectoryEngine _engine = null!;
    private IDirectory _target = null!;
    private string _fingerprint = "1";

    public async Task InitializeAsync()
    {
        _engine = PosternDirectories.OpenEdge(new EdgePaths(_folder["edge"]), _time, NullLoggerFactory.Instance);
        await DirectoryStructure.EnsureEdgeAsync(_engine.As(Principal.System), CancellationToken.None);
        _target = _engine.As(new Principal("cn=ESRA.edge.HUB1.0,ou=accounts,o=edge", DirectoryRole.Replication));
    }

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Only_changes_are_looked_up_and_an_idle_cycle_writes_nothing()
    {
        _a.Set("1", "one@example.com");
        _a.Set("2", "two@example.com");
        await RunAsync();
        _a.Set("2", "zwei@example.com");
        _a.Set("3", "three@example.com");
        _a.Remove("1");
        SyncCycle cycle = await RunAsync();
        Assert.Equal((1, 1, 1, 0L), (cycle.Confirmed.Added, cycle.Confirmed.Updated, cycle.Confirmed.Deleted, cycle.TargetScanned));
        Assert.Equal(1, cycle.Pipeline!.BatchesSent);

        cycle = await RunAsync();
        Assert.Equal(0, cycle.Pipeline!.OperationsSent);
        _time.Advance(TimeSpan.FromMinutes(2));
        cycle = await RunAsync();
        Assert.Equal(1, cycle.Pipeline!.OperationsSent); // it still says that it was there
        Assert.Equal(["", "2", "5", "5"], _a.Asked);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("""{"version":99}""")]
    [InlineData("full 3 00")]
    public async Task State_that_cannot_be_read_means_a_whole_compare(string text)
    {
        _a.Set("1", "one@example.com");
        await RunAsync();
        await WriteStateAsync(text);
        SyncCycle cycle = await RunAsync();
        Assert.Equal(0, cycle.Confirmed.Total);
        Assert.All(cycle.Whole, whole => Assert.Contains("state", whole.Because, StringComparison.Ordinal));
        await RunAsync();
        Assert.Equal(["", "", "1"], _a.Asked);
    }

    [Fact]
    public async Task Other_settings_an_old_cookie_and_a_day_mean_a_whole_compare()
    {
        _a.Set("1", "one@example.com");
        await RunAsync();
        _fingerprint = "2";
        await RunAsync();
        _time.Advance(TimeSpan.FromHours(25));
        await RunAsync();
        await RunAsync();
        Assert.Equal(["", "", "", "1"], _a.Asked);
    }

    [Fact]
    public async Task Swap_release_and_re_creation_come_out_right()
    {
        _a.Set("1", "one@example.com");
        _a.Set("2", "two@example.com");
        _a.Set("3", "one@example.com", "three@example.com");
        await RunAsync();
        Assert.Equal("1", await OwnerAsync("one@example.com"));

        _a.Set("1", "two@example.com");
        _a.Set("2", "one@example.com");
        await RunAsync();
        Assert.Equal(("2", "1"), (await OwnerAsync("one@example.com"), await OwnerAsync("two@example.com")));

        _a.Remove("2");
        await RunAsync();
        Assert.Equal("3", await OwnerAsync("one@example.com"));

        _a.Remove("3");
        _a.Set("4", "three@example.com", "one@example.com");
        await RunAsync();
        Assert.Equal(("4", "4"), (await OwnerAsync("one@example.com"), await OwnerAsync("three@example.com")));
    }

    [Fact]
    public async Task Entry_moves_between_sources()
    {
        _a.Set("1", "one@example.com");
        _a.Set("2", "two@example.com");
        _b.Set("3", "three@example.com");
        await RunAsync();
        _a.Remove("1");
        _b.Set("1", "one@example.com", "uno@example.com");
        SyncCycle cycle = await RunAsync();
        Assert.Equal((0, 1, 0), (cycle.Confirmed.Added, cycle.Confirmed.Updated, cycle.Confirmed.Deleted));
        Assert.Equal("1", await OwnerAsync("uno@example.com"));
    }

    [Fact]
    public async Task Held_deletions_are_staged_while_the_rest_goes_on_and_dissolve()
    {
        Many(0, 600);
        await RunAsync();
        for (int i = 0; i < 61; i++)
        {
            _a.Remove($"{i:000}");
        }

        _a.Set("new", "new@example.com");
        (SyncOutcome outcome, SyncCycle cycle) = await RunWithOutcomeAsync(new SyncStart());
        Assert.Equal((SyncOutcome.HeldByGuard, 1, 0, 61), (outcome, cycle.Confirmed.Added, cycle.Confirmed.Deleted, cycle.DeletesHeld));
        Assert.Equal(61, (await StateAsync()).Held.Held.Count);

        Many(0, 30); // the source recovers, a part of it first
        (outcome, cycle) = await RunWithOutcomeAsync(new SyncStart());
        Assert.Equal((SyncOutcome.HeldByGuard, 31), (outcome, cycle.DeletesHeld));
        Many(30, 61);
        (outcome, cycle) = await RunWithOutcomeAsync(new SyncStart());
        Assert.Equal((SyncOutcome.Success, 0, 0), (outcome, cycle.DeletesHeld, cycle.Confirmed.Deleted));
        Assert.Empty((await StateAsync()).Held.Held);
        Assert.Null((await StateAsync()).Document.Held);
    }

    [Fact]
    public async Task Approved_deletions_go_and_rejected_ones_are_not_asked_about_again()
    {
        Many(0, 600);
        await RunAsync();
        for (int i = 0; i < 100; i++)
        {
            _a.Remove($"{i:000}");
        }

        await RunWithOutcomeAsync(new SyncStart());
        (SyncOutcome outcome, SyncCycle cycle) = await RunWithOutcomeAsync(new SyncStart { RejectDeletes = true });
        Assert.Equal((SyncOutcome.Success, 0, 0), (outcome, cycle.DeletesHeld, cycle.Confirmed.Deleted));
        _time.Advance(TimeSpan.FromDays(2)); // a whole compare sees them again
        (outcome, cycle) = await RunWithOutcomeAsync(new SyncStart());
        Assert.Equal((SyncOutcome.Success, 0, 600L), (outcome, cycle.Confirmed.Deleted, cycle.TargetScanned));
        Assert.Equal(100, (await StateAsync()).Held.Rejected.Count);

        Many(0, 100);
        await RunAsync();
        Assert.Empty((await StateAsync()).Held.Rejected);
        for (int i = 0; i < 100; i++)
        {
            _a.Remove($"{i:000}");
        }

        await RunWithOutcomeAsync(new SyncStart());
        (outcome, cycle) = await RunWithOutcomeAsync(new SyncStart { ApproveDeletes = true });
        Assert.Equal((SyncOutcome.Success, 100, 0), (outcome, cycle.Confirmed.Deleted, cycle.DeletesHeld));
        Assert.Equal(500, (await StateAsync()).Document.Entries);
    }

    [Fact]
    public async Task Many_small_deltas_do_not_slip_through_the_guard()
    {
        Many(0, 600);
        await RunAsync();
        SyncOutcome outcome = SyncOutcome.Success;
        int removed = 0;
        while (outcome == SyncOutcome.Success && removed < 100)
        {
            _a.Remove($"{removed++:000}");
            _time.Advance(TimeSpan.FromSeconds(10));
            (outcome, _) = await RunWithOutcomeAsync(new SyncStart());
        }

        Assert.Equal((SyncOutcome.HeldByGuard, 61), (outcome, removed));
    }

    [Fact]
    public async Task Last_entry_of_a_source_is_held()
    {
        _a.Set("1", "one@example.com");
        _b.Set("2", "two@example.com");
        await RunAsync();
        _b.Remove("2");
        Assert.Equal(SyncOutcome.HeldByGuard, (await RunWithOutcomeAsync(new SyncStart())).Outcome);
    }

    [Fact]
    public async Task Only_the_source_that_rang_is_read()
    {
        _a.Set("1", "one@example.com");
        _b.Set("2", "two@example.com");
        await RunAsync();
        _a.Set("1", "eins@example.com");
        _b.Set("2", "zwei@example.com");
        (_, SyncCycle cycle) = await RunWithOutcomeAsync(new SyncStart { Sources = new HashSet<string> { "b" } });
        Assert.Equal(1, cycle.Confirmed.Updated);
        Assert.Equal((1, 2), (_a.Asked.Count, _b.Asked.Count));
        cycle = await RunAsync();
        Assert.Equal(1, cycle.Confirmed.Updated);
        Assert.Equal("1", await OwnerAsync("eins@example.com"));
    }

    [Fact]
    public async Task State_that_another_wrote_is_not_written_over()
    {
        _a.Set("1", "one@example.com");
        await RunAsync();
        EdgeState old = await StateAsync();
        _a.Set("2", "two@example.com");
        await RunAsync();
        _a.Set("3", "three@example.com");
        await Assert.ThrowsAsync<StateChangedException>(() => Cycle(new SyncStart(), old).RunAsync(CancellationToken.None));
        Assert.Null(await OwnerAsync("three@example.com"));
    }

    private void Many(int first, int end)
    {
        for (int i = first; i < end; i++)
        {
            _a.Set($"{i:000}", $"user{i}@example.com");
        }
    }

    [Fact]
    public async Task Source_that_hangs_while_connecting_keeps_no_other_waiting()
    {
        _a.Set("1", "one@example.com");
        _b.Set("2", "two@example.com");
        await RunAsync();
        _b.Set("3", "three@example.com");
        _b.Remove("2");

        // The one in front hangs until the one behind it has been asked: by its time-out, then, and no longer.
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _b.Connecting = () =>
        {
            asked.SetResult();
            return Task.CompletedTask;
        };
        _a.Connecting = async () =>
        {
            await asked.Task.WaitAsync(TimeSpan.FromSeconds(30));
            throw new SourceException("a", "no answer", "Wait.");
        };
        (SyncOutcome outcome, SyncCycle cycle) = await RunWithOutcomeAsync(new SyncStart());
        Assert.Equal((SyncOutcome.SourceFailed, 1, 1), (outcome, cycle.Confirmed.Added, cycle.Confirmed.Deleted));
        Assert.Equal("1", await OwnerAsync("one@example.com"));
        Assert.Equal("3", await OwnerAsync("three@example.com"));
    }

    private async Task<SyncCycle> RunAsync()
    {
        (SyncOutcome outcome, SyncCycle cycle) = await RunWithOutcomeAsync(new SyncStart());
        Assert.Equal(SyncOutcome.Success, outcome);
        return cycle;
    }

    private async Task<(SyncOutcome Outcome, SyncCycle Cycle)> RunWithOutcomeAsync(SyncStart start)
    {
        SyncCycle cycle = Cycle(start, null);
        CycleEnd end = await cycle.RunAsync(CancellationToken.None);
        if (end.Again is not null)
        {
            cycle = Cycle(start, end.State);
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
            [.. new[] { _a, _b }.Select(source => new SyncSource(
                source, () => new RecipientProjection(new SourceSettings { Name = source.Name, Type = SourceType.Ldif }, _key), _fingerprint))],
            new DeleteGuard(0.1, 50, HoldWhenEmpty: true)),
        start,
        new BatchLimits(),
        new CycleLimits(),
        _time,
        "HUB1",
        (_, _) => { })
    {
        Known = known,
    };

    private Task<EdgeState> StateAsync() => SyncStateEntry.ReadAsync(_target, EdgeLayout.RecipientsState, CancellationToken.None);

    private async Task WriteStateAsync(string text) =>
        (await _target.ModifyAsync(new ModifyRequest(EdgeLayout.RecipientsState, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Cookie, Encoding.UTF8.GetBytes(text))))))
            .ThrowIfFailed("modify");

    /// <summary>The id of the one who has the address, as the test names it.</summary>
    private async Task<string?> OwnerAsync(string address)
    {
        using AddressHasher hasher = new(_key);
        List<string> owners = [];
        await foreach (LdapEntry entry in _target.SearchAsync(new SearchRequest(
            EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.AddressHash, hasher.Hash(address)), ["cn"])))
        {
            owners.Add(entry.FirstString("cn")!);
        }

        string? owner = owners.Count == 0 ? null : Assert.Single(owners);
        return owner is null ? null : new[] { "1", "2", "3", "4" }.Single(id => FeedSource.IdOf(id).ToString() == owner);
    }
}

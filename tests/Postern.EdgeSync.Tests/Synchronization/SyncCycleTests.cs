using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Synchronization;

/// <summary>Cycles into a real engine in this process, with the rights of a replication account.</summary>
public sealed class SyncCycleTests : IAsyncLifetime, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly AddressHashKey _key = AddressHashKey.Generate();
    private readonly ManualTimeProvider _time = new();
    private DirectoryEngine _engine = null!;
    private IDirectory _target = null!;

    public async Task InitializeAsync()
    {
        _engine = PosternDirectories.OpenEdge(new EdgePaths(_folder["edge"]), _time, NullLoggerFactory.Instance);
        await DirectoryStructure.EnsureEdgeAsync(_engine.As(Principal.System), CancellationToken.None);
        _target = _engine.As(new Principal("cn=ESRA.edge.HUB1.0,ou=accounts,o=edge", DirectoryRole.Replication));
    }

    public async Task DisposeAsync() => await _engine.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Second_cycle_sends_only_what_changed()
    {
        (SyncOutcome first, SyncCycle cycle) = await RunAsync(new ListSource("a", ("1", ["SMTP:one@example.com", "smtp:uno@example.com"]), ("2", ["two@example.com"]), ("3", ["three@example.com"])));
        Assert.Equal(SyncOutcome.Success, first);
        Assert.Equal((3, 0, 0, 0, 3), Counts(cycle));

        (_, cycle) = await RunAsync(new ListSource("a", ("1", ["uno@EXAMPLE.com", "one@example.com"]), ("2", ["two@example.com", "zwei@example.com"]), ("4", ["four@example.com"])));
        Assert.Equal((1, 1, 1, 3, 3), Counts(cycle));
        Assert.Equal(4, cycle.Pipeline!.OperationsSent);

        (_, cycle) = await RunAsync(new ListSource("a", ("1", ["uno@example.com", "one@example.com"]), ("2", ["two@example.com", "zwei@example.com"]), ("4", ["four@example.com"])));
        Assert.Equal((0, 0, 0, 3, 3), Counts(cycle));
        Assert.Equal((1, 1), (cycle.Pipeline!.BatchesSent, cycle.Pipeline.OperationsSent));
    }

    [Fact]
    public async Task Edge_holds_hashes_and_nothing_readable()
    {
        await RunAsync(new ListSource("a", ("1", ["SMTP:Anna.Berg@Example.com", "x500:/o=Lab/cn=anna"])));
        LdapEntry entry = Assert.Single(await EntriesAsync());
        using AddressHasher hasher = new(_key);
        Assert.Equal(hasher.Hash("anna.berg@example.com"), Assert.Single(entry.Find(PosternAttributes.AddressHash)!.Values).ToArray());
        Assert.Equal(EntryId.FromName("a", "1").ToString(), entry.FirstString("cn"));
        Assert.Equal(["cn", "objectClass", "posternAddressHash", "posternDigest", "posternSource"], entry.Attributes.Select(a => a.Description).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Full_sends_everything_again()
    {
        ListSource source = new("a", ("1", ["one@example.com"]), ("2", ["two@example.com"]));
        await RunAsync(source);
        (_, SyncCycle cycle) = await RunAsync(new SyncStart { Full = true }, source);
        Assert.Equal((0, 2, 0, 2, 2), Counts(cycle));
    }

    [Fact]
    public async Task Failed_source_deletes_nothing_and_leaves_the_state()
    {
        await RunAsync(new ListSource("a", ("1", ["one@example.com"]), ("2", ["two@example.com"])));
        string before = await StateAsync();
        _time.Advance(TimeSpan.FromMinutes(5));
        (SyncOutcome outcome, SyncCycle cycle) = await RunAsync(new ListSource("a", ("3", ["three@example.com"]), ("4", ["four@example.com"])) { FailAfter = 1 });
        Assert.Equal(SyncOutcome.SourceFailed, outcome);
        Assert.Equal((1, 0, 0, 2, 1), Counts(cycle));
        Assert.Equal(3, (await EntriesAsync()).Count);
        Assert.Equal(before, await StateAsync());

        (_, cycle) = await RunAsync(new ListSource("a", ("1", ["one@example.com"]), ("3", ["three@example.com"])));
        Assert.Equal((0, 0, 1, 3, 2), Counts(cycle));
        Assert.NotEqual(before, await StateAsync());
    }

    [Fact]
    public async Task Guard_holds_more_deletions_than_allowed_but_lets_additions_through()
    {
        await RunAsync(Many(0, 600));
        (SyncOutcome outcome, SyncCycle cycle, string details) = await RunWithDetailsAsync(new SyncStart(), Many(61, 601));
        Assert.Equal(SyncOutcome.HeldByGuard, outcome);
        Assert.Contains("61 of the 600", details, StringComparison.Ordinal);
        Assert.Contains("sync held approve", details, StringComparison.Ordinal);
        Assert.Equal((1, 0, 0, 600, 540), Counts(cycle));
        Assert.Equal(61, cycle.DeletesHeld);

        (outcome, cycle) = await RunAsync(new SyncStart { ApproveDeletes = true }, Many(61, 601));
        Assert.Equal((SyncOutcome.Success, 61L), (outcome, cycle.Confirmed.Deleted));
    }

    [Fact]
    public async Task Guard_lets_its_share_and_small_numbers_through()
    {
        await RunAsync(Many(0, 600));
        Assert.Equal(SyncOutcome.Success, (await RunAsync(Many(60, 600))).Outcome);
        _time.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(SyncOutcome.Success, (await RunAsync(Many(109, 600))).Outcome);
    }

    [Fact]
    public async Task Guard_holds_when_one_source_returns_nothing()
    {
        ListSource a = Many(0, 600);
        await RunAsync(a, new ListSource("b", ("x", ["x@example.com"])));
        (SyncOutcome outcome, _, string details) = await RunWithDetailsAsync(new SyncStart(), a, new ListSource("b"));
        Assert.Equal(SyncOutcome.HeldByGuard, outcome);
        Assert.Contains("source b returned no entry", details, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guard_holds_when_no_entry_of_a_source_has_an_address_any_more()
    {
        await RunAsync(new ListSource("a", ("1", ["one@example.com"]), ("2", ["two@example.com"])));
        Assert.Equal(SyncOutcome.HeldByGuard, (await RunAsync(new ListSource("a", ("1", ["x400:c=de"]), ("2", ["x400:c=at"])))).Outcome);
    }

    [Fact]
    public async Task First_owner_keeps_an_address()
    {
        (SyncOutcome outcome, SyncCycle cycle) = await RunAsync(new ListSource(
            "a", ("1", ["one@example.com"]), ("2", ["one@example.com", "two@example.com"]), ("3", ["ONE@example.com"])));
        Assert.Equal(SyncOutcome.Success, outcome);
        Assert.Equal(2, (await EntriesAsync()).Count);
        Assert.Equal(2, cycle.Notes.Conflicts);
        Assert.Equal(2, cycle.Notes.Details.Count);
        Assert.DoesNotContain(cycle.Notes.Details, detail => detail.Contains("one@", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Entry_without_an_address_is_skipped_and_counted()
    {
        (_, SyncCycle cycle) = await RunAsync(new ListSource("a", ("1", ["x400:c=de"]), ("2", ["no address"]), ("3", ["three@example.com"])));
        Assert.Equal(2, cycle.Notes.Skipped);
        Assert.Single(await EntriesAsync());
    }

    [Fact]
    public async Task Entry_that_the_edge_refuses_does_not_stop_the_others()
    {
        // An entry stands under a name that the cycle wants to add, but is not of the class that it looks for.
        EntryId taken = EntryId.FromName("a", "2");
        LdapResult added = await _engine.As(Principal.System).AddAsync(new AddRequest(
            $"cn={taken},{EdgeLayout.Recipients}",
            new LdapAttribute("objectClass", PosternClasses.AcceptedDomain),
            new LdapAttribute("cn", taken.ToString()),
            new LdapAttribute(PosternAttributes.DomainName, "example.com"),
            new LdapAttribute(PosternAttributes.DomainType, "authoritative")));
        added.ThrowIfFailed("add");
        (SyncOutcome outcome, SyncCycle cycle, string details) = await RunWithDetailsAsync(
            new SyncStart(), new ListSource("a", ("1", ["one@example.com"]), ("2", ["two@example.com"]), ("3", ["three@example.com"])));
        Assert.Equal(SyncOutcome.Incomplete, outcome);
        Assert.Contains(taken.ToString(), details, StringComparison.Ordinal);
        Assert.Equal(2, cycle.Confirmed.Added);
    }

    [Fact]
    public async Task Large_cycle_goes_in_many_batches()
    {
        int full = new BatchLimits().MaxOperations;
        (_, SyncCycle cycle) = await RunAsync(Many(0, 5 * full));
        Assert.Equal((5 * full, 0, 0, 0, 5 * full), Counts(cycle));
        Assert.InRange(cycle.Pipeline!.BatchesSent, 5, 7);
        Assert.Equal(5 * full, (await EntriesAsync()).Count);
    }

    private static ListSource Many(int first, int end) =>
        new("a", [.. Enumerable.Range(first, end - first).Select(i => ($"{i}", new[] { $"user{i}@example.com" }))]);

    private static (long, long, long, long, long) Counts(SyncCycle cycle) =>
        (cycle.Confirmed.Added, cycle.Confirmed.Updated, cycle.Confirmed.Deleted, cycle.TargetScanned, cycle.Scanned);

    private async Task<(SyncOutcome Outcome, SyncCycle Cycle)> RunAsync(params ListSource[] sources) => await RunAsync(new SyncStart(), sources);

    private async Task<(SyncOutcome Outcome, SyncCycle Cycle)> RunAsync(SyncStart start, params ListSource[] sources)
    {
        (SyncOutcome outcome, SyncCycle cycle, _) = await RunWithDetailsAsync(start, sources);
        return (outcome, cycle);
    }

    private async Task<(SyncOutcome Outcome, SyncCycle Cycle, string Details)> RunWithDetailsAsync(SyncStart start, params ListSource[] sources)
    {
        SyncCycle cycle = Cycle(start, sources);
        CycleEnd end = await cycle.RunAsync(CancellationToken.None);
        return (end.Outcome, cycle, end.Details);
    }

    private SyncCycle Cycle(SyncStart start, params ListSource[] sources) => new(
        _target,
        new SyncContent(
            EdgeLayout.RecipientsState,
            "recipients",
            [SyncPart.Recipients],
            [.. sources.Select(source => new SyncSource(source, () => new RecipientProjection(new SourceSettings { Name = source.Name, Type = SourceType.Ldif }, _key), "1"))],
            new DeleteGuard(0.1, 50, HoldWhenEmpty: true)),
        start,
        new BatchLimits(),
        new CycleLimits(),
        _time,
        "HUB1",
        (_, _) => { });

    private async Task<List<LdapEntry>> EntriesAsync()
    {
        List<LdapEntry> entries = [];
        await foreach (LdapEntry entry in _target.SearchAsync(new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, [])))
        {
            entries.Add(entry);
        }

        return entries;
    }

    private async Task<string> StateAsync()
    {
        await foreach (LdapEntry entry in _target.SearchAsync(SearchRequest.ReadEntry(EdgeLayout.RecipientsState)))
        {
            return string.Join('|', entry.Attributes.SelectMany(attribute => attribute.Strings));
        }

        return "";
    }
}

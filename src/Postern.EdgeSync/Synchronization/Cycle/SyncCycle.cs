using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>How a cycle ended.</summary>
/// <param name="State">As the edge has it now, or ahead of it in cookies.</param>
/// <param name="Again">Why everything must be compared at once, in words; null: it need not.</param>
internal sealed record CycleEnd(SyncOutcome Outcome, string Details, EdgeState State, string? Again);

/// <summary>
/// One cycle of one type with one edge. Sources that can say what changed are asked for that, and only those entries are looked up on the
/// edge; the others are read whole against the ids and digests of all that the edge has, and additions leave while they are
/// still being read. Updates, which may take something away, and deletions only after every source was read, counted and guarded. The state goes last, with the last of the data.
/// </summary>
internal sealed class SyncCycle(
    IDirectory target, SyncContent content, SyncStart start, BatchLimits batches, CycleLimits limits, TimeProvider time, string hubName, Action<SyncCycle, SyncPhase> report)
{
    /// <summary>Source entries between two reports of progress.</summary>
    private const int ReportEvery = 1000;

    /// <summary>Sources that are opened at a time; each may gather its changes in memory.</summary>
    private const int MostOpening = 8;

    private readonly SyncNotes _notes = new();
    private readonly EdgeLookup _lookup = new(target);
    private readonly List<string> _strangers = [];
    private TargetTable _table = null!;

    /// <summary>What is known of the edge's state; null: it is read.</summary>
    public EdgeState? Known { get; init; }

    /// <summary>Where the operations go in place of the edge: a plan.</summary>
    public IPlanSink? Plan { get; init; }

    /// <summary>Called for each decision: what, id, source, reason.</summary>
    public Action<AuditAction, EntryId, string, string> Decided { get; init; } = (_, _, _, _) => { };

    /// <summary>Called before operations leave for the edge: what was decided is on record by then.</summary>
    public Action BeforeSend { get; init; } = () => { };

    public long Scanned { get; private set; }

    public long TargetScanned { get; private set; }

    public long DeletesHeld { get; private set; }

    /// <summary>Names of the sources that were read whole, with the reason.</summary>
    public IReadOnlyList<(string Source, string Because)> Whole { get; private set; } = [];

    public SyncNotes Notes => _notes;

    public BatchPipeline? Pipeline { get; private set; }

    public OperationCounts Confirmed => Pipeline?.Confirmed ?? default;

    /// <exception cref="TargetRefusedException">The edge refused a batch.</exception>
    /// <exception cref="LdapException">The edge refused a search.</exception>
    public async Task<CycleEnd> RunAsync(CancellationToken cancellationToken)
    {
        IOperationSink sink = Plan ?? (IOperationSink)(Pipeline = new BatchPipeline(target, batches) { BeforeSend = BeforeSend });
        report(this, SyncPhase.ReadingTarget);
        EdgeState state = Known ?? await SyncStateEntry.ReadAsync(target, content.StateDn, cancellationToken);
        SourceRead[] reads = [.. content.Sources.Select((source, i) => new SourceRead(source, i, StateOf(source, state.Document)))];
        try
        {
            await OpenAsync(reads, state, cancellationToken);
            CycleFrame frame = new() { Content = content, Start = start, Notes = _notes, Sink = sink, Reads = reads, Decided = Decided };
            CycleEnd end = await RunAsync(frame, state, cancellationToken);
            if (Known is { Exists: true } && Pipeline is { OperationsSent: 0 })
            {
                await RequireEdgeAsync(cancellationToken);
            }

            return end;
        }
        finally
        {
            foreach (SourceRead read in reads)
            {
                await read.DisposeAsync();
            }
        }
    }

    private async Task<CycleEnd> RunAsync(CycleFrame frame, EdgeState state, CancellationToken cancellationToken)
    {
        bool tableIsWhole = NeedsTable(frame, state);
        _table = new TargetTable([.. frame.Reads.Select(read => read.Name)]);
        List<ProjectedChange> changes = Project(frame);
        IReadOnlyDictionary<UInt128, List<EntryId>>? owners = null;
        Dictionary<EntryId, EdgeContent> contents = [];
        if (tableIsWhole)
        {
            await _lookup.ReadAllAsync(content.Parts, _table, _strangers, () => TargetScanned++, cancellationToken);
        }
        else if (changes.Count > 0)
        {
            owners = await LookUpAsync(changes, contents, cancellationToken);
        }

        report(this, SyncPhase.ReadingSource);
        ClaimBook claims = new(limits.MostChanges);
        LossBook losses = new();
        ChangePlan plan = new(frame, _table, _lookup, claims, losses, limits.MostChanges)
        {
            EdgeIsEmpty = tableIsWhole && _table.Count == 0 && _strangers.Count == 0,
            KnownOwners = owners,
            KnownContents = contents,
            MayLose = (id, loss) => content.Guard.IsOff || LossPlan.IsApproved(start, state, id, loss),
        };
        await ReadAsync(frame, plan, changes, cancellationToken);

        long[] partCounts = [.. content.Parts.Select((_, part) => tableIsWhole ? _table.CountOfPart(part) : state.Document.Entries)];
        LossPlan guarded = LossPlan.Make(frame, _table, state, [.. plan.Losses], tableIsWhole, partCounts, time.GetUtcNow());
        DeletesHeld = guarded.HeldCount;
        Dictionary<EntryId, ProjectedEntry?> shown = [];
        foreach (ProjectedChange change in changes)
        {
            shown[change.Change.Id] = change.Entry ?? shown.GetValueOrDefault(change.Change.Id);
        }

        if (ReleasedContests.Find(frame, state.Document, plan, guarded, shown, mayBeBehind: Known is null) is { } released)
        {
            await frame.Sink.DrainAsync(cancellationToken);
            return new CycleEnd(SyncOutcome.Success, "", state with { Document = state.Document with { WholeBecause = released } }, released);
        }

        report(this, SyncPhase.Deleting);
        await plan.FinishAsync(guarded, cancellationToken);
        await guarded.SendAsync(frame, cancellationToken);
        await SendStrangersAsync(frame, guarded, cancellationToken);
        report(this, SyncPhase.Finishing);
        return await new CycleClose(frame, state, _table, plan, guarded, claims, _lookup, limits, time, hubName)
        {
            TableIsWhole = tableIsWhole,
            KeptAtOnce = losses.KeptAtOnce,
        }.EndAsync(cancellationToken);
    }

    /// <summary>One question: a cycle that had nothing to send would call an edge synchronized that is away, or no longer ours.</summary>
    private async Task RequireEdgeAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LdapEntry _ in target.SearchAsync(SearchRequest.ReadEntry(content.StateDn, "1.1"), cancellationToken))
            {
                return;
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
            // Hidden from us: as below.
        }

        throw new LdapException(LdapResultCode.InsufficientAccessRights, $"the edge no longer shows {content.StateDn} to this hub");
    }

    private async Task OpenAsync(SourceRead[] reads, EdgeState state, CancellationToken cancellationToken)
    {
        // All at once: one that does not answer until its time-out keeps no other waiting for longer than that.
        string? everything = WholeForAll(state);
        await Parallel.ForEachAsync(
            reads.Where(read => start.Sources?.Contains(read.Name) ?? true),
            new ParallelOptions { MaxDegreeOfParallelism = MostOpening, CancellationToken = cancellationToken },
            async (read, cancellation) => await OpenAsync(read, everything ?? WholeFor(read), cancellation));
        Whole = [.. reads.Where(read => read.IsWhole).Select(read => (read.Name, read.WholeBecause))];
    }

    private async Task OpenAsync(SourceRead read, string? whole, CancellationToken cancellationToken)
    {
        await read.OpenAsync(whole, cancellationToken);
        if (!read.IsWhole && read.Failure is null && !await read.TryGatherAsync(limits.MostChanges, cancellationToken))
        {
            await read.OpenAsync($"more than {limits.MostChanges} changes", cancellationToken);
        }
    }

    private string? WholeForAll(EdgeState state) => WholeForAll(state.Document) ?? (LossPlan.ApprovesUpdates(start, state) ? "updates that were held are approved" : null);

    private string? WholeForAll(StateDocument document) =>
        start.Full ? "asked for by hand"
        : document.WholeBecause is { } because ? because
        : document.Sources.Count > 0 && !document.Sources.Select(source => source.Name).SequenceEqual(content.Sources.Select(source => source.Name), StringComparer.Ordinal)
            ? "the list of sources has changed"
        : null;

    private string? WholeFor(SourceRead read)
    {
        DateTimeOffset now = time.GetUtcNow();
        return read.Before switch
        {
            null => "no cookie yet, or the settings have changed",
            { TakenAt: { } taken } when now - taken > limits.CookieValidity => $"the cookie is older than {limits.CookieValidity.TotalDays:0} days",
            { WholeAt: { } whole } when now - whole >= read.Source.FullCompareInterval => "a full compare is due",
            { WholeAt: null } => "it was never read whole",
            _ => null,
        };
    }

    private static SourceState? StateOf(SyncSource source, StateDocument document) =>
        document.Sources.FirstOrDefault(one => one.Name == source.Name && one.Fingerprint == source.Fingerprint);

    /// <summary>All that the edge has is needed where anything is compared as a whole, where an id does not say which part it is of, and
    /// where it is less work.</summary>
    private bool NeedsTable(CycleFrame frame, EdgeState state) =>
        frame.Reads.Any(read => read.IsWhole)
        || (content.Parts.Count > 1 && frame.Reads.Any(read => read.Changes.Count > 0))
        || frame.Reads.Sum(read => read.Changes.Count) > limits.MostAskedFor
        || ((start.ApproveDeletes || start.ApproveHeld) && state.Held.Held.Count > 0)
        || (start.ApproveRejected && state.Held.Rejected.Count > 0);

    /// <summary>The changes of all sources that said what changed, as they would be on the edge.</summary>
    private List<ProjectedChange> Project(CycleFrame frame)
    {
        List<ProjectedChange> changes = [];
        foreach (SourceRead read in frame.Reads.Where(read => read.Changes.Count > 0))
        {
            using IProjection projection = read.Source.Projection();
            foreach (SourceChange change in read.Changes)
            {
                Scanned++;
                bool projected = change.Entry is { } entry && projection.Project(new SourceEntry(change.Id, entry)) == ProjectionVerdict.Projected;
                changes.Add(new ProjectedChange(
                    read,
                    change,
                    projected ? ProjectedEntry.From(new SourceEntry(change.Id, change.Entry!), read.Name, projection) : null,
                    change.Entry is null ? "" : projection.Reason));
            }
        }

        return changes;
    }

    /// <summary>What the edge has of the changed entries and who has their addresses: asked at once, one round trip.</summary>
    private async Task<Dictionary<UInt128, List<EntryId>>> LookUpAsync(List<ProjectedChange> changes, Dictionary<EntryId, EdgeContent> contents, CancellationToken cancellationToken)
    {
        HashSet<EntryId> asked = [.. changes.Select(change => change.Change.Id)];
        AddressHash[] hashes = [.. changes.SelectMany(change => change.Entry?.Claims ?? []).Distinct()];
        Task<Dictionary<UInt128, List<EntryId>>> owners = _lookup.FindOwnersAsync(hashes, null, cancellationToken);
        try
        {
            await _lookup.ReadSomeAsync(content.Parts[0], asked, _table, contents, cancellationToken);
        }
        finally
        {
            await owners;
        }

        return await owners;
    }

    private async Task ReadAsync(CycleFrame frame, ChangePlan plan, List<ProjectedChange> changes, CancellationToken cancellationToken)
    {
        // What goes first makes room: an id that one source gives up may be shown by another.
        foreach (ProjectedChange change in changes.Where(change => change.Entry is null))
        {
            if (change.Change.Entry is { } entry)
            {
                plan.LeaveOut(change.Read, new SourceEntry(change.Change.Id, entry), change.Reason);
            }

            plan.Remove(change.Read, change.Change.Id);
        }

        foreach (SourceRead read in frame.Reads)
        {
            if (read.IsWhole)
            {
                await ReadWholeAsync(read, plan, cancellationToken);
                continue;
            }

            foreach (ProjectedChange change in changes.Where(change => change.Read == read && change.Entry is not null))
            {
                await plan.ShowAsync(read, change.Entry!, change.Reason, cancellationToken);
            }
        }

        await plan.ReadAgainAsync(cancellationToken);
    }

    private async Task ReadWholeAsync(SourceRead read, ChangePlan plan, CancellationToken cancellationToken)
    {
        using IProjection projection = read.Source.Projection();
        await foreach (SourceChange change in read.ReadAsync(cancellationToken))
        {
            if (++Scanned % ReportEvery == 0)
            {
                report(this, SyncPhase.ReadingSource);
            }

            if (change.Entry is not { } entry)
            {
                plan.Remove(read, change.Id);
                continue;
            }

            ValueTask sent = plan.ShowAsync(read, new SourceEntry(change.Id, entry), projection, cancellationToken);
            if (!sent.IsCompletedSuccessfully)
            {
                await sent;
            }
        }
    }

    /// <summary>What lies among the entries and is none.</summary>
    private async Task SendStrangersAsync(CycleFrame frame, LossPlan guarded, CancellationToken cancellationToken)
    {
        if (guarded.Reason is null && frame.AllComplete)
        {
            foreach (string dn in _strangers)
            {
                await frame.Sink.AddAsync(new DelRequest(dn), cancellationToken);
            }
        }
    }

    private sealed record ProjectedChange(SourceRead Read, SourceChange Change, ProjectedEntry? Entry, string Reason);
}

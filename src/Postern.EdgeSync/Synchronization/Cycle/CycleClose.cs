using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>The end of a cycle: the next state, written with the last of the data, and what is to be said about it all.</summary>
internal sealed class CycleClose(
    CycleFrame frame,
    EdgeState before,
    TargetTable table,
    ChangePlan plan,
    LossPlan guarded,
    ClaimBook claims,
    EdgeLookup lookup,
    CycleLimits limits,
    TimeProvider time,
    string hubName)
{
    /// <summary>Contested addresses in the state; with more of them only a whole compare finds out what became of them.</summary>
    private const int MostContests = 1_000;

    /// <summary>Objects left out, in the state.</summary>
    private const int MostLeftOut = 100;

    /// <summary>Characters of a reason in the state.</summary>
    private const int LongestReason = 200;

    private readonly DateTimeOffset _now = time.GetUtcNow();
    private List<Contest> _contests = [];
    private bool _moreContests;
    private bool _ownersUnknown;

    public required bool TableIsWhole { get; init; }

    /// <summary>More updates would have taken something away than wait for the end; the further ones did not.</summary>
    public required bool KeptAtOnce { get; init; }

    public async Task<CycleEnd> EndAsync(CancellationToken cancellationToken)
    {
        IUpdateOperation[] held = [.. guarded.Held.ChangesFrom(before.Held, SyncStateEntry.TypeOf(frame.Content.StateDn))];
        if (frame.Reads.All(read => !read.IsComplete))
        {
            return await EndUnreadAsync(held, cancellationToken);
        }

        await FindContestsAsync(cancellationToken);
        string? again = claims.Overflowed && !(frame.AllWhole && before.Document.WholeBecause is not null)
            ? "more entries want addresses of others than a cycle remembers"
            : null;
        foreach (IUpdateOperation operation in held)
        {
            await frame.Sink.AddAsync(operation, cancellationToken);
        }

        bool complete = frame.Reads.All(read => read.Failure is null);
        bool synchronized = complete && FirstIsEmpty is null && (before.LastSync is not null || frame.AllComplete);
        bool idle = !plan.HasChanges && guarded.Deletes.Count == 0 && held.Length == 0 && again is null && !frame.Reads.Any(read => read.IsWhole);
        StateDocument document = Next(again);
        DateTimeOffset? lastSync = before.LastSync;
        EdgeState after;
        if (idle && before.Exists && before.Document.WholeBecause is null && _now - lastSync < limits.IdleStateInterval)
        {
            await frame.Sink.DrainAsync(cancellationToken);
            after = before with { Document = document };
        }
        else
        {
            await frame.Sink.CompleteAsync(
                () => SyncStateEntry.ToOperation(frame.Content.StateDn, before, document = Next(again), synchronized ? _now : null, hubName), cancellationToken);
            after = new EdgeState(true, (before.Generation ?? 0) + 1, document, synchronized ? _now : lastSync, guarded.Held);
        }

        (SyncOutcome outcome, string details) = Outcome(complete);
        return new CycleEnd(outcome, details, after, again);
    }

    /// <summary>Why an edge that was never synchronized is not made ready: nobody would be known there. Null: it is not so, or it was approved.</summary>
    private string? FirstIsEmpty =>
        frame.Content.Guard.HoldWhenEmpty && before.LastSync is null && frame.AllComplete && frame.Reads.Sum(EntriesOf) <= guarded.HeldDeletes
        && !frame.Start.ApproveDeletes && !(frame.Start.ApproveHeld && before.Document.Held is not null)
            ? DeleteGuard.CheckFirst(frame.Content.What)
            : null;

    /// <summary>Nothing was read to its end: what came is right and stays, but there is nothing to say about how far it goes. An operator's word
    /// that something stays counts.</summary>
    private async Task<CycleEnd> EndUnreadAsync(IUpdateOperation[] held, CancellationToken cancellationToken)
    {
        if (!frame.Start.RejectDeletes || held.Length == 0)
        {
            await frame.Sink.DrainAsync(cancellationToken);
            return new CycleEnd(SyncOutcome.SourceFailed, Failures(), before, null);
        }

        foreach (IUpdateOperation operation in held)
        {
            await frame.Sink.AddAsync(operation, cancellationToken);
        }

        StateDocument document = before.Document with { Held = null, Rejected = guarded.Held.Rejected.Count };
        await frame.Sink.CompleteAsync(() => SyncStateEntry.ToOperation(frame.Content.StateDn, before, document, null, hubName), cancellationToken);
        EdgeState after = new(true, (before.Generation ?? 0) + 1, document, before.LastSync, guarded.Held);
        return new CycleEnd(SyncOutcome.SourceFailed, Failures(), after, null);
    }

    private (SyncOutcome Outcome, string Details) Outcome(bool complete)
    {
        IReadOnlyList<(IUpdateOperation Operation, string Reason)> refused = frame.Sink.Refused;
        return !complete ? (SyncOutcome.SourceFailed, Failures())
            : FirstIsEmpty is { } empty ? (SyncOutcome.HeldByGuard, DeleteGuard.ExplainFirst(empty))
            : guarded.Reason is { } held ? (SyncOutcome.HeldByGuard, DeleteGuard.Explain(held))
            : guarded.HeldCount > 0 ? (SyncOutcome.HeldByGuard, DeleteGuard.Explain($"{guarded.HeldCount} of the {frame.Content.What} wait for a decision: {before.Document.Held?.Reason}"))
            : refused.Count > 0 ? (
                SyncOutcome.Incomplete,
                $"the edge refused {refused.Count} of the {frame.Content.What}; all others were applied. The first: {refused[0].Reason}. They are tried again in the next cycle.")
            : (SyncOutcome.Success, "");
    }

    private string Failures() => string.Join(
        " ", frame.Reads.Where(read => read.Failure is not null).Select(read => $"{read.Failure!.Message}. Nothing of it was deleted on the edge. {read.Failure.Hint}"));

    private StateDocument Next(string? again)
    {
        List<LeftOut> leftOut = LeftOutNow();
        HashSet<string> refusedBefore = [.. before.Document.LeftOut.Where(one => one.Refused).Select(one => one.Id)];
        bool refusedAnew = frame.Sink.Refused.Any(one => IdOf(one.Operation.Dn) is { } id && !refusedBefore.Contains(id));
        bool wholeDone = frame.AllWhole && frame.AllComplete;
        return new StateDocument
        {
            Sources = [.. frame.Reads.Select(Next)],
            Deletes = DeletesNow(),
            Contests = _contests,
            MoreContests = _moreContests,
            LeftOut = leftOut,
            Held = HeldNow(),
            Rejected = guarded.Held.Rejected.Count,
            WholeBecause = again
                ?? (_ownersUnknown ? "a plan does not know who has contested addresses" : null)
                ?? (refusedAnew ? "the edge refused an entry" : null)
                ?? (KeptAtOnce && guarded.Reason is null ? "more entries lose something than a cycle gathers" : null)
                ?? (wholeDone ? null : before.Document.WholeBecause),
        };
    }

    private HeldNote? HeldNow()
    {
        string? why = guarded.HeldCount > 0 ? guarded.Reason ?? before.Document.Held?.Reason ?? "" : FirstIsEmpty;
        return why is null ? null : new HeldNote(before.Document.Held?.Since ?? _now, why, (int)guarded.HeldCount);
    }

    /// <summary>What the edge has of a source after this cycle.</summary>
    private long EntriesOf(SourceRead read) =>
        (TableIsWhole ? table.CountOfSource(read.Index) : read.Before?.Entries ?? 0)
        + plan.Counts.GetValueOrDefault(read.Index) - guarded.BySource.GetValueOrDefault(read.Index) - RefusedAdditions(read.Name);

    private SourceState Next(SourceRead read)
    {
        SourceState? old = read.Before;
        long entries = EntriesOf(read);
        return read switch
        {
            { IsComplete: true, IsWhole: true } =>
                new SourceState(read.Name, read.Source.Fingerprint, Octets(read.NextCookie), read.NextCookie is null ? null : _now, _now, entries),
            { IsComplete: true } =>
                new SourceState(read.Name, read.Source.Fingerprint, Octets(read.NextCookie) ?? old?.Cookie, _now, old?.WholeAt, entries),

            // It goes on from where it was; without a cookie it is read whole.
            _ => old is null ? new SourceState(read.Name, read.Source.Fingerprint, null, null, null, entries) : old with { Entries = entries },
        };
    }

    private long RefusedAdditions(string source) => frame.Sink.Refused.LongCount(one =>
        one.Operation is AddRequest add
        && add.Attributes.FirstOrDefault(attribute => attribute.Description == Mail.PosternAttributes.Source)?.Strings.FirstOrDefault() == source);

    private List<DeleteCount> DeletesNow()
    {
        List<DeleteCount> counts = [.. before.Document.Deletes.Where(count => _now - count.At <= frame.Content.Guard.Window)];
        foreach ((string part, long count) in guarded.ByPart)
        {
            // By the minute: the state stays small however often something is deleted.
            int last = counts.FindLastIndex(one => one.Part == part && _now - one.At < TimeSpan.FromMinutes(1));
            if (last >= 0)
            {
                counts[last] = counts[last] with { Count = counts[last].Count + count };
            }
            else
            {
                counts.Add(new DeleteCount(_now, part, count));
            }
        }

        return counts;
    }

    private List<LeftOut> LeftOutNow()
    {
        HashSet<string> anew = [.. plan.LeftOut.Select(one => one.Id)];
        IEnumerable<LeftOut> old = frame.AllWhole ? [] : before.Document.LeftOut.Where(
            one => !anew.Contains(one.Id) && EntryId.TryParse(one.Id, out EntryId id) && !plan.Touched.Contains(id));
        IEnumerable<LeftOut> refused = frame.Sink.Refused
            .Select(one => (Id: IdOf(one.Operation.Dn), one.Operation, one.Reason))
            .Where(one => one.Id is not null)
            .Select(one => new LeftOut(one.Id!, "", Short(one.Reason), Refused: true));
        return [.. refused.Concat(plan.LeftOut.Select(one => one with { Reason = Short(one.Reason) })).Concat(old).Take(MostLeftOut)];
    }

    /// <summary>Who has the addresses that were lost, as far as that was forgotten.</summary>
    private async Task FindContestsAsync(CancellationToken cancellationToken)
    {
        List<LostClaim> lost = claims.Lost;
        AddressHash[] unknown = [.. lost.Where(one => one.Owner is null).Select(one => one.Hash).Distinct().Take(MostContests)];
        Dictionary<UInt128, List<EntryId>> owners = [];
        if (unknown.Length > 0)
        {
            await frame.Sink.DrainAsync(cancellationToken);
            owners = await lookup.FindOwnersAsync(unknown, null, cancellationToken);

            // A plan has written nothing yet.
            _ownersUnknown = frame.Sink is IPlanSink;
        }

        IEnumerable<Contest> anew = lost
            .Select(one => (one.Hash, Owner: one.Owner ?? Owner(owners, one.Hash), one.Loser))
            .Where(one => one.Owner is not null)
            .Select(one => new Contest(new EntryId(one.Hash.High).ToString(), one.Owner.ToString()!, one.Loser.ToString()))
            .Concat(plan.DoubleIds.Select(id => new Contest(id.ToString(), id.ToString(), id.ToString())));
        IEnumerable<Contest> old = frame.AllWhole ? [] : before.Document.Contests.Where(one => !IsTouched(one.Loser) || IsDouble(one));
        List<Contest> all = [.. anew.Concat(old).Distinct().Take(MostContests + 1)];
        _moreContests = claims.Overflowed || all.Count > MostContests || (!frame.AllWhole && before.Document.MoreContests);
        _contests = all.Count > MostContests ? all[..MostContests] : all;
    }

    private static EntryId? Owner(Dictionary<UInt128, List<EntryId>> owners, AddressHash hash) =>
        owners.TryGetValue(hash.High, out List<EntryId>? list) ? list[0] : null;

    private static bool IsDouble(Contest contest) => contest.Owner == contest.Loser;

    private bool IsTouched(string id) => EntryId.TryParse(id, out EntryId parsed) && plan.Touched.Contains(parsed);

    /// <summary>The id in the name of an entry; null: it is none of ours.</summary>
    private static string? IdOf(string dn)
    {
        const int start = 3;
        int comma = dn.IndexOf(',', StringComparison.Ordinal);
        return comma > start && EntryId.TryParse(dn.AsSpan(start, comma - start), out _) ? dn[start..comma] : null;
    }

    private static byte[]? Octets(SourceCookie? cookie) => cookie?.Octets.ToArray();

    private static string Short(string reason) => reason.Length <= LongestReason ? reason : reason[..LongestReason];
}

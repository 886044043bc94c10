using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>What is to be taken away, after every source was read: entries, and a part of what entries have that stay. Each goes, or is held by
/// the guard, or was rejected before by an operator.</summary>
internal sealed class LossPlan
{
    private readonly CycleFrame _frame;
    private readonly TargetTable _table;
    private readonly EdgeState _state;
    private readonly List<Wanted> _wanted = [];
    private readonly HashSet<int> _shown = [];
    private readonly Dictionary<EntryId, Loss> _held = [];
    private readonly Dictionary<EntryId, Loss> _rejected = [];
    private readonly HashSet<EntryId> _deletes = [];
    private readonly Dictionary<EntryId, Row> _deletedRows = [];

    private LossPlan(CycleFrame frame, TargetTable table, EdgeState state) => (_frame, _table, _state) = (frame, table, state);

    /// <summary>Why nothing is taken away; null: nothing is held anew.</summary>
    public string? Reason { get; private set; }

    public IReadOnlySet<EntryId> Deletes => _deletes;

    public HeldIds Held => new(_held, _rejected);

    public long HeldCount => _held.Count;

    public long HeldDeletes => _held.Values.LongCount(loss => loss.IsDeletion);

    /// <summary>Deleted now, by index of the source.</summary>
    public Dictionary<int, long> BySource { get; } = [];

    /// <summary>Entries that lose something now and that nobody has approved, by object class.</summary>
    public Dictionary<string, long> ByPart { get; } = [];

    /// <param name="state">As it was before the cycle.</param>
    /// <param name="updates">What entries that stay would lose.</param>
    /// <param name="tableIsWhole">The table has everything that the edge has.</param>
    /// <param name="partCounts">Entries of the edge by part.</param>
    public static LossPlan Make(
        CycleFrame frame, TargetTable table, EdgeState state, IReadOnlyList<(EntryId Id, Loss Loss)> updates, bool tableIsWhole, IReadOnlyList<long> partCounts, DateTimeOffset now)
    {
        LossPlan plan = new(frame, table, state);
        plan.Gather(updates, tableIsWhole);
        plan.KeepUndecided(tableIsWhole);
        plan.ApproveWaiting();
        plan.Guard(partCounts, now);
        plan.NoteReleases();
        if (frame.Start.RejectDeletes)
        {
            plan.Reject();
        }

        return plan;
    }

    /// <summary>Whether an operator said that this may go.</summary>
    public static bool IsApproved(SyncStart start, EdgeState state, EntryId id, Loss loss) =>
        start.ApproveDeletes
        || (start.ApproveHeld && state.Held.Held.TryGetValue(id, out Loss held) && held.Covers(loss))
        || (start.ApproveRejected && state.Held.Rejected.TryGetValue(id, out Loss rejected) && rejected.Covers(loss));

    /// <summary>What an update would take away is known only to who reads the entry anew.</summary>
    public static bool ApprovesUpdates(SyncStart start, EdgeState state) =>
        ((start.ApproveDeletes || start.ApproveHeld) && state.Held.Held.Values.Any(loss => !loss.IsDeletion))
        || (start.ApproveRejected && state.Held.Rejected.Values.Any(loss => !loss.IsDeletion));

    /// <summary>Whether an entry that stays keeps what its update would take away.</summary>
    public bool Keeps(EntryId id) => IsPart(_held, id) || IsPart(_rejected, id);

    public async Task SendAsync(CycleFrame frame, CancellationToken cancellationToken)
    {
        foreach ((EntryId id, Row row) in _deletedRows)
        {
            SyncPart part = frame.Content.Parts[row.Part];
            BySource[row.Source] = BySource.GetValueOrDefault(row.Source) + 1;
            frame.Decided(AuditAction.Delete, id, SourceOf(row), "");
            await frame.Sink.AddAsync(new DelRequest(ProjectedEntry.DnOf(id, part.BaseDn)), cancellationToken);
        }
    }

    private static bool IsPart(Dictionary<EntryId, Loss> list, EntryId id) => list.TryGetValue(id, out Loss loss) && !loss.IsDeletion;

    private void Gather(IReadOnlyList<(EntryId Id, Loss Loss)> updates, bool tableIsWhole)
    {
        foreach ((EntryId id, Row row) in _table.Rows())
        {
            if (row.Fate is Fate.Stands or Fate.Changed)
            {
                _shown.Add(row.Part);
            }
            else if (row.OnTarget && IsGone(row, tableIsWhole))
            {
                Want(id, row, Loss.Everything);
            }
        }

        foreach ((EntryId id, Loss loss) in updates)
        {
            Want(id, _table.Find(id), loss);
        }
    }

    private bool IsGone(Row row, bool tableIsWhole)
    {
        SourceRead? read = ReadOf(row);
        return row.Fate == Fate.Gone
            ? read is null || read.IsComplete
            : read is null ? tableIsWhole && _frame.AllComplete : read is { IsRead: true, IsWhole: true, IsComplete: true };
    }

    private void Want(EntryId id, Row row, Loss loss)
    {
        // Who keeps an address because somebody said so has not agreed to anything else, and the other way round.
        bool rejected = _state.Held.Rejected.TryGetValue(id, out Loss before) && before.IsDeletion == loss.IsDeletion;
        if (rejected && !IsApproved(_frame.Start with { ApproveDeletes = false }, _state, id, loss))
        {
            _rejected[id] = loss;
        }
        else
        {
            _wanted.Add(new Wanted(id, row, loss));
        }
    }

    /// <summary>What was held or rejected before and is not spoken of in this cycle stays so.</summary>
    private void KeepUndecided(bool tableIsWhole)
    {
        HashSet<EntryId> wanted = [.. _wanted.Select(one => one.Id)];
        foreach ((IReadOnlyDictionary<EntryId, Loss> before, Dictionary<EntryId, Loss> now) in new[] { (_state.Held.Held, _held), (_state.Held.Rejected, _rejected) })
        {
            foreach ((EntryId id, Loss loss) in before)
            {
                Fate fate = _table.FateOf(id);
                bool holds = _table.Holds(id);
                bool unread = holds && fate == (loss.IsDeletion ? Fate.Gone : Fate.Changed) && ReadOf(_table.Find(id)) is { IsComplete: false };
                if ((fate == Fate.Unseen || unread) && !wanted.Contains(id) && (holds || !tableIsWhole))
                {
                    now.TryAdd(id, loss);
                }
            }
        }
    }

    /// <summary>Deletions that wait, and that this cycle does not speak of: the source still does not have them. The table has their rows: see
    /// <see cref="SyncCycle"/>. What it is to lose of an entry that stays only its source can say.</summary>
    private void ApproveWaiting()
    {
        foreach (Dictionary<EntryId, Loss> list in (Dictionary<EntryId, Loss>[])[_held, _rejected])
        {
            foreach ((EntryId id, Loss loss) in list.Where(one => one.Value.IsDeletion && IsApproved(_frame.Start with { ApproveDeletes = _frame.Start.ApproveDeletes && list == _held }, _state, one.Key, one.Value)).ToArray())
            {
                Row row = _table.Find(id);
                if (ReadOf(row)?.IsComplete ?? _frame.AllComplete)
                {
                    list.Remove(id);
                    _wanted.Add(new Wanted(id, row, loss));
                }
            }
        }
    }

    private void Guard(IReadOnlyList<long> partCounts, DateTimeOffset now)
    {
        ILookup<bool, Wanted> wanted = _wanted.ToLookup(one => IsApproved(_frame.Start, _state, one.Id, one.Loss));
        foreach (Wanted one in wanted[true])
        {
            _frame.Decided(AuditAction.Approve, one.Id, "", "");
            LetGo(one);
        }

        List<Wanted> undecided = [.. wanted[false]];
        Reason = Check(undecided, partCounts, now);
        foreach (Wanted one in undecided)
        {
            if (Reason is null)
            {
                string part = _frame.Content.Parts[one.Row.Part].ObjectClass;
                ByPart[part] = ByPart.GetValueOrDefault(part) + 1;
                LetGo(one);
                continue;
            }

            _held[one.Id] = one.Loss;
            if (!_state.Held.Held.TryGetValue(one.Id, out Loss before) || !before.Covers(one.Loss))
            {
                _frame.Decided(AuditAction.Hold, one.Id, SourceOf(one.Row), Reason);
            }
        }
    }

    private void LetGo(Wanted one)
    {
        if (one.Loss.IsDeletion)
        {
            _deletes.Add(one.Id);
            _deletedRows[one.Id] = one.Row;
        }
    }

    /// <summary>What is held, also by this very cycle, stays.</summary>
    private void Reject()
    {
        foreach ((EntryId id, Loss loss) in _held)
        {
            _rejected[id] = loss;
            _frame.Decided(AuditAction.Reject, id, "", "");
        }

        _held.Clear();
        Reason = null;
    }

    /// <summary>What waited and does not any more, though nobody has decided.</summary>
    private void NoteReleases()
    {
        if (_frame.Reads.All(read => !read.IsComplete))
        {
            return; // what is remembered stays as it was
        }

        HashSet<EntryId> wanted = [.. _wanted.Select(one => one.Id)];
        foreach (EntryId id in _state.Held.Held.Keys.Concat(_state.Held.Rejected.Keys).Where(id => !wanted.Contains(id) && !_held.ContainsKey(id) && !_rejected.ContainsKey(id)))
        {
            bool there = _table.Holds(id);
            _frame.Decided(
                AuditAction.Release, id, there ? SourceOf(_table.Find(id)) : "", there ? "its source shows what it has" : "the edge does not have it any more");
        }
    }

    private string? Check(List<Wanted> wanted, IReadOnlyList<long> partCounts, DateTimeOffset now)
    {
        DeleteGuard guard = _frame.Content.Guard;
        if (guard.HoldWhenEmpty)
        {
            foreach (SourceRead read in _frame.Reads.Where(read => read.IsComplete))
            {
                long deletes = wanted.LongCount(one => one.Loss.IsDeletion && one.Row.Source == read.Index);
                bool nothingLeft = read.IsWhole ? read.Found == 0 : read.Before?.Entries is { } before && before <= deletes;
                if (deletes > 0 && nothingLeft && read.Found == 0)
                {
                    return DeleteGuard.CheckEmpty(read.Name, deletes, _frame.Content.What);
                }
            }
        }

        for (int part = 0; part < _frame.Content.Parts.Count; part++)
        {
            SyncPart one = _frame.Content.Parts[part];
            long deletes = wanted.LongCount(wanted => wanted.Row.Part == part && wanted.Loss.IsDeletion);
            long updates = wanted.LongCount(wanted => wanted.Row.Part == part && !wanted.Loss.IsDeletion);

            // Held ids are known by id only; they count where there is but one part, and nowhere twice.
            bool only = _frame.Content.Parts.Count == 1;
            long waitingDeletes = only ? HeldDeletes : 0;
            long waitingUpdates = only ? HeldCount - waitingDeletes : 0;
            long before = _state.Document.Deletes.Where(count => count.Part == one.ObjectClass && now - count.At <= guard.Window).Sum(count => count.Count);
            string? why = deletes + updates == 0 ? null
                : guard.Check(deletes + waitingDeletes, updates + waitingUpdates, before, partCounts[part], one.What)
                ?? (guard.HoldWhenEmpty || _shown.Contains(part) ? null : DeleteGuard.CheckVanishing(deletes, partCounts[part], one.What));
            if (why is not null)
            {
                return why;
            }
        }

        return null;
    }

    private SourceRead? ReadOf(Row row) => row.Source < _frame.Reads.Count ? _frame.Reads[row.Source] : null;

    private string SourceOf(Row row) => ReadOf(row)?.Name ?? "";

    private readonly record struct Wanted(EntryId Id, Row Row, Loss Loss);
}

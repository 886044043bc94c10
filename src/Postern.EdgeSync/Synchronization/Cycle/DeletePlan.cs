using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>What is to be deleted, after every source was read: sent, held by the guard, or rejected before by an operator.</summary>
internal sealed class DeletePlan
{
    private readonly List<(EntryId Id, Row Row)> _wanted = [];
    private readonly HashSet<int> _shown = [];
    private readonly HashSet<EntryId> _held = [];
    private readonly HashSet<EntryId> _rejected = [];
    private readonly HashSet<EntryId> _deletes = [];

    private DeletePlan()
    {
    }

    /// <summary>Why nothing is deleted; null: nothing is held.</summary>
    public string? Reason { get; private set; }

    public IReadOnlySet<EntryId> Deletes => _deletes;

    public HeldIds Held => new(_held, _rejected);

    public long HeldCount => _held.Count;

    /// <summary>Deleted now, by index of the source.</summary>
    public Dictionary<int, long> BySource { get; } = [];

    /// <summary>Deleted now, by object class.</summary>
    public Dictionary<string, long> ByPart { get; } = [];

    /// <param name="state">As it was before the cycle.</param>
    /// <param name="tableIsWhole">The table has everything that the edge has.</param>
    /// <param name="partCounts">Entries of the edge by part.</param>
    public static DeletePlan Make(CycleFrame frame, TargetTable table, EdgeState state, bool tableIsWhole, IReadOnlyList<long> partCounts, DateTimeOffset now)
    {
        DeletePlan plan = new();
        bool allComplete = frame.AllComplete;
        foreach ((EntryId id, Row row) in table.Rows())
        {
            if (row.Fate is Fate.Stands or Fate.Changed)
            {
                plan._shown.Add(row.Part);
                continue;
            }

            if (!row.OnTarget)
            {
                continue;
            }

            SourceRead? read = row.Source < frame.Reads.Count ? frame.Reads[row.Source] : null;
            bool gone = row.Fate == Fate.Gone
                ? read is null || read.IsComplete
                : read is null ? tableIsWhole && allComplete : read is { IsRead: true, IsWhole: true, IsComplete: true };
            if (!gone)
            {
                continue;
            }

            if (state.Held.Rejected.Contains(id))
            {
                plan._rejected.Add(id);
            }
            else
            {
                plan._wanted.Add((id, row));
            }
        }

        plan.KeepUndecided(table, state, tableIsWhole);
        plan.Guard(frame, table, state, partCounts, now);
        return plan;
    }

    public async Task SendAsync(CycleFrame frame, CancellationToken cancellationToken)
    {
        foreach ((EntryId id, Row row) in _wanted)
        {
            if (_deletes.Contains(id))
            {
                SyncPart part = frame.Content.Parts[row.Part];
                BySource[row.Source] = BySource.GetValueOrDefault(row.Source) + 1;
                frame.Decided(AuditAction.Delete, id, row.Source < frame.Reads.Count ? frame.Reads[row.Source].Name : "", "");
                await frame.Sink.AddAsync(new DelRequest(ProjectedEntry.DnOf(id, part.BaseDn)), cancellationToken);
            }
        }
    }

    /// <summary>What was held or rejected before and is not spoken of in this cycle stays so.</summary>
    private void KeepUndecided(TargetTable table, EdgeState state, bool tableIsWhole)
    {
        HashSet<EntryId> wanted = [.. _wanted.Select(one => one.Id)];
        bool Undecided(EntryId id)
        {
            Fate fate = table.FateOf(id);
            return fate is Fate.Unseen && !wanted.Contains(id) && (!tableIsWhole || table.Holds(id));
        }

        _held.UnionWith(state.Held.Held.Where(Undecided));
        _rejected.UnionWith(state.Held.Rejected.Where(Undecided));
    }

    private void Guard(CycleFrame frame, TargetTable table, EdgeState state, IReadOnlyList<long> partCounts, DateTimeOffset now)
    {
        bool approved = frame.Start.ApproveDeletes;
        Reason = approved ? null : Check(frame, state, partCounts, now);
        foreach ((EntryId id, Row row) in _wanted)
        {
            if (Reason is null)
            {
                _deletes.Add(id);
                string part = frame.Content.Parts[row.Part].ObjectClass;
                ByPart[part] = ByPart.GetValueOrDefault(part) + 1;
            }
            else
            {
                if (_held.Add(id) && !state.Held.Held.Contains(id))
                {
                    frame.Decided(AuditAction.Hold, id, row.Source < frame.Reads.Count ? frame.Reads[row.Source].Name : "", Reason);
                }
            }
        }

        if (approved)
        {
            Approve(frame, table);
        }
        else if (frame.Start.RejectDeletes)
        {
            Reject(frame);
        }
    }

    /// <summary>What is held, also by this very cycle, stays.</summary>
    private void Reject(CycleFrame frame)
    {
        foreach (EntryId id in _held)
        {
            _rejected.Add(id);
            frame.Decided(AuditAction.Reject, id, "", "");
        }

        _held.Clear();
        Reason = null;
    }

    /// <summary>What was held before goes as well. The table has it: see <see cref="SyncCycle"/>.</summary>
    private void Approve(CycleFrame frame, TargetTable table)
    {
        foreach (EntryId id in _held)
        {
            _deletes.Add(id);
            _wanted.Add((id, table.Find(id)));
            frame.Decided(AuditAction.Approve, id, "", "");
        }

        _held.Clear();
    }

    private string? Check(CycleFrame frame, EdgeState state, IReadOnlyList<long> partCounts, DateTimeOffset now)
    {
        DeleteGuard guard = frame.Content.Guard;
        if (guard.HoldWhenEmpty)
        {
            foreach (SourceRead read in frame.Reads.Where(read => read.IsComplete))
            {
                long deletes = _wanted.LongCount(one => one.Row.Source == read.Index);
                bool nothingLeft = read.IsWhole ? read.Found == 0 : read.Before?.Entries is { } before && before <= deletes;
                if (deletes > 0 && nothingLeft && read.Found == 0)
                {
                    return DeleteGuard.CheckEmpty(read.Name, deletes, frame.Content.What);
                }
            }
        }

        for (int part = 0; part < frame.Content.Parts.Count; part++)
        {
            SyncPart one = frame.Content.Parts[part];
            long deletes = _wanted.LongCount(wanted => wanted.Row.Part == part);

            // Held ids are known by id only; they count where there is but one part, and nowhere twice.
            long waiting = frame.Content.Parts.Count == 1 ? _held.Count : 0;
            long before = state.Document.Deletes.Where(count => count.Part == one.ObjectClass && now - count.At <= guard.Window).Sum(count => count.Count);
            string? why = deletes == 0 ? null
                : guard.Check(deletes + waiting, before, partCounts[part], one.What)
                ?? (guard.HoldWhenEmpty || _shown.Contains(part) ? null : DeleteGuard.CheckVanishing(deletes, partCounts[part], one.What));
            if (why is not null)
            {
                return why;
            }
        }

        return null;
    }
}

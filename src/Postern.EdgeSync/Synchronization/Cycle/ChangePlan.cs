using System.Runtime.CompilerServices;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>Turns what the sources say into additions and updates, entry by entry. Deletions are only noted, and so is what updates would take
/// away: see <see cref="LossPlan"/>.</summary>
/// <param name="mostGathered">Updates that wait for the end; further ones are sent at once, and those of them that would take something away
/// keep it.</param>
internal sealed class ChangePlan(CycleFrame frame, TargetTable table, EdgeLookup lookup, ClaimBook claims, LossBook losses, int mostGathered)
{
    /// <summary>Entries whose claims are looked up together.</summary>
    private const int ChunkEntries = 400;

    private readonly List<(ProjectedEntry Entry, bool Again)> _chunk = [];
    private readonly List<ProjectedEntry> _ready = [];
    private readonly Dictionary<EntryId, (SourceRead Read, ProjectedEntry? Entry)> _again = [];
    private int _chunkClaims;

    /// <summary>Nobody has anything on the edge: claims are decided in the order of reading, nothing is looked up.</summary>
    public bool EdgeIsEmpty { get; init; }

    /// <summary>Who has what on the edge, when all of it was asked before.</summary>
    public IReadOnlyDictionary<UInt128, List<EntryId>>? KnownOwners { get; init; }

    /// <summary>With <see cref="KnownOwners"/>: what the changed entries and those owners have.</summary>
    public Dictionary<EntryId, EdgeContent> KnownContents { get; init; } = [];

    /// <summary>Whether an entry may lose that much, whatever all together do.</summary>
    public Func<EntryId, Loss, bool> MayLose { get; init; } = (_, _) => false;

    /// <summary>What the updates of entries would take away, as far as it is to go.</summary>
    public IEnumerable<(EntryId Id, Loss Loss)> Losses => losses.Net(claims).Where(one => losses.IsKeptAtOnce(one.Id) || IsGivenUp(one.Id));

    /// <summary>Ids that a source speaks of and another one has.</summary>
    public List<EntryId> DoubleIds { get; } = [];

    public List<LeftOut> LeftOut { get; } = [];

    /// <summary>Every id that this cycle has decided on anew.</summary>
    public HashSet<EntryId> Touched { get; } = [];

    /// <summary>Changes of the number of entries by source: index of <see cref="TargetTable"/>.</summary>
    public Dictionary<int, long> Counts { get; } = [];

    public bool HasChanges { get; private set; }

    /// <summary>An entry that its source shows.</summary>
    public ValueTask ShowAsync(SourceRead read, in SourceEntry entry, IProjection projection, CancellationToken cancellationToken)
    {
        if (projection.Project(entry) != ProjectionVerdict.Projected)
        {
            LeaveOut(read, entry, projection.Reason);
            Remove(read, entry.Id);
            return ValueTask.CompletedTask;
        }

        read.Found++;
        NoteFault(read, entry.Entry.Dn, projection.Reason);
        return Judge(read, entry.Id, entry.Entry.Dn, projection.Part, projection.Digest)
            ? QueueAsync(ProjectedEntry.From(entry, read.Name, projection), cancellationToken)
            : ValueTask.CompletedTask;
    }

    /// <summary>An entry that was projected before the edge was asked about it.</summary>
    /// <param name="fault">What was left out of it; empty: nothing.</param>
    public ValueTask ShowAsync(SourceRead read, ProjectedEntry entry, string fault, CancellationToken cancellationToken)
    {
        read.Found++;
        NoteFault(read, entry.SourceDn, fault);
        return Judge(read, entry.Id, entry.SourceDn, entry.Part, entry.Digest) ? QueueAsync(entry, cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>An entry that its source does not have any more.</summary>
    public void Remove(SourceRead read, EntryId id)
    {
        ref Row row = ref table.Find(id);
        if (Unsafe.IsNullRef(ref row) || row.Source != read.Index)
        {
            return;
        }

        if (row.Fate is Fate.Stands or Fate.Changed)
        {
            // It was shown before in this very reading: the last word counts, unless it is another entry's.
            if (!read.IsOneState)
            {
                _again[id] = (read, null);
            }

            return;
        }

        row.Fate = Fate.Gone;
        if (frame.KeepsTouched)
        {
            Touched.Add(id);
        }
    }

    public void LeaveOut(SourceRead read, in SourceEntry entry, string reason)
    {
        frame.Notes.Skipped++;

        // Containers and other entries that are no recipients at all are counted, not listed: nobody has to mend them.
        if (reason.Length > 0)
        {
            frame.Notes.Add(read.Name, entry.Entry.Dn, reason);
            frame.Decided(AuditAction.Skip, entry.Id, read.Name, reason);
            LeftOut.Add(new LeftOut(entry.Id.ToString(), read.Name, reason, Refused: false));
        }
    }

    private void NoteFault(SourceRead read, string dn, string fault)
    {
        if (fault.Length > 0)
        {
            frame.Notes.Add(read.Name, dn, fault);
        }
    }

    /// <summary>After the last source: entries that came more than once.</summary>
    public async Task ReadAgainAsync(CancellationToken cancellationToken)
    {
        await DecideChunkAsync(cancellationToken);
        if (_again.Count == 0)
        {
            return;
        }

        foreach (ProjectedEntry entry in _ready.Where(entry => _again.ContainsKey(entry.Id)))
        {
            losses.KeepAll(entry, held: false);
            await EmitAsync(entry, cancellationToken);
        }

        _ready.RemoveAll(entry => _again.ContainsKey(entry.Id));
        await frame.Sink.DrainAsync(cancellationToken);
        foreach ((EntryId id, (SourceRead read, ProjectedEntry? entry)) in _again)
        {
            Row row = table.Find(id);
            row.OnTarget = true;
            row.Digest = ProjectedEntry.UnreadableDigest;
            row.Fate = entry is null ? Fate.Gone : Fate.Changed;
            table.Find(id) = row;
            if (entry is not null)
            {
                _chunk.Add((entry, true));
            }
        }

        await DecideChunkAsync(cancellationToken);
    }

    /// <summary>Decides on what waited and sends what was gathered, so that no address that somebody has all the time is unknown in
    /// between: who gains before who gives up. In one batch all of it happens at once; where it is more, an entry gets what it gains first.</summary>
    /// <param name="guarded">Which entries are deleted in this cycle, and which ones keep what they would lose.</param>
    public async Task FinishAsync(LossPlan guarded, CancellationToken cancellationToken)
    {
        IReadOnlySet<EntryId> deletes = guarded.Deletes;
        List<ProjectedEntry> settled = [.. claims.Settle(id => deletes.Contains(id) || (IsGivenUp(id) && !losses.IsKeptAtOnce(id)))];
        foreach (ProjectedEntry entry in settled.Where(entry => !table.Holds(entry.Id)))
        {
            await EmitAsync(entry, cancellationToken);
        }

        // Who gets what an entry gives up may be in the part of a source that was not read: then it gives up nothing.
        List<ProjectedEntry> changed = [.. settled.Where(entry => table.Holds(entry.Id) && IsGivenUp(entry.Id))];
        _ready.RemoveAll(entry => !IsGivenUp(entry.Id));
        foreach (ProjectedEntry entry in changed.Concat(_ready).Where(entry => guarded.Keeps(entry.Id)))
        {
            losses.Keep(entry, claims);
        }

        if (changed.Count > 0 && !frame.Sink.FitsOneBatch(changed.Count + _ready.Count + deletes.Count))
        {
            foreach (ProjectedEntry entry in changed.Where(entry => claims.GainsOf(entry.Id).Count > 0))
            {
                await frame.Sink.AddAsync(entry.ToGain(claims.GainsOf(entry.Id)), cancellationToken);
                table.Find(entry.Id).Digest = ProjectedEntry.UnreadableDigest;
            }
        }

        foreach (ProjectedEntry entry in changed.Concat(_ready))
        {
            await EmitAsync(entry, cancellationToken);
        }
    }

    /// <summary>Whether what the entry has on the edge and does not claim any more is to go.</summary>
    private bool IsGivenUp(EntryId id)
    {
        ref Row row = ref table.Find(id);
        return !Unsafe.IsNullRef(ref row) && row.Fate == Fate.Changed && (row.Source >= frame.Reads.Count || !frame.Reads[row.Source].IsRead || frame.Reads[row.Source].IsComplete);
    }

    /// <returns>Whether the entry is new or differs from what the edge has.</returns>
    private bool Judge(SourceRead read, EntryId id, string dn, SyncPart part, UInt128 digest)
    {
        ref Row row = ref table.Find(id);
        if (Unsafe.IsNullRef(ref row))
        {
            table.AddNew(id, read.Index, frame.Content.IndexOf(part));
            return true;
        }

        bool mine = row.Source == read.Index;
        if (!mine && (row.Fate is Fate.Stands or Fate.Changed || (row.Fate == Fate.Unseen && !frame.MayTakeFrom(row.Source))))
        {
            frame.Notes.Conflicts++;
            frame.Notes.Add(read.Name, dn, $"its id {id} belongs to source {table.SourceName(row.Source)}; it was left out");
            DoubleIds.Add(id);
            return false;
        }

        bool differs = frame.Start.Full || row.Digest != digest || row.Source != read.Index || row.Part != frame.Content.IndexOf(part);
        if (mine && row.Fate is Fate.Stands or Fate.Changed)
        {
            if (read.IsOneState)
            {
                const string twice = "an entry before it has the same id; the first one counts, this one was left out";
                frame.Notes.Conflicts++;
                frame.Notes.Add(read.Name, dn, twice);
                LeftOut.Add(new LeftOut(id.ToString(), read.Name, twice, Refused: false));
                return false;
            }

            // Once more in the same reading; the last word counts.
            bool waits = row.Fate == Fate.Changed || differs;
            if (waits)
            {
                _again[id] = (read, null);
            }

            return waits;
        }

        row.Fate = differs ? Fate.Changed : Fate.Stands;
        return differs;
    }

    private ValueTask QueueAsync(ProjectedEntry entry, CancellationToken cancellationToken)
    {
        if (_again.TryGetValue(entry.Id, out (SourceRead Read, ProjectedEntry? Entry) again))
        {
            _again[entry.Id] = (again.Read, entry);
            return ValueTask.CompletedTask;
        }

        if (frame.KeepsTouched)
        {
            Touched.Add(entry.Id);
        }

        if (EdgeIsEmpty || entry.Claims.Length == 0)
        {
            return claims.TryDecide(entry, null) ? ReadyAsync(entry, cancellationToken) : ValueTask.CompletedTask;
        }

        _chunk.Add((entry, false));
        _chunkClaims += entry.Claims.Length;
        return _chunk.Count >= ChunkEntries || _chunkClaims >= EdgeLookup.HashesPerSearch
            ? new ValueTask(DecideChunkAsync(cancellationToken))
            : ValueTask.CompletedTask;
    }

    private async Task DecideChunkAsync(CancellationToken cancellationToken)
    {
        if (_chunk.Count == 0)
        {
            return;
        }

        bool asked = KnownOwners is not null && !_chunk.Exists(one => one.Again);
        Dictionary<EntryId, EdgeContent> contents = asked ? KnownContents : [];
        IReadOnlyDictionary<UInt128, List<EntryId>> owners = asked
            ? KnownOwners!
            : await lookup.FindOwnersAsync([.. _chunk.SelectMany(one => one.Entry.Claims).Distinct()], contents, cancellationToken);

        // Who keeps one address has told all others with it.
        EntryId[] untold = [.. _chunk.Select(one => one.Entry.Id).Where(id => table.Holds(id) && !contents.ContainsKey(id))];
        await lookup.ReadContentsAsync(SyncPart.Recipients, untold, contents, cancellationToken);
        foreach ((ProjectedEntry entry, bool again) in _chunk)
        {
            if (contents.TryGetValue(entry.Id, out EdgeContent? content))
            {
                losses.Note(entry, content);
            }

            if (claims.TryDecide(entry, owners, again))
            {
                await ReadyAsync(entry, cancellationToken);
            }
        }

        _chunk.Clear();
        _chunkClaims = 0;
    }

    private ValueTask ReadyAsync(ProjectedEntry entry, CancellationToken cancellationToken)
    {
        if (!table.Holds(entry.Id))
        {
            return EmitAsync(entry, cancellationToken);
        }

        if (_ready.Count >= mostGathered)
        {
            if (losses.Of(entry.Id) is { } loss && !MayLose(entry.Id, loss))
            {
                losses.KeepAll(entry, held: true);
            }

            losses.Forget(entry.Id);
            return EmitAsync(entry, cancellationToken);
        }

        // It may give up an address that somebody gets who is read later, and many may give up too much.
        _ready.Add(entry);
        return ValueTask.CompletedTask;
    }

    private ValueTask EmitAsync(ProjectedEntry entry, CancellationToken cancellationToken)
    {
        ref Row row = ref table.Find(entry.Id);
        frame.Notes.Conflicts += entry.Lost;
        if (entry.Lost > 0)
        {
            frame.Notes.Add(entry.Source, entry.SourceDn, $"{entry.Lost} of its addresses belong to other entries; they were left out");
        }

        int source = frame.IndexOf(entry.Source);
        if (!row.OnTarget)
        {
            if (entry.Claims.Length > 0 && entry.Granted.IsEmpty)
            {
                row.Fate = Fate.Gone;
                frame.Notes.Skipped++;
                return ValueTask.CompletedTask;
            }

            Count(source, 1);
            HasChanges = true;
            frame.Decided(AuditAction.Add, entry.Id, entry.Source, "");
            return frame.Sink.AddAsync(entry.ToAdd(), cancellationToken);
        }

        if (row.Source != source)
        {
            Count(row.Source, -1);
            Count(source, 1);
        }

        int part = frame.Content.IndexOf(entry.Part);
        if (row.Part != part)
        {
            SyncPart from = frame.Content.Parts[row.Part];
            row.Part = (byte)part;
            return MoveAsync(entry, from, cancellationToken);
        }

        row.Source = (ushort)source;
        if (row.Digest == entry.StoredDigest && !frame.Start.Full)
        {
            return ValueTask.CompletedTask;
        }

        HasChanges = true;
        frame.Decided(AuditAction.Update, entry.Id, entry.Source, "");
        return frame.Sink.AddAsync(entry.ToModify(), cancellationToken);
    }

    /// <summary>It has become an entry of another kind.</summary>
    private async ValueTask MoveAsync(ProjectedEntry entry, SyncPart from, CancellationToken cancellationToken)
    {
        HasChanges = true;
        frame.Decided(AuditAction.Update, entry.Id, entry.Source, $"moved from {from.What} to {entry.Part.What}");
        await frame.Sink.AddAsync(new DelRequest(ProjectedEntry.DnOf(entry.Id, from.BaseDn)), cancellationToken);
        await frame.Sink.AddAsync(entry.ToAdd(), cancellationToken);
    }

    private void Count(int source, long change) => Counts[source] = Counts.GetValueOrDefault(source) + change;
}

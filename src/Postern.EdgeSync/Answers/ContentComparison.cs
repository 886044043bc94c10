using System.Runtime.CompilerServices;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;

namespace Postern.EdgeSync.Answers;

/// <summary>Compares all that the edge has of one type with all that the sources have, by id and digest, both ways. Streams: the memory it takes is
/// an id and a digest for each entry. Changes nothing.</summary>
internal sealed class ContentComparison(IDirectory edge, SyncContent content, int maxReport)
{
    private readonly List<OutOfStep> _list = [];
    private readonly Counts[] _counts = [.. content.Parts.Select(_ => new Counts())];

    public IReadOnlyList<OutOfStep> List => _list;

    public long Total { get; private set; }

    /// <summary>Why a source was not read to its end; empty when all were.</summary>
    public string Failure { get; private set; } = "";

    public IReadOnlyList<PartComparison> Parts =>
    [
        .. _counts.Select((count, i) => new PartComparison(
            content.Parts[i].What,
            Failure.Length > 0 ? PartStatus.Unknown : count.OutOfStep == 0 ? PartStatus.Synchronized : PartStatus.NotSynchronized,
            count.Source, count.Edge, count.Missing, count.Different, count.Extra)
        {
            Contested = count.Contested,
            Held = count.Held,
        }),
    ];

    public async Task RunAsync(EdgeState state, CancellationToken cancellationToken)
    {
        TargetTable table = new([.. content.Sources.Select(source => source.Name)]);
        List<string> strangers = [];
        await new EdgeLookup(edge).ReadAllAsync(content.Parts, table, strangers, () => { }, cancellationToken);
        for (int part = 0; part < _counts.Length; part++)
        {
            _counts[part].Edge = table.CountOfPart(part);
        }

        HashSet<EntryId> contested = Contested(state.Document);
        try
        {
            for (int i = 0; i < content.Sources.Count; i++)
            {
                await ReadAsync(content.Sources[i], i, table, contested, cancellationToken);
            }
        }
        catch (SourceException e)
        {
            // What was not read cannot be told from what does not exist.
            Failure = $"{e.Message}. {e.Hint}";
            return;
        }

        foreach ((EntryId id, Row row) in table.Rows())
        {
            if (row is { OnTarget: true, Fate: Fate.Unseen })
            {
                Counts counts = _counts[row.Part];
                counts.Extra++;
                if (state.Held.Held.Contains(id) || state.Held.Rejected.Contains(id))
                {
                    counts.Held++;
                }

                Note(content.Parts[row.Part].What, id, table.SourceName(row.Source), OutOfStepKind.OnlyOnEdge);
            }
        }
    }

    private async Task ReadAsync(SyncSource source, int index, TargetTable table, HashSet<EntryId> contested, CancellationToken cancellationToken)
    {
        using IProjection projection = source.Projection();
        await using ISourceReading reading = await source.Source.OpenAsync(null, cancellationToken);
        await foreach (SourceChange change in reading.ReadAsync(cancellationToken))
        {
            if (change.Entry is { } entry && projection.Project(new SourceEntry(change.Id, entry)) == ProjectionVerdict.Projected)
            {
                Compare(change.Id, projection, source.Name, index, table, contested);
            }
        }
    }

    private void Compare(EntryId id, IProjection projection, string source, int index, TargetTable table, HashSet<EntryId> contested)
    {
        int part = content.IndexOf(projection.Part);
        Counts counts = _counts[part];
        ref Row row = ref table.Find(id);
        if (Unsafe.IsNullRef(ref row))
        {
            table.AddNew(id, index, part);
            counts.Source++;
            if (contested.Contains(id))
            {
                // All that it has is another's.
                counts.Contested++;
                return;
            }

            counts.Missing++;
            Note(content.Parts[part].What, id, source, OutOfStepKind.MissingOnEdge);
            return;
        }

        if (row.Fate != Fate.Unseen)
        {
            // Two sources show one id: the first has it.
            return;
        }

        row.Fate = Fate.Stands;
        counts.Source++;
        if (row.Digest == projection.Digest)
        {
            return;
        }

        if (contested.Contains(id))
        {
            counts.Contested++;
            return;
        }

        counts.Different++;
        Note(content.Parts[part].What, id, source, OutOfStepKind.DifferentOnEdge);
    }

    private void Note(string what, EntryId id, string source, OutOfStepKind kind)
    {
        Total++;
        if (_list.Count < maxReport)
        {
            _list.Add(new OutOfStep(what, id.ToString(), source, kind));
        }
    }

    private static HashSet<EntryId> Contested(StateDocument document)
    {
        HashSet<EntryId> losers = [];
        foreach (Contest contest in document.Contests)
        {
            if (EntryId.TryParse(contest.Loser.AsSpan(), out EntryId id))
            {
                losers.Add(id);
            }
        }

        return losers;
    }

    private sealed class Counts
    {
        public long Source;
        public long Edge;
        public long Missing;
        public long Different;
        public long Extra;
        public long Contested;
        public long Held;

        public long OutOfStep => Missing + Different + Extra;
    }
}

using System.Runtime.CompilerServices;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;

namespace Postern.EdgeSync.Answers;

/// <summary>
/// Compares all that the edge holds of one type with all that the sources have, both ways. What an entry holds is read, value by value, and not what
/// its digest says it should hold. Streams: the memory it takes is an id and a digest for each entry. Changes nothing.
/// </summary>
internal sealed class ContentComparison(IDirectory edge, SyncContent content, int maxReport)
{
    /// <summary>Entries that are not as they would be alone on the edge, whose addresses are asked for together.</summary>
    private const int ChunkEntries = 400;

    private readonly List<OutOfStep> _list = [];
    private readonly HashSet<EntryId> _guarded = [];
    private readonly Counts[] _counts = [.. content.Parts.Select(_ => new Counts())];
    private readonly ContentDigest _digest = new();
    private readonly EdgeLookup _lookup = new(edge);
    private readonly List<Doubtful> _doubtful = [];
    private readonly TargetTable _table = new([.. content.Sources.Select(source => source.Name)]);

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
        _guarded.UnionWith(state.Held.Held.Keys.Concat(state.Held.Rejected.Keys));
        await ReadEdgeAsync(cancellationToken);
        try
        {
            for (int i = 0; i < content.Sources.Count; i++)
            {
                await ReadAsync(content.Sources[i], i, cancellationToken);
            }
        }
        catch (SourceException e)
        {
            // What was not read cannot be told from what does not exist.
            Failure = $"{e.Message}. {e.Hint}";
            return;
        }

        await JudgeAsync(cancellationToken);
        foreach ((EntryId id, Row row) in _table.Rows())
        {
            if (row is { OnTarget: true, Fate: Fate.Unseen })
            {
                Counts counts = _counts[row.Part];
                counts.Extra++;
                if (_guarded.Contains(id))
                {
                    counts.Held++;
                }

                Note(row.Part, id, _table.SourceName(row.Source), OutOfStepKind.OnlyOnEdge);
            }
        }
    }

    private async Task ReadEdgeAsync(CancellationToken cancellationToken)
    {
        for (int part = 0; part < content.Parts.Count; part++)
        {
            SyncPart one = content.Parts[part];
            SearchRequest request = new(one.BaseDn, SearchScope.SingleLevel, Filter.Equal("objectClass", one.ObjectClass), ["*"]);
            await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
            {
                _counts[part].Edge++;
                if (entry.Find("cn") is { Values: [{ } cn] } && EntryId.TryParse(cn.Span, out EntryId id))
                {
                    ReadOnlySpan<byte> source = entry.Find(Mail.PosternAttributes.Source) is { Values: [{ } name, ..] } ? name.Span : default;
                    _table.AddHeld(id, _digest.Of(one, entry), source, part);
                }
                else
                {
                    // No hub of ours made it.
                    _counts[part].Extra++;
                    Note(part, entry.Dn, "", OutOfStepKind.OnlyOnEdge);
                }
            }
        }
    }

    private async Task ReadAsync(SyncSource source, int index, CancellationToken cancellationToken)
    {
        using IProjection projection = source.Projection();
        await using ISourceReading reading = await source.Source.OpenAsync(null, cancellationToken);
        await foreach (SourceChange change in reading.ReadAsync(cancellationToken))
        {
            if (change.Entry is { } entry && projection.Project(new SourceEntry(change.Id, entry)) == ProjectionVerdict.Projected)
            {
                Compare(new SourceEntry(change.Id, entry), projection, source.Name, index);
                if (_doubtful.Count >= ChunkEntries)
                {
                    await JudgeAsync(cancellationToken);
                }
            }
        }
    }

    private void Compare(in SourceEntry entry, IProjection projection, string source, int index)
    {
        int part = content.IndexOf(projection.Part);
        ref Row row = ref _table.Find(entry.Id);
        bool missing = Unsafe.IsNullRef(ref row);
        if (missing)
        {
            _table.AddNew(entry.Id, index, part);
        }
        else if (row.Fate != Fate.Unseen)
        {
            // Two sources show one id: the first has it.
            return;
        }
        else
        {
            row.Fate = Fate.Stands;
        }

        _counts[part].Source++;
        if (missing || row.Part != part || row.Digest != _digest.Of(projection.Part, source, projection.Claims, projection.Attributes()))
        {
            _doubtful.Add(new Doubtful(ProjectedEntry.From(entry, source, projection), part, missing ? null : row.Digest));
        }
    }

    /// <summary>An entry may lack what another one has on the edge, and nothing else: who had an address first keeps it.</summary>
    private async Task JudgeAsync(CancellationToken cancellationToken)
    {
        AddressHash[] claims = [.. _doubtful.SelectMany(one => one.Entry.Claims).Distinct()];
        Dictionary<UInt128, List<EntryId>> owners = claims.Length == 0 || _table.Count == 0 ? [] : await _lookup.FindOwnersAsync(claims, null, cancellationToken);
        foreach (Doubtful one in _doubtful)
        {
            ProjectedEntry entry = one.Entry;
            AddressHash[] granted = [.. entry.Claims.Where(hash => !owners.TryGetValue(hash.High, out List<EntryId>? who) || who.TrueForAll(id => id == entry.Id))];
            Counts counts = _counts[one.Part];
            if (one.Held is not { } held)
            {
                if (granted.Length == 0 && entry.Claims.Length > 0)
                {
                    // All that it has is another's.
                    counts.Contested++;
                    continue;
                }

                counts.Missing++;
                Note(one.Part, entry.Id, entry.Source, OutOfStepKind.MissingOnEdge);
            }
            else if (granted.Length < entry.Claims.Length && held == _digest.Of(entry.Part, entry.Source, granted, entry.Attributes))
            {
                counts.Contested++;
            }
            else
            {
                counts.Different++;
                counts.Held += _guarded.Contains(entry.Id) ? 1 : 0;
                Note(one.Part, entry.Id, entry.Source, OutOfStepKind.DifferentOnEdge);
            }
        }

        _doubtful.Clear();
    }

    private void Note(int part, EntryId id, string source, OutOfStepKind kind) => Note(part, id.ToString(), source, kind);

    private void Note(int part, string id, string source, OutOfStepKind kind)
    {
        Total++;
        if (_list.Count < maxReport)
        {
            _list.Add(new OutOfStep(content.Parts[part].What, id, source, kind));
        }
    }

    /// <param name="Held">The digest of what the edge holds; null: it has no such entry.</param>
    private sealed record Doubtful(ProjectedEntry Entry, int Part, UInt128? Held);

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

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Postern.EdgeSync.Sources;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>What this cycle has found out about an entry.</summary>
internal enum Fate : byte
{
    /// <summary>No source has spoken of it.</summary>
    Unseen,

    /// <summary>It is what its source has.</summary>
    Stands,

    /// <summary>Its source has something else now, or it is new.</summary>
    Changed,

    /// <summary>Its source does not have it any more, or nothing of it may be replicated.</summary>
    Gone,
}

/// <summary>What the edge holds, by id and digest, and what the sources say of it. About 60 octets per entry.</summary>
/// <param name="sources">Names of the sources that are read, in their order: their indexes here.</param>
internal sealed class TargetTable(IReadOnlyList<string> sources)
{
    /// <summary>Growing copies a part, not the whole, and a part of a million entries is still no large object.</summary>
    private const int Parts = 1024;

    private readonly Dictionary<UInt128, Row>?[] _parts = new Dictionary<UInt128, Row>?[Parts];
    private readonly Dictionary<int, long> _bySource = [];
    private readonly Dictionary<int, long> _byPart = [];
    private readonly List<byte[]> _sources = [.. sources.Select(Encoding.UTF8.GetBytes)];

    /// <summary>Entries that the edge holds, of those that were looked at.</summary>
    public long Count { get; private set; }

    public long CountOfSource(int source) => _bySource.GetValueOrDefault(source);

    public long CountOfPart(int part) => _byPart.GetValueOrDefault(part);

    public string SourceName(int index) => Encoding.UTF8.GetString(_sources[index]);

    /// <param name="sourceName">UTF-8, as the edge has it.</param>
    public void AddHeld(EntryId id, UInt128 digest, ReadOnlySpan<byte> sourceName, int part)
    {
        ref Row row = ref CollectionsMarshal.GetValueRefOrAddDefault(Part(id), id.Value, out bool exists);
        if (!exists)
        {
            int source = IndexOf(sourceName);
            row = new Row { Digest = digest, Source = (ushort)source, Part = (byte)part, OnTarget = true };
            Count++;
            CollectionsMarshal.GetValueRefOrAddDefault(_bySource, source, out _)++;
            CollectionsMarshal.GetValueRefOrAddDefault(_byPart, part, out _)++;
        }
    }

    /// <summary>A null reference when neither the edge nor a source has it.</summary>
    public ref Row Find(EntryId id) => ref CollectionsMarshal.GetValueRefOrNullRef(Part(id), id.Value);

    /// <summary>An entry that the edge does not hold.</summary>
    public void AddNew(EntryId id, int source, int part) =>
        Part(id)[id.Value] = new Row { Source = (ushort)source, Part = (byte)part, Fate = Fate.Changed };

    public Fate FateOf(EntryId id)
    {
        ref Row row = ref Find(id);
        return Unsafe.IsNullRef(ref row) ? Fate.Unseen : row.Fate;
    }

    public bool Holds(EntryId id)
    {
        ref Row row = ref Find(id);
        return !Unsafe.IsNullRef(ref row) && row.OnTarget;
    }

    public IEnumerable<(EntryId Id, Row Row)> Rows()
    {
        foreach (Dictionary<UInt128, Row>? part in _parts)
        {
            foreach ((UInt128 id, Row row) in part ?? [])
            {
                yield return (new EntryId(id), row);
            }
        }
    }

    // By hash code: ids of one source may have most of their digits in common.
    private Dictionary<UInt128, Row> Part(EntryId id)
    {
        UInt128 value = id.Value;
        uint index = (uint)value.GetHashCode() % Parts;
        return _parts[index] ??= [];
    }

    private int IndexOf(ReadOnlySpan<byte> source)
    {
        // A handful of sources.
        for (int i = 0; i < _sources.Count; i++)
        {
            if (source.SequenceEqual(_sources[i]))
            {
                return i;
            }
        }

        _sources.Add(source.ToArray());
        return _sources.Count - 1;
    }
}

internal struct Row
{
    public UInt128 Digest;
    public ushort Source;
    public byte Part;
    public Fate Fate;
    public bool OnTarget;
}

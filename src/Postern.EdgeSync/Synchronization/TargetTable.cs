using System.Runtime.InteropServices;
using System.Text;
using Postern.EdgeSync.Sources;

namespace Postern.EdgeSync.Synchronization;

/// <summary>What a source entry means for the edge.</summary>
internal enum PlanVerdict
{
    Add,
    Update,
    Unchanged,

    /// <summary>Another entry of this cycle has this id.</summary>
    Duplicate,
}

/// <summary>What the edge holds, by id and digest, and what of it the sources still have. About 60 octets per entry.</summary>
internal sealed class TargetTable
{
    /// <summary>Growing copies a part, not the whole, and a part of a million entries is still no large object.</summary>
    private const int Parts = 1024;

    private readonly Dictionary<UInt128, Held>?[] _parts = new Dictionary<UInt128, Held>?[Parts];
    private readonly List<byte[]> _sources = [];

    /// <summary>Entries that the edge holds.</summary>
    public long Count { get; private set; }

    /// <summary>Of those, the ones that no source has shown.</summary>
    public long Unseen { get; private set; }

    /// <param name="source">UTF-8, as the edge has it.</param>
    public void AddHeld(EntryId id, UInt128 digest, ReadOnlySpan<byte> source)
    {
        ref Held held = ref CollectionsMarshal.GetValueRefOrAddDefault(Part(id), id.Value, out bool exists);
        if (!exists)
        {
            held = new Held(digest, IndexOf(source), OnTarget: true, Seen: false);
            Count++;
            Unseen++;
        }
    }

    public PlanVerdict Compare(EntryId id, UInt128 digest, bool full)
    {
        ref Held held = ref CollectionsMarshal.GetValueRefOrAddDefault(Part(id), id.Value, out bool exists);
        if (!exists)
        {
            held = new Held(digest, 0, OnTarget: false, Seen: true);
            return PlanVerdict.Add;
        }

        if (held.Seen)
        {
            return PlanVerdict.Duplicate;
        }

        bool changed = full || held.Digest != digest;
        held = held with { Seen = true };
        Unseen--;
        return changed ? PlanVerdict.Update : PlanVerdict.Unchanged;
    }

    /// <summary>Entries of the edge that no source has shown: to be deleted.</summary>
    public IEnumerable<EntryId> UnseenIds()
    {
        foreach ((UInt128 id, Held held) in Entries())
        {
            if (held is { OnTarget: true, Seen: false })
            {
                yield return new EntryId(id);
            }
        }
    }

    /// <summary>How many unseen entries came from this source.</summary>
    public long UnseenOf(string source)
    {
        int index = Find(Encoding.UTF8.GetBytes(source));
        return index < 0 ? 0 : Entries().LongCount(entry => entry.Value is { OnTarget: true, Seen: false } && entry.Value.Source == index);
    }

    // By hash code: ids of one source may have most of their digits in common.
    private Dictionary<UInt128, Held> Part(EntryId id)
    {
        UInt128 value = id.Value;
        uint index = (uint)value.GetHashCode() % Parts;
        return _parts[index] ??= [];
    }

    private IEnumerable<KeyValuePair<UInt128, Held>> Entries()
    {
        foreach (Dictionary<UInt128, Held>? part in _parts)
        {
            foreach (KeyValuePair<UInt128, Held> entry in part ?? [])
            {
                yield return entry;
            }
        }
    }

    private int IndexOf(ReadOnlySpan<byte> source)
    {
        int index = Find(source);
        if (index < 0)
        {
            index = _sources.Count;
            _sources.Add(source.ToArray());
        }

        return index;
    }

    private int Find(ReadOnlySpan<byte> source)
    {
        // A handful of sources.
        for (int i = 0; i < _sources.Count; i++)
        {
            if (source.SequenceEqual(_sources[i]))
            {
                return i;
            }
        }

        return -1;
    }

    private readonly record struct Held(UInt128 Digest, int Source, bool OnTarget, bool Seen);
}

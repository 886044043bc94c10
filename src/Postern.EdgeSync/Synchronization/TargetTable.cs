using System.Runtime.InteropServices;
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
    private readonly Dictionary<UInt128, Held> _entries = [];
    private readonly List<string> _sources = [];

    /// <summary>Entries that the edge holds.</summary>
    public long Count { get; private set; }

    /// <summary>Of those, the ones that no source has shown.</summary>
    public long Unseen { get; private set; }

    public void AddHeld(EntryId id, UInt128 digest, string source)
    {
        ref Held held = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, id.Value, out bool exists);
        if (!exists)
        {
            held = new Held(digest, IndexOf(source), OnTarget: true, Seen: false);
            Count++;
            Unseen++;
        }
    }

    public PlanVerdict Compare(EntryId id, UInt128 digest, bool full)
    {
        ref Held held = ref CollectionsMarshal.GetValueRefOrAddDefault(_entries, id.Value, out bool exists);
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
        foreach ((UInt128 id, Held held) in _entries)
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
        int index = _sources.IndexOf(source);
        return index < 0 ? 0 : _entries.Values.LongCount(held => held is { OnTarget: true, Seen: false } && held.Source == index);
    }

    private int IndexOf(string source)
    {
        int index = _sources.IndexOf(source);
        if (index < 0)
        {
            index = _sources.Count;
            _sources.Add(source);
        }

        return index;
    }

    private readonly record struct Held(UInt128 Digest, int Source, bool OnTarget, bool Seen);
}

using Postern.EdgeSync.Records;
using Postern.EdgeSync.Sources;

namespace Postern.EdgeSync.Synchronization.Cycle;

/// <summary>What the steps of one cycle share.</summary>
internal sealed class CycleFrame
{
    public required SyncContent Content { get; init; }

    public required SyncStart Start { get; init; }

    public required SyncNotes Notes { get; init; }

    public required IOperationSink Sink { get; init; }

    public required IReadOnlyList<SourceRead> Reads { get; init; }

    /// <summary>Called for each decision: what, id, source, reason.</summary>
    public Action<AuditAction, EntryId, string, string> Decided { get; init; } = (_, _, _, _) => { };

    /// <summary>Everything was read that there is: what is not known afterwards does not exist.</summary>
    public bool AllWhole => Reads.All(read => read is { IsRead: true, IsWhole: true });

    public bool AllComplete => Reads.All(read => read.IsComplete);

    /// <summary>Whether ids are remembered that the cycle touched: only for a cycle that does not look at everything.</summary>
    public bool KeepsTouched => !AllWhole;

    /// <summary>Whether an entry that no source has shown may be taken over from this source: it is no source any more, or reads everything
    /// and so speaks for itself.</summary>
    public bool MayTakeFrom(int source) => source >= Reads.Count || Reads[source] is { IsRead: true, IsWhole: true };

    public int IndexOf(string source)
    {
        for (int i = 0; i < Reads.Count; i++)
        {
            if (Reads[i].Name == source)
            {
                return i;
            }
        }

        throw new InvalidOperationException($"{source} is not read in this cycle");
    }
}

using System.Runtime.CompilerServices;

namespace Postern.EdgeSync.Sources.Feeds;

/// <summary>A reading of changes that all have arrived already.</summary>
internal sealed class GatheredReading(IReadOnlyList<SourceChange> changes, SourceCookie next) : ISourceReading
{
    public bool IsWhole => false;

    public string WholeBecause => "";

    public SourceCookie? NextCookie => next;

    public async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (SourceChange change in changes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return change;
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

namespace Postern.EdgeSync.Sources;

/// <summary>A reading of everything, of a source without a change feed.</summary>
internal sealed class WholeReading(string because, Func<CancellationToken, IAsyncEnumerable<SourceChange>> read) : ISourceReading
{
    public const string NoFeed = "the source has no change feed";

    public bool IsWhole => true;

    public string WholeBecause => because;

    public SourceCookie? NextCookie => null;

    public IAsyncEnumerable<SourceChange> ReadAsync(CancellationToken cancellationToken) => read(cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

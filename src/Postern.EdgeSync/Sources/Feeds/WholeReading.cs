namespace Postern.EdgeSync.Sources.Feeds;

/// <summary>A reading of everything, as a stream.</summary>
/// <param name="because">In words, for results and the log.</param>
/// <param name="next">Asked for after the end: the cookie that goes with what was read. Null: the source has no change feed.</param>
/// <param name="owned">Ends with the reading: its connection.</param>
internal sealed class WholeReading(
    string because, Func<CancellationToken, IAsyncEnumerable<SourceChange>> read, Func<SourceCookie?>? next = null, IAsyncDisposable? owned = null) : ISourceReading
{
    public const string NoFeed = "the source has no change feed";
    public const string NoCookie = "no cookie yet";

    public bool IsWhole => true;

    public string WholeBecause => because;

    public bool IsOneState { get; init; }

    public SourceCookie? NextCookie => next?.Invoke();

    public IAsyncEnumerable<SourceChange> ReadAsync(CancellationToken cancellationToken) => read(cancellationToken);

    public ValueTask DisposeAsync() => owned?.DisposeAsync() ?? ValueTask.CompletedTask;
}

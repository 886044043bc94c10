namespace Postern.Transport.Services;

/// <param name="undoMore">Beside the files: what commands changed.</param>
internal sealed class ServiceChange(ServiceFiles files, bool isMore, IReadOnlyList<string> notes, Func<CancellationToken, Task> undoMore) : IServiceChange
{
    /// <summary>What <see cref="FinishAsync"/> does; its words are for people. Null: nothing.</summary>
    public Func<CancellationToken, Task<IReadOnlyList<string>>>? Finish { get; init; }

    public bool IsChange => files.IsChange || isMore;

    public IReadOnlyList<string> Notes => notes;

    /// <summary>The configuration first: it must not name files that are gone. Where it cannot be put back, its files stay, too.</summary>
    public async Task UndoAsync(CancellationToken cancellationToken)
    {
        await undoMore(cancellationToken).ConfigureAwait(false);
        files.PutBack();
    }

    public Task<IReadOnlyList<string>> FinishAsync(CancellationToken cancellationToken) => Finish?.Invoke(cancellationToken) ?? Task.FromResult<IReadOnlyList<string>>([]);

    public void Dispose() => files.Dispose();
}

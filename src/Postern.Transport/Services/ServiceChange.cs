namespace Postern.Transport.Services;

/// <param name="undoMore">Beside the files: what commands changed.</param>
internal sealed class ServiceChange(ServiceFiles files, bool isMore, IReadOnlyList<string> notes, Func<CancellationToken, Task> undoMore) : IServiceChange
{
    public bool IsChange => files.IsChange || isMore;

    public IReadOnlyList<string> Notes => notes;

    public async Task UndoAsync(CancellationToken cancellationToken)
    {
        files.PutBack();
        await undoMore(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => files.Dispose();
}

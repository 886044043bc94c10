using System.Runtime.CompilerServices;
using Postern.EdgeSync.Sources.Connecting;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>One reading: of everything, or of the objects that a feed named. Owns its session.</summary>
/// <param name="because">Why everything is read; empty when only changes are.</param>
internal sealed class ActiveDirectoryReading(
    DomainSession session,
    DomainControllers controllers,
    string because,
    SourceCookie? next,
    Func<CancellationToken, IAsyncEnumerable<SourceChange>> read) : ISourceReading
{
    private bool _ended;

    public bool IsWhole => because.Length > 0;

    public string WholeBecause => because;

    public SourceCookie? NextCookie => _ended ? next : null;

    public async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<SourceChange> changes = read(cancellationToken).GetAsyncEnumerator(cancellationToken);
        long count = 0;
        while (await MoveNextAsync(changes, count))
        {
            count++;
            yield return changes.Current;
        }

        _ended = true;
    }

    public ValueTask DisposeAsync() => _ended ? controllers.ReleaseAsync(session) : session.DisposeAsync();

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<SourceChange> changes, long count)
    {
        try
        {
            return await changes.MoveNextAsync();
        }
        catch (Exception e) when (SourceFailures.IsOfDirectory(e))
        {
            controllers.NoteFailure(session, e);
            throw session.Explain(e, $"after {count} objects");
        }
    }
}

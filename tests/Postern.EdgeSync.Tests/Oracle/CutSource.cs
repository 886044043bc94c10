using System.Runtime.CompilerServices;
using Postern.EdgeSync.Sources;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>A source whose connection fails when the history says so.</summary>
internal sealed class CutSource(ISource inner, Func<Fault> fault) : ISource
{
    public string Name => inner.Name;

    public async Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken) =>
        fault().Kind == FaultKind.SourceDown
            ? throw new SourceException(Name, "it does not answer", "Start it.")
            : new Reading(await inner.OpenAsync(since, cancellationToken), Name, fault());

    public Task WaitForBellAsync(CancellationToken cancellationToken) => inner.WaitForBellAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private sealed class Reading(ISourceReading inner, string name, Fault fault) : ISourceReading
    {
        public bool IsWhole => inner.IsWhole;

        public string WholeBecause => inner.WholeBecause;

        public SourceCookie? NextCookie => inner.NextCookie;

        public async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            int count = 0;
            await foreach (SourceChange change in inner.ReadAsync(cancellationToken))
            {
                if (fault.Kind == FaultKind.SourceCut && fault.At == count++)
                {
                    throw new SourceException(name, "the connection was reset", "Look at the network.");
                }

                yield return change;
            }
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

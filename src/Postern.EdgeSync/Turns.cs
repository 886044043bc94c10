using System.Collections.Concurrent;

namespace Postern.EdgeSync;

/// <summary>One at a time for each key, in no particular order. What waited for once is kept: keys are few (edges, and what is done with them).</summary>
internal sealed class Turns<TKey>(IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, SemaphoreSlim> _gates = new(comparer);

    /// <returns>The turn; disposing of it ends it.</returns>
    public async Task<IDisposable> TakeAsync(TKey key, CancellationToken cancellationToken)
    {
        SemaphoreSlim gate = _gates.GetOrAdd(key, _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new Turn(gate);
    }

    private sealed class Turn(SemaphoreSlim gate) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                gate.Release();
            }
        }
    }
}

using Postern.EdgeSync.Enrolment;

namespace Postern.Hosting;

/// <summary>The last that a hub does in good order: it gives the locks of its edges back. What cannot be reached by then ends by its time.</summary>
internal sealed class LockRelease(HubTopology topology) : IAsyncDisposable
{
    /// <summary>A stop must not hang on an edge that is out of reach. Ours.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        try
        {
            await topology.ReleaseAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Then the locks run out.
        }
    }
}

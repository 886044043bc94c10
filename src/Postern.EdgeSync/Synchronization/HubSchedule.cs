using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;

namespace Postern.EdgeSync.Synchronization;

/// <summary>Starts a cycle of each type when its interval has passed; sooner after a failure. A manual run restarts the timer (fact sheet 4.1).</summary>
public sealed class HubSchedule(HubSynchronizer synchronizer, HubSettings settings, TimeProvider time, ILoggerFactory loggerFactory)
{
    /// <summary>Runs until cancelled. The first cycles start at once.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => throw new NotImplementedException($"{synchronizer}{settings}{time}{loggerFactory}");

    /// <summary>A cycle now, by hand.</summary>
    public Task<IReadOnlyList<SyncResult>> StartNowAsync(SyncStart start, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();
}

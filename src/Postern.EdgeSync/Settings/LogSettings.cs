using Postern.EdgeSync.Records;

namespace Postern.EdgeSync.Settings;

/// <summary>What the EdgeSync log has and how long it is kept. The keys of <c>log</c> in hub.json; fact sheet 4.2.</summary>
public sealed record LogSettings
{
    /// <summary>Default medium. In Exchange the log is on, but its level is None.</summary>
    public EdgeSyncLogLevel Level { get; init; } = EdgeSyncLogLevel.Medium;

    public RotationLimits Limits { get; init; } = RotationLimits.Log;
}

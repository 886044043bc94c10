namespace Postern.EdgeSync.Records;

/// <summary>How much goes into the EdgeSync log: the four levels of fact sheet 4.2. There None is the default, so that nothing is written; ours is Medium.</summary>
public enum EdgeSyncLogLevel
{
    None,

    /// <summary>What failed, what was held, who took the lease.</summary>
    Low,

    /// <summary>And every cycle that changed something or read everything, and every object that was left out.</summary>
    Medium,

    /// <summary>And cycles that found nothing to do.</summary>
    High,
}

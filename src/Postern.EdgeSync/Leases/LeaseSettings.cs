namespace Postern.EdgeSync.Leases;

/// <summary>How long a hub may keep an edge to itself (fact sheet 4.2; where its two columns differ, those of the cmdlet). Keys of hub.json.</summary>
public sealed record LeaseSettings
{
    /// <summary>While it runs nobody else synchronizes the edge, whatever is asked. Default 6 minutes, at least 2 seconds.</summary>
    public TimeSpan LockDuration { get; init; } = TimeSpan.FromMinutes(6);

    /// <summary>How long before its end the lock may be renewed: the holder renews it then. Default 4 minutes; shorter than the lock.</summary>
    public TimeSpan LockRenewalDuration { get; init; } = TimeSpan.FromMinutes(4);

    /// <summary>While it runs, a hub that gave the lock back is waited for, except by a synchronization that is started by hand. Default 30
    /// minutes; not shorter than the lock.</summary>
    public TimeSpan OptionDuration { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>What two hubs' clocks may differ by: another one's lock ends so much later. At most a lock. Ours; a greater difference moves
    /// an edge from hub to hub too early, and the fence keeps that harmless.</summary>
    public TimeSpan ClockTolerance { get; init; } = TimeSpan.FromMinutes(1);

    public static readonly TimeSpan LeastLock = TimeSpan.FromSeconds(2);

    public static readonly TimeSpan LeastRenewal = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan MostOption = TimeSpan.FromDays(7);

    /// <summary>Of <see cref="ClockTolerance"/>, what a lock of this length leaves.</summary>
    internal TimeSpan Tolerance(TimeSpan lockDuration) => ClockTolerance < lockDuration ? ClockTolerance : lockDuration;
}

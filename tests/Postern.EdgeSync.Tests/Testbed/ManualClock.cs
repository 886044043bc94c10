using Postern.Testing;

namespace Postern.EdgeSync.Tests.Testbed;

/// <summary>A clock that jumps, also back, as one does that somebody sets. Timers fire by <see cref="ManualTimeProvider"/>, which never goes back.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly ManualTimeProvider _steady = new();
    private TimeSpan _wrong;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => _steady.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _steady.GetUtcNow() + _wrong;

    public override long GetTimestamp() => _steady.GetTimestamp();

    /// <summary>By the wall only: nothing that waits is woken.</summary>
    public void Jump(TimeSpan by) => _wrong += by;

    public void Advance(TimeSpan by) => _steady.Advance(by);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _steady.CreateTimer(callback, state, dueTime, period);
}

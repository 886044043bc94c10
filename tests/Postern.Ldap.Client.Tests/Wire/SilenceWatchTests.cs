using Postern.Ldap.Client.Wire;
using Postern.Testing;

namespace Postern.Ldap.Client.Tests.Wire;

public sealed class SilenceWatchTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly ManualTimeProvider _time = new();
    private readonly SilenceWatch _watch;
    private int _alarms;

    public SilenceWatchTests() => _watch = new SilenceWatch(_time, Limit, () => _alarms++);

    public void Dispose() => _watch.Dispose();

    [Fact]
    public void Nothing_due_is_no_silence()
    {
        _time.Advance(Limit * 10);
        _watch.Begin();
        _time.Advance(Limit * 0.9);
        _watch.End();
        _time.Advance(Limit * 10);

        Assert.Equal(0, _alarms);
    }

    [Fact]
    public void Silence_counts_from_the_last_octet()
    {
        _watch.Begin();
        _time.Advance(Limit * 0.75);
        _watch.Heard();
        _time.Advance(Limit * 0.75);
        Assert.Equal(0, _alarms);

        _time.Advance(Limit * 0.25);

        Assert.Equal(1, _alarms);
    }

    [Fact]
    public void Time_in_which_a_slow_consumer_keeps_us_from_reading_does_not_count()
    {
        _watch.Begin();
        _watch.Pause();
        _time.Advance(Limit * 10);
        _watch.Resume();
        _time.Advance(Limit * 0.75);

        Assert.Equal(0, _alarms);
    }

    [Fact]
    public void Infinite_limit_never_alarms()
    {
        using SilenceWatch never = new(_time, Timeout.InfiniteTimeSpan, () => _alarms++);
        never.Begin();
        _time.Advance(TimeSpan.FromDays(365));

        Assert.Equal(0, _alarms);
    }
}

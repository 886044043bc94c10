namespace Postern.Ldap.Client.Wire;

/// <summary>Notices that a server owes answers and has said nothing for too long.</summary>
internal sealed class SilenceWatch : IDisposable
{
    /// <summary>The clock is looked at so many times per time-out: silence is noticed at most a quarter late.</summary>
    private const int LooksPerTimeout = 4;

    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly Action _tooLong;
    private readonly ITimer _timer;
    private long _since;
    private volatile bool _waiting;
    private volatile bool _paused;

    public SilenceWatch(TimeProvider time, TimeSpan limit, Action tooLong)
    {
        _time = time;
        _limit = limit;
        _tooLong = tooLong;
        _since = time.GetTimestamp();
        TimeSpan period = limit == Timeout.InfiniteTimeSpan ? limit : limit / LooksPerTimeout;
        _timer = time.CreateTimer(static state => ((SilenceWatch)state!).Look(), this, period, period);
    }

    /// <summary>An answer is due from now on.</summary>
    public void Begin()
    {
        Heard();
        _waiting = true;
    }

    /// <summary>Nothing is due.</summary>
    public void End() => _waiting = false;

    /// <summary>The server has sent something.</summary>
    public void Heard() => Volatile.Write(ref _since, _time.GetTimestamp());

    /// <summary>We do not listen at the moment: silence is ours.</summary>
    public void Pause() => _paused = true;

    public void Resume()
    {
        Heard();
        _paused = false;
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (_waiting && !_paused && _time.GetElapsedTime(Volatile.Read(ref _since)) >= _limit)
        {
            _tooLong();
        }
    }
}

namespace Postern.Ldap.Server.Sessions;

/// <summary>Wakes a session that has sent no whole request for too long and waits for no answer. Octets alone do not count: they
/// may trickle for ever.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly SessionContext _session;
    private readonly TimeProvider _time;
    private readonly Action _wake;
    private readonly ITimer _timer;
    private long _lastRequest;
    private TimeSpan _armedFor;

    public IdleWatch(SessionContext session, Action wake)
    {
        _session = session;
        _time = session.Server.Time;
        _wake = wake;
        _timer = _time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Remaining => _session.IdleTimeout - _time.GetElapsedTime(Volatile.Read(ref _lastRequest));

    public void Start()
    {
        Volatile.Write(ref _lastRequest, _time.GetTimestamp());
        Arm(_session.IdleTimeout);
    }

    /// <summary>A request has come. Cheap: the timer looks for itself when it fires.</summary>
    public void Touch() => Volatile.Write(ref _lastRequest, _time.GetTimestamp());

    /// <summary>A bind may have changed the limit.</summary>
    public void Adjust()
    {
        if (_armedFor != _session.IdleTimeout)
        {
            Arm(_session.IdleTimeout);
        }
    }

    /// <summary>Asked by a session that was woken. When a request came in the same moment the watch goes on.</summary>
    public bool IsOver()
    {
        if (_session.Operations.Count == 0 && Remaining <= TimeSpan.Zero)
        {
            return true;
        }

        Arm(_session.IdleTimeout);
        return false;
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (_session.Operations.Count > 0)
        {
            Volatile.Write(ref _lastRequest, _time.GetTimestamp()); // waiting for an answer is not idling
        }

        TimeSpan remaining = Remaining;
        if (remaining > TimeSpan.Zero)
        {
            _timer.Change(remaining, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _wake();
        }
    }

    private void Arm(TimeSpan limit)
    {
        _armedFor = limit;
        _timer.Change(limit, Timeout.InfiniteTimeSpan);
    }
}

namespace Postern.Ldap.Server.Sessions;

/// <summary>Wakes a session that has sent no whole request for too long and waits for no answer, or that takes too long over one message.
/// Octets alone do not count as a request: they may trickle for ever.</summary>
internal sealed class IdleWatch : IDisposable
{
    private readonly SessionContext _session;
    private readonly TimeProvider _time;
    private readonly TimeSpan _messageTimeout;
    private readonly Action _wake;
    private readonly ITimer _timer;
    private long _lastRequest;
    private long _messageBegan;
    private TimeSpan _armedFor;

    public IdleWatch(SessionContext session, Action wake)
    {
        _session = session;
        _time = session.Server.Time;
        _messageTimeout = session.Server.Options.MessageTimeout;
        _wake = wake;
        _timer = _time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan UntilIdle => _session.IdleTimeout - _time.GetElapsedTime(Volatile.Read(ref _lastRequest));

    /// <summary>The message limit itself while there is no message: the next look comes in time for one that begins now.</summary>
    private TimeSpan UntilLate => Volatile.Read(ref _messageBegan) is var began and not 0 ? _messageTimeout - _time.GetElapsedTime(began) : _messageTimeout;

    public void Start()
    {
        Volatile.Write(ref _lastRequest, _time.GetTimestamp());
        Arm();
    }

    /// <summary>A request has come. Cheap: the timer looks for itself when it fires.</summary>
    public void Touch()
    {
        Volatile.Write(ref _lastRequest, _time.GetTimestamp());
        Volatile.Write(ref _messageBegan, 0);
    }

    /// <summary>All that has arrived was looked at, and the last message of it is not whole yet.</summary>
    public void Waiting(bool forTheRestOfOne)
    {
        if (!forTheRestOfOne)
        {
            Volatile.Write(ref _messageBegan, 0);
        }
        else if (Volatile.Read(ref _messageBegan) == 0)
        {
            Volatile.Write(ref _messageBegan, Math.Max(1, _time.GetTimestamp())); // 0 is taken
        }
    }

    /// <summary>A bind may have changed the limit.</summary>
    public void Adjust()
    {
        if (_armedFor != _session.IdleTimeout)
        {
            Arm();
        }
    }

    /// <summary>Asked by a session that was woken. When a request came in the same moment the watch goes on.</summary>
    /// <returns>Null, or why the session ends.</returns>
    public string? WhatIsOver()
    {
        if (UntilLate <= TimeSpan.Zero)
        {
            return $"a message that was not whole after {_messageTimeout.TotalSeconds:0} s";
        }

        if (_session.Operations.Count == 0 && UntilIdle <= TimeSpan.Zero)
        {
            return $"no request for {_session.IdleTimeout.TotalSeconds:0} s";
        }

        Arm();
        return null;
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (_session.Operations.Count > 0)
        {
            Volatile.Write(ref _lastRequest, _time.GetTimestamp()); // waiting for an answer is not idling
        }

        TimeSpan remaining = Next();
        if (remaining > TimeSpan.Zero)
        {
            _timer.Change(remaining, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _wake();
        }
    }

    private TimeSpan Next() => TimeSpan.FromTicks(Math.Min(UntilIdle.Ticks, UntilLate.Ticks));

    private void Arm()
    {
        _armedFor = _session.IdleTimeout;
        TimeSpan next = Next();
        _timer.Change(next > TimeSpan.Zero ? next : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}

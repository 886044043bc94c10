namespace Postern.EdgeSync.Synchronization;

/// <summary>When one type of one edge is due: when its interval has passed, or at once because a source rang. Time is that of a clock which
/// nobody can set.</summary>
/// <param name="jitter">0 to 1, anew for each wait after a failure: edges that failed together do not come back together.</param>
internal sealed class EdgeTimetable(TimeSpan interval, TimeProvider time, Func<double> jitter)
{
    /// <summary>The first wait after a failure; each further one doubles it, up to the interval. Ours.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _rung = new(StringComparer.Ordinal);
    private readonly long _origin = time.GetTimestamp();
    private TimeSpan _due;
    private TimeSpan _restsUntil;
    private TaskCompletionSource _changed = New();
    private TaskCompletionSource _taken = New();
    private int _failures;

    /// <summary>When the last cycle was begun, by the clock that only goes forward; 0: never.</summary>
    public long BegunAt { get; private set; }

    /// <summary>A source has something new.</summary>
    /// <returns>Ends when a cycle that reads it has begun.</returns>
    public Task Ring(string source)
    {
        lock (_lock)
        {
            _rung.Add(source);
            Wake();
            return _taken.Task;
        }
    }

    /// <summary>Waits until a cycle is to be begun.</summary>
    /// <returns>The sources that rang; null: all are due.</returns>
    public async Task<IReadOnlySet<string>?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed;
            TimeSpan wait;
            lock (_lock)
            {
                TimeSpan now = time.GetElapsedTime(_origin);
                if (_due <= now || (_rung.Count > 0 && _restsUntil <= now))
                {
                    return Take(now);
                }

                changed = _changed.Task;
                wait = (_rung.Count > 0 && _restsUntil < _due ? _restsUntil : _due) - now;
            }

            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(changed, Task.Delay(wait, time, either.Token));
            await either.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>A cycle has ended.</summary>
    /// <param name="all">It read all sources: the interval begins anew.</param>
    /// <param name="failed">It is tried again sooner than the interval says.</param>
    /// <param name="edgeIsDown">No bell shortens the wait.</param>
    /// <param name="askAgain">Another hub had the edge: all sources are due by then, when that is before the interval ends.</param>
    /// <returns>The wait until the next cycle by the clock.</returns>
    public TimeSpan Note(bool all, bool failed, bool edgeIsDown, DateTimeOffset? askAgain = null)
    {
        lock (_lock)
        {
            TimeSpan now = time.GetElapsedTime(_origin);
            _failures = failed ? Math.Min(_failures + 1, 16) : 0;
            TimeSpan delay = failed ? TimeSpan.FromTicks(Math.Min(interval.Ticks, FirstRetry.Ticks << (_failures - 1))) : interval;
            if (failed)
            {
                // Three quarters to the whole of it.
                delay *= 1 - (jitter() / 4);
            }

            if (all || failed)
            {
                _due = now + delay;
            }

            if (askAgain - time.GetUtcNow() is { } wait && now + wait < _due)
            {
                _due = now + (wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            }

            _restsUntil = edgeIsDown ? now + delay : TimeSpan.Zero;
            Wake();
            return _due - now;
        }
    }

    private HashSet<string>? Take(TimeSpan now)
    {
        HashSet<string>? sources = _due <= now ? null : [.. _rung];
        _rung.Clear();
        BegunAt = time.GetTimestamp();
        _taken.TrySetResult();
        _taken = New();
        return sources;
    }

    private void Wake()
    {
        _changed.TrySetResult();
        _changed = New();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

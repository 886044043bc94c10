namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>The newest changes that a server pushed, each behind the cookie it goes on from: an edge whose cookie is among them is answered
/// from memory. What is not in here is asked of the server; nothing is lost by forgetting.</summary>
/// <param name="capacity">Changes at most.</param>
internal sealed class ChangeRing(int capacity = ChangeRing.DefaultCapacity)
{
    /// <summary>Some megabytes of entries; more than a burst while a cycle runs.</summary>
    public const int DefaultCapacity = 10_000;

    private readonly Lock _gate = new();
    private readonly Queue<SourceChange> _changes = new();
    private readonly Queue<(long Position, string Key)> _marks = new();

    // How many changes had come when this cookie was passed.
    private readonly Dictionary<string, long> _positions = new(StringComparer.Ordinal);
    private byte[]? _cookie;
    private bool _live;

    // Changes that came since the beginning of time; the ones kept are the last _changes.Count of them.
    private long _count;

    /// <summary>Of the newest position; null: none is known.</summary>
    public byte[]? Cookie
    {
        get
        {
            lock (_gate)
            {
                return _cookie;
            }
        }
    }

    /// <summary>Whether the server is pushing right now. Without it nobody is answered: there may be more than is in here.</summary>
    public bool IsLive
    {
        get
        {
            lock (_gate)
            {
                return _live;
            }
        }

        set
        {
            lock (_gate)
            {
                _live = value;
            }
        }
    }

    /// <summary>Begins anew at a cookie; null: at none.</summary>
    public void Reset(ReadOnlySpan<byte> cookie)
    {
        lock (_gate)
        {
            Clear();
            Mark(cookie.ToArray());
        }
    }

    /// <summary>Here something happened that is not in the ring: who was before it asks the server.</summary>
    /// <param name="cookie">As it came; empty: none came.</param>
    public void Gap(ReadOnlySpan<byte> cookie)
    {
        lock (_gate)
        {
            Clear();
            if (!cookie.IsEmpty)
            {
                Mark(_cookie is null ? cookie.ToArray() : ContextCookie.Merge(_cookie, cookie));
            }
        }
    }

    /// <summary>Nothing is known any more, not even where to go on.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            Clear();
            (_cookie, _live) = (null, false);
        }
    }

    /// <summary>Changes in their order, and where they lead.</summary>
    /// <param name="cookie">As it came; empty: the position stays without a name until the next cookie.</param>
    public void Append(IReadOnlyList<SourceChange> changes, ReadOnlySpan<byte> cookie)
    {
        lock (_gate)
        {
            for (int i = 0; i < changes.Count; i++)
            {
                if (_changes.Count == capacity)
                {
                    _changes.Dequeue();
                }

                _changes.Enqueue(changes[i]);
                _count++;
            }

            if (!cookie.IsEmpty)
            {
                Mark(_cookie is null ? cookie.ToArray() : ContextCookie.Merge(_cookie, cookie));
            }

            while (_marks.Count > capacity + 1 || (_marks.TryPeek(out (long Position, string Key) oldest) && oldest.Position < _count - _changes.Count))
            {
                (long position, string key) = _marks.Dequeue();
                if (_positions.TryGetValue(key, out long known) && known == position)
                {
                    _positions.Remove(key);
                }
            }
        }
    }

    /// <summary>What came after a cookie.</summary>
    /// <param name="next">The cookie after it. Changes that came behind that one come again with the next reading, which does no harm.</param>
    /// <returns>False: not known here, or nothing came.</returns>
    public bool TryRead(ReadOnlySpan<byte> since, out IReadOnlyList<SourceChange> changes, out byte[] next)
    {
        lock (_gate)
        {
            changes = [];
            next = _cookie ?? [];
            if (!_live || !_positions.TryGetValue(ContextCookie.KeyOf(since), out long position) || position == _count)
            {
                return false;
            }

            changes = [.. _changes.Skip((int)(position - (_count - _changes.Count)))];
            return true;
        }
    }

    private void Clear()
    {
        _changes.Clear();
        _marks.Clear();
        _positions.Clear();
        _count = 0;
    }

    private void Mark(byte[] cookie)
    {
        string key = ContextCookie.KeyOf(cookie);
        _cookie = cookie;

        // The first time counts: a later mark of the same cookie has more behind it, and to repeat is safe.
        if (_positions.TryAdd(key, _count))
        {
            _marks.Enqueue((_count, key));
        }
    }
}

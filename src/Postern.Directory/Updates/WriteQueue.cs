using Postern.Ldap;

namespace Postern.Directory.Updates;

/// <summary>Units in the order of their calls, on their way to the writer.</summary>
internal sealed class WriteQueue(int maxQueuedOperations, int maxGroupOperations)
{
    /// <summary>How long the writer waits for as many callers as the last commit served, in milliseconds. They come back at about the same
    /// time, each with its next unit; without this the first of them would get a commit of its own and the others the one after.
    /// A caller who is alone never waits.</summary>
    private const int MaxGatherTime = 5;

    private readonly Queue<WriteUnit> _units = new();
    private readonly object _gate = new();
    private int _operations;
    private int _lastGroup;
    private bool _closed;

    /// <returns>Null when the unit was taken, else why not.</returns>
    public LdapResult? TryAdd(WriteUnit unit)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return new LdapResult(LdapResultCode.Unavailable, "the directory is being closed");
            }

            // A unit larger than the whole queue is still taken when it is alone.
            if (_operations > 0 && _operations + unit.Updates.Count > maxQueuedOperations)
            {
                return new LdapResult(LdapResultCode.Busy, $"{_operations} updates wait to be written, {maxQueuedOperations} at most; try again");
            }

            _operations += unit.Updates.Count;
            _units.Enqueue(unit);
            Monitor.Pulse(_gate);
            return null;
        }
    }

    /// <summary>Waits for work; takes what is there, up to the size of one commit.</summary>
    /// <returns>False when the queue is closed and empty.</returns>
    public bool Take(List<WriteUnit> group)
    {
        lock (_gate)
        {
            while (_units.Count == 0)
            {
                if (_closed)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            Gather();
            int operations = 0;
            while (_units.TryPeek(out WriteUnit? unit) && (operations == 0 || operations + unit.Updates.Count <= maxGroupOperations))
            {
                operations += unit.Updates.Count;
                group.Add(_units.Dequeue());
            }

            _operations -= operations;
            _lastGroup = group.Count;
            return true;
        }
    }

    private void Gather()
    {
        long end = Environment.TickCount64 + MaxGatherTime;
        while (_units.Count < _lastGroup && _operations < maxGroupOperations && !_closed)
        {
            long left = end - Environment.TickCount64;
            if (left <= 0 || !Monitor.Wait(_gate, (int)left))
            {
                return;
            }
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }
}

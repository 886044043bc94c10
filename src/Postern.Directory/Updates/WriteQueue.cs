using Postern.Ldap;

namespace Postern.Directory.Updates;

/// <summary>Units in the order of their calls, on their way to the writer.</summary>
internal sealed class WriteQueue(int maxQueuedOperations, int maxGroupOperations)
{
    private readonly Queue<WriteUnit> _units = new();
    private readonly object _gate = new();
    private int _operations;
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

            int operations = 0;
            while (_units.TryPeek(out WriteUnit? unit) && (operations == 0 || operations + unit.Updates.Count <= maxGroupOperations))
            {
                operations += unit.Updates.Count;
                group.Add(_units.Dequeue());
            }

            _operations -= operations;
            return true;
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

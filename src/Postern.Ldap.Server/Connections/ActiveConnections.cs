namespace Postern.Ldap.Server.Connections;

/// <summary>The open connections of a server, for its stop.</summary>
internal sealed class ActiveConnections
{
    private readonly Lock _lock = new();
    private readonly HashSet<ActiveConnection> _all = [];
    private TaskCompletionSource? _empty;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _all.Count;
            }
        }
    }

    /// <returns>Removes the connection when disposed.</returns>
    public IDisposable Add(ActiveConnection connection)
    {
        lock (_lock)
        {
            _all.Add(connection);
        }

        return new Entry(this, connection);
    }

    /// <summary>Ends when no connection is left.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_lock)
        {
            return _all.Count == 0
                ? Task.CompletedTask
                : (_empty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    public async Task CancelOperationsAsync()
    {
        foreach (ActiveConnection connection in Snapshot())
        {
            await connection.CancelOperationsAsync().ConfigureAwait(false);
        }
    }

    public void AbortAll(string reason)
    {
        foreach (ActiveConnection connection in Snapshot())
        {
            connection.Abort(reason);
        }
    }

    private ActiveConnection[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _all];
        }
    }

    private void Remove(ActiveConnection connection)
    {
        TaskCompletionSource? empty = null;
        lock (_lock)
        {
            _all.Remove(connection);
            if (_all.Count == 0)
            {
                (empty, _empty) = (_empty, null);
            }
        }

        empty?.SetResult();
    }

    private sealed class Entry(ActiveConnections owner, ActiveConnection connection) : IDisposable
    {
        public void Dispose() => owner.Remove(connection);
    }
}

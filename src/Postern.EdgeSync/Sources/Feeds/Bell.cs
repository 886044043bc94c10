namespace Postern.EdgeSync.Sources.Feeds;

/// <summary>Wakes who waits for changes. A ring that nobody waited for is kept for the next one who waits; several are one.</summary>
internal sealed class Bell
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = New();
    private int _waiting;

    public void Ring()
    {
        TaskCompletionSource rung;
        lock (_gate)
        {
            rung = _next;
            if (_waiting > 0)
            {
                _waiting = 0;
                _next = New();
            }
        }

        rung.TrySetResult();
    }

    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_next.Task.IsCompleted)
            {
                _next = New();
                return Task.CompletedTask;
            }

            _waiting++;
            return WaitAsync(_next.Task, cancellationToken);
        }
    }

    private async Task WaitAsync(Task next, CancellationToken cancellationToken)
    {
        try
        {
            await next.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            lock (_gate)
            {
                if (_next.Task == next)
                {
                    _waiting--;
                }
            }

            throw;
        }
    }

    // Continuations run elsewhere: who rings runs nobody's code.
    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

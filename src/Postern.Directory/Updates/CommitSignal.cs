namespace Postern.Directory.Updates;

/// <summary>Wakes those who wait for the next commit. Costs the writer nothing while nobody waits.</summary>
internal sealed class CommitSignal
{
    private TaskCompletionSource? _next;

    /// <summary>Ends with the next commit from now on, or with the closing of the directory. Ask before looking at the store: what is
    /// committed after the look then ends the wait.</summary>
    public Task NextAsync()
    {
        TaskCompletionSource? current = Volatile.Read(ref _next);
        if (current is null)
        {
            // Continuations run elsewhere: the writer runs nobody's code.
            TaskCompletionSource made = new(TaskCreationOptions.RunContinuationsAsynchronously);
            current = Interlocked.CompareExchange(ref _next, made, null) ?? made;
        }

        return current.Task;
    }

    public void Raise() => Interlocked.Exchange(ref _next, null)?.TrySetResult();
}

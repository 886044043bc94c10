namespace Postern.Hosting;

/// <summary>What a host has started, undone in reverse; used at the end of a daemon and when a start fails half-way.</summary>
internal sealed class Shutdown
{
    private readonly Stack<object> _started = [];

    public T Add<T>(T started)
        where T : class
    {
        _started.Push(started);
        return started;
    }

    public async Task RunAsync()
    {
        while (_started.TryPop(out object? last))
        {
            if (last is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else
            {
                (last as IDisposable)?.Dispose();
            }
        }
    }
}

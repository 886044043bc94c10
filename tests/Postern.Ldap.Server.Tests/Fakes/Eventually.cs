namespace Postern.Ldap.Server.Tests;

/// <summary>Waits for what the server does on its own threads and tells nobody about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    public static async Task TrueAsync(Func<bool> condition)
    {
        using CancellationTokenSource late = new(TestClient.Patience);
        while (!condition())
        {
            await Task.Delay(Interval, late.Token);
        }
    }

    /// <summary>Does something again and again until the task ends: for timers that the server may not have set yet.</summary>
    public static async Task EndsAsync(Task task, Action again)
    {
        await TrueAsync(() =>
        {
            again();
            return task.IsCompleted;
        });
        await task;
    }
}

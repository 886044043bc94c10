namespace Postern.EndToEnd.Tests.Processes;

/// <summary>Waits for what another process does; the bound only turns a hang into a failure.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);

    /// <param name="hopeless">Why waiting is pointless, or null.</param>
    public static Task TrueAsync(Func<bool> condition, Func<string?> hopeless) => TrueAsync(() => Task.FromResult(condition()), hopeless);

    /// <param name="hopeless">Why waiting is pointless, or null.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string?> hopeless)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            string? reason = hopeless() ?? (TimeProvider.System.GetElapsedTime(start) > Patience ? $"it took longer than {Patience}" : null);
            if (reason is not null)
            {
                throw new InvalidOperationException(reason);
            }

            await Task.Delay(PollInterval);
        }
    }
}

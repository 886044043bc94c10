namespace Postern.Testing.Tests;

public sealed class ManualTimeProviderTests
{
    [Fact]
    public void Timers_fire_in_order_each_at_its_own_time()
    {
        var time = new ManualTimeProvider();
        DateTimeOffset start = time.GetUtcNow();
        var fired = new List<(string Name, TimeSpan At)>();
        using ITimer once = time.CreateTimer(_ => fired.Add(("once", time.GetUtcNow() - start)), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using ITimer each = time.CreateTimer(_ => fired.Add(("each", time.GetUtcNow() - start)), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal([("each", TimeSpan.FromSeconds(2)), ("once", TimeSpan.FromSeconds(3)), ("each", TimeSpan.FromSeconds(4))], fired);
        Assert.Equal(start + TimeSpan.FromSeconds(5), time.GetUtcNow());
    }

    [Fact]
    public async Task Delay_of_the_platform_follows_it()
    {
        var time = new ManualTimeProvider();
        Task delay = Task.Delay(TimeSpan.FromDays(40), time);
        Assert.False(delay.IsCompleted);
        time.Advance(TimeSpan.FromDays(40));
        await delay;
    }
}

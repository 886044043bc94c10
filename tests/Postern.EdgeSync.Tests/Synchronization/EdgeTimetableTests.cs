using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Synchronization;

public sealed class EdgeTimetableTests
{
    private readonly ManualTimeProvider _time = new();
    private double _jitter;

    [Fact]
    public async Task First_cycle_is_due_at_once_and_the_next_one_after_the_interval()
    {
        EdgeTimetable timetable = Timetable();
        Assert.Null(await timetable.NextAsync(CancellationToken.None));
        timetable.Note(all: true, failed: false, edgeIsDown: false);
        Task<IReadOnlySet<string>?> next = timetable.NextAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(4));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await next);
    }

    [Fact]
    public async Task Ring_wakes_for_the_sources_that_rang_only()
    {
        EdgeTimetable timetable = await StartedAsync();
        Task<IReadOnlySet<string>?> next = timetable.NextAsync(CancellationToken.None);
        Task taken = timetable.Ring("a");
        Assert.Equal(["a"], (await next)!);
        await taken;
    }

    [Fact]
    public async Task Rings_during_a_cycle_are_one_more_after_it()
    {
        EdgeTimetable timetable = await StartedAsync();
        _ = timetable.Ring("a");
        await timetable.NextAsync(CancellationToken.None);
        _ = timetable.Ring("a");
        _ = timetable.Ring("b");
        _ = timetable.Ring("a");
        timetable.Note(all: false, failed: false, edgeIsDown: false);
        Assert.Equal(["a", "b"], (await timetable.NextAsync(CancellationToken.None))!.Order());
        timetable.Note(all: false, failed: false, edgeIsDown: false);
        Assert.False(timetable.NextAsync(CancellationToken.None).IsCompleted);
    }

    [Fact]
    public async Task Bell_does_not_put_the_interval_off()
    {
        EdgeTimetable timetable = await StartedAsync();
        _time.Advance(TimeSpan.FromMinutes(4));
        _ = timetable.Ring("a");
        await timetable.NextAsync(CancellationToken.None);
        timetable.Note(all: false, failed: false, edgeIsDown: false);
        Task<IReadOnlySet<string>?> next = timetable.NextAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await next);
    }

    [Fact]
    public async Task Back_off_doubles_up_to_the_interval_with_jitter_and_no_bell_shortens_it()
    {
        EdgeTimetable timetable = await StartedAsync();
        Assert.Equal([15, 30, 60, 120, 240, 300, 300], Enumerable.Range(0, 7).Select(_ => (int)timetable.Note(true, failed: true, edgeIsDown: true).TotalSeconds));
        _jitter = 1;
        Assert.Equal(225, timetable.Note(true, failed: true, edgeIsDown: true).TotalSeconds);
        Task<IReadOnlySet<string>?> next = timetable.NextAsync(CancellationToken.None);
        _ = timetable.Ring("a");
        _time.Advance(TimeSpan.FromSeconds(224));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await next);
    }

    [Fact]
    public async Task Failed_source_does_not_keep_the_bell_of_another_from_being_heard()
    {
        EdgeTimetable timetable = await StartedAsync();
        timetable.Note(all: true, failed: true, edgeIsDown: false);
        _ = timetable.Ring("b");
        Assert.Equal(["b"], (await timetable.NextAsync(CancellationToken.None))!);
    }

    [Fact]
    public async Task Edge_of_another_hub_is_asked_for_when_its_lock_ends()
    {
        EdgeTimetable timetable = await StartedAsync();
        timetable.Note(all: true, failed: false, edgeIsDown: false, askAgain: _time.GetUtcNow() + TimeSpan.FromMinutes(2));
        Task<IReadOnlySet<string>?> next = timetable.NextAsync(CancellationToken.None);
        _time.Advance(TimeSpan.FromMinutes(1.9));
        Assert.False(next.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(0.1));
        Assert.Null(await next);

        // A bell does not put that off, and an end behind the interval is none of its business.
        timetable.Note(all: true, failed: false, edgeIsDown: false, askAgain: _time.GetUtcNow() + TimeSpan.FromMinutes(9));
        Assert.Equal(TimeSpan.FromMinutes(5), timetable.Note(all: false, failed: false, edgeIsDown: false, askAgain: null));
        Assert.Equal(TimeSpan.FromMinutes(3), timetable.Note(all: false, failed: false, edgeIsDown: false, askAgain: _time.GetUtcNow() + TimeSpan.FromMinutes(3)));
    }

    [Theory]
    [InlineData(-400)]
    [InlineData(-1)]
    [InlineData(400)]
    public async Task Clock_that_is_set_by_days_changes_no_wait(int days)
    {
        ManualClock clock = new();
        EdgeTimetable timetable = new(TimeSpan.FromMinutes(5), clock, () => 0);
        await timetable.NextAsync(CancellationToken.None);
        timetable.Note(all: true, failed: false, edgeIsDown: false);
        clock.Jump(TimeSpan.FromDays(days));
        Task<IReadOnlySet<string>?> next = timetable.NextAsync(CancellationToken.None);
        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.False(next.IsCompleted);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await next);
    }

    private async Task<EdgeTimetable> StartedAsync()
    {
        EdgeTimetable timetable = Timetable();
        await timetable.NextAsync(CancellationToken.None);
        timetable.Note(all: true, failed: false, edgeIsDown: false);
        return timetable;
    }

    private EdgeTimetable Timetable() => new(TimeSpan.FromMinutes(5), _time, () => _jitter);
}

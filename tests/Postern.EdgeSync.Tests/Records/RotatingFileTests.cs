using System.Text;
using Postern.EdgeSync.Records;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Records;

public sealed class RotatingFileTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void File_is_full_at_its_limit_and_a_new_one_begins()
    {
        using (RotatingFile file = Open(new RotationLimits(20, long.MaxValue, TimeSpan.FromDays(1))))
        {
            for (int i = 0; i < 5; i++)
            {
                file.Append("123456789"u8);
            }
        }

        Assert.Equal([20, 20, 10], Lengths());
    }

    [Fact]
    public void Reopened_series_goes_on_in_its_last_file()
    {
        RotationLimits limits = new(20, long.MaxValue, TimeSpan.FromDays(1));
        for (int i = 0; i < 3; i++)
        {
            using RotatingFile file = Open(limits);
            file.Append("123456789"u8);
        }

        Assert.Equal([20, 10], Lengths());
    }

    [Fact]
    public void New_day_begins_a_new_file()
    {
        using RotatingFile file = Open(RotationLimits.Log);
        file.Append("a"u8);
        _time.Advance(TimeSpan.FromHours(12));
        file.Append("b"u8);
        file.Flush();
        Assert.Equal(["log-20260301-0000.jsonl", "log-20260302-0000.jsonl"], Files().Select(Path.GetFileName));
    }

    [Fact]
    public void Oldest_files_go_when_the_folder_is_over_its_limit_and_the_current_one_stays()
    {
        using RotatingFile file = Open(new RotationLimits(10, 25, TimeSpan.FromDays(1)));
        for (int i = 0; i < 9; i++)
        {
            file.Append("123456789"u8);
        }

        file.Flush();
        Assert.Equal(["log-20260301-0006.jsonl", "log-20260301-0007.jsonl", "log-20260301-0008.jsonl"], Files().Select(Path.GetFileName));
    }

    [Fact]
    public void Files_over_their_age_go()
    {
        using RotatingFile file = Open(new RotationLimits(10, long.MaxValue, TimeSpan.FromDays(30)));
        file.Append("123456789"u8);
        file.Flush();
        File.SetLastWriteTimeUtc(Files()[0], _time.GetUtcNow().UtcDateTime);
        _time.Advance(TimeSpan.FromDays(30));
        file.Append("123456789"u8);
        Assert.Equal(2, Files().Count);
        File.SetLastWriteTimeUtc(Files()[1], _time.GetUtcNow().UtcDateTime);
        _time.Advance(TimeSpan.FromDays(1));
        file.Append("123456789"u8);
        Assert.Equal(["log-20260331-0000.jsonl", "log-20260401-0000.jsonl"], Files().Select(Path.GetFileName));
    }

    [Fact]
    public void Half_a_line_of_a_killed_process_gets_its_end()
    {
        string path = Path.Combine(_folder.Path, "log-20260301-0000.jsonl");
        File.WriteAllText(path, "whole\nhal");
        using (RotatingFile file = Open(RotationLimits.Log))
        {
            file.Append("next"u8);
        }

        Assert.Equal("whole\nhal\nnext\n", File.ReadAllText(path));
    }

    [Fact]
    public void Clock_that_is_set_back_does_not_take_the_series_back()
    {
        RotationLimits limits = new(20, long.MaxValue, TimeSpan.FromDays(1));
        _time.Advance(TimeSpan.FromDays(1));
        using (RotatingFile ahead = Open(limits))
        {
            ahead.Append("123456789"u8);
        }

        using RotatingFile back = new(_folder.Path, "log", limits, new ManualTimeProvider(_time.GetUtcNow() - TimeSpan.FromDays(1)));
        back.Append("123456789"u8);
        back.Append("123456789"u8);
        back.Flush();
        Assert.Equal(["log-20260302-0000.jsonl", "log-20260302-0001.jsonl"], Files().Select(Path.GetFileName));
    }

    [Fact]
    public void File_that_somebody_removed_is_begun_anew()
    {
        using RotatingFile file = Open(RotationLimits.Log);
        file.Append("a"u8);
        file.Flush();
        File.Delete(Files()[0]);
        file.Append("b"u8);
        file.Flush();
        Assert.Equal("b\n", File.ReadAllText(Files()[0]));
    }

    [SkippableFact]
    public void Only_the_owner_may_read_it()
    {
        Skip.If(OperatingSystem.IsWindows(), "modes are of Unix");
        using RotatingFile file = Open(RotationLimits.Log);
        file.Append("a"u8);
        file.Flush();
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Files()[0]));
        }
    }

    [Fact]
    public void Lines_of_many_threads_stay_whole()
    {
        using (RotatingFile file = Open(new RotationLimits(1000, long.MaxValue, TimeSpan.FromDays(1))))
        {
            Parallel.For(0, 1000, i => file.Append(Encoding.ASCII.GetBytes(new string((char)('a' + (i % 26)), 20))));
        }

        string[] lines = [.. Files().SelectMany(File.ReadAllLines)];
        Assert.Equal(1000, lines.Length);
        Assert.All(lines, line => Assert.Equal(new string(line[0], 20), line));
    }

    public void Dispose() => _folder.Dispose();

    private RotatingFile Open(RotationLimits limits) => new(_folder.Path, "log", limits, _time);

    private IReadOnlyList<string> Files() => RotatingFile.Files(_folder.Path, "log");

    private long[] Lengths() => [.. Files().Select(path => new FileInfo(path).Length)];
}

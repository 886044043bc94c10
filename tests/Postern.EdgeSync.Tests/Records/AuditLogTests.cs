using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Sources;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Records;

public sealed class AuditLogTests : IDisposable
{
    private static readonly EntryId Anna = EntryId.FromName("corp", "anna");
    private static readonly EntryId Bert = EntryId.FromName("corp", "bert");

    private readonly TempFolder _folder = new();
    private readonly ManualTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Decisions_come_back_as_they_went_in()
    {
        Write(log =>
        {
            log.Add("edge1", "recipients", AuditAction.Add, Anna, "corp", "c1");
            log.Add("edge1", "recipients", AuditAction.Hold, Bert, "corp", "c2", "512 of 1000");
        });
        AuditDecision[] found = [.. AuditReader.Read(_folder.Path)];
        Assert.Equal(
            [
                new AuditDecision(1, _time.GetUtcNow(), "edge1", "recipients", AuditAction.Add, Anna.ToString(), "corp", "c1", ""),
                new AuditDecision(2, _time.GetUtcNow(), "edge1", "recipients", AuditAction.Hold, Bert.ToString(), "corp", "c2", "512 of 1000"),
            ],
            found);
        Assert.Equal(AuditAction.Hold, AuditReader.LastAbout(_folder.Path, "EDGE1", Bert.ToString())?.Action);
        Assert.Null(AuditReader.LastAbout(_folder.Path, "edge2", Bert.ToString()));
    }

    [Fact]
    public void Chain_goes_on_over_restarts_and_files()
    {
        for (int i = 0; i < 3; i++)
        {
            Write(log => Fill(log, 4), new RotationLimits(500, long.MaxValue, TimeSpan.FromDays(400)));
        }

        Assert.True(Files().Count > 3);
        AuditVerification verification = AuditReader.Verify(_folder.Path);
        Assert.Equal(12, verification.Lines);
        Assert.Empty(verification.Faults);
    }

    [Fact]
    public void Files_that_retention_removed_are_not_missing()
    {
        RotationLimits limits = new(500, 1500, TimeSpan.FromDays(400));
        using (AuditLog log = Open(limits))
        {
            Fill(log, 40);
            Assert.Empty(log.Verify().Faults);
        }

        Assert.NotEqual("audit-20260301-0000.jsonl", Path.GetFileName(Files()[0]));
        Assert.Empty(AuditReader.Verify(_folder.Path).Faults);
        using AuditLog again = Open(limits);
        Fill(again, 40);
        Assert.Empty(again.Verify().Faults);
    }

    [Fact]
    public void Files_that_somebody_removed_are_missing()
    {
        using AuditLog log = Open(new RotationLimits(500, long.MaxValue, TimeSpan.FromDays(400)));
        Fill(log, 12);
        log.Flush();
        File.Delete(Files()[0]);
        Assert.Contains("lines before it are missing", Assert.Single(log.Verify().Faults), StringComparison.Ordinal);
        Assert.Equal(log.Verify().Faults, AuditReader.Verify(_folder.Path).Faults);
    }

    [Theory]
    [InlineData(0, 0, "no line is left")]
    [InlineData(0, 4, "its end is missing")]
    [InlineData(2, 10, "lines before it are missing")]
    public void Removed_end_beginning_or_all_shows(int from, int to, string fault)
    {
        using AuditLog log = Open();
        Fill(log, 10);
        log.Flush();
        string[] lines = File.ReadAllLines(Files()[0]);
        File.WriteAllLines(Files()[0], lines[from..to]);
        Assert.Contains(fault, Assert.Single(log.Verify().Faults), StringComparison.Ordinal);
        Assert.Contains(fault, Assert.Single(AuditReader.Verify(_folder.Path).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_record_that_is_removed_shows_and_what_comes_later_is_on_record()
    {
        using AuditLog log = Open();
        Fill(log, 10);
        log.Flush();
        File.Delete(Files()[0]);
        Assert.Contains("no line is left", Assert.Single(log.Verify().Faults), StringComparison.Ordinal);
        Fill(log, 1);
        Assert.Contains("number 11", Assert.Single(log.Verify().Faults), StringComparison.Ordinal);
        Assert.Equal(11, Assert.Single(AuditReader.Read(_folder.Path)).Sequence);
    }

    [Fact]
    public void Removed_end_shows_after_a_restart_too()
    {
        Write(log => Fill(log, 10));
        File.WriteAllLines(Files()[0], File.ReadAllLines(Files()[0])[..4]);
        using AuditLog log = Open();
        Assert.Contains("its end is missing", Assert.Single(log.Verify().Faults), StringComparison.Ordinal);
        Fill(log, 1);
        Assert.Contains("lines between them are missing", Assert.Single(log.Verify().Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Changed_last_line_shows()
    {
        using AuditLog log = Open();
        Fill(log, 5);
        log.Flush();
        string[] lines = File.ReadAllLines(Files()[0]);
        lines[4] = lines[4].Replace("edge1", "edge2", StringComparison.Ordinal);
        File.WriteAllLines(Files()[0], lines);
        Assert.Contains("number 5 is not as it was written", Assert.Single(log.Verify().Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Line_that_somebody_added_at_the_end_shows()
    {
        using AuditLog log = Open();
        Fill(log, 2);
        log.Flush();
        byte[] last = System.Text.Encoding.UTF8.GetBytes(File.ReadAllLines(Files()[0])[1]);
        string forged = $$"""{"sequence":3,"time":"2026-03-01T12:00:00Z","edge":"edge1","type":"recipients","action":"approve","id":"{{Anna}}","source":"","cycle":"c9","previous":"{{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(last))}}"}""";
        File.AppendAllText(Files()[0], forged + "\n");
        Assert.Contains("lines were added", Assert.Single(log.Verify().Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_is_whole_while_it_is_being_written()
    {
        using AuditLog log = Open(new RotationLimits(20_000, 100_000, TimeSpan.FromDays(400)));
        Fill(log, 100);
        Task writing = Task.Run(() => Fill(log, 20_000));
        do
        {
            Assert.Empty(log.Verify().Faults);
        }
        while (!writing.IsCompleted);
        await writing;
        Assert.Empty(log.Verify().Faults);
    }

    [Fact]
    public void Lines_that_a_killed_process_did_not_note_are_gone_on_from()
    {
        Write(log => Fill(log, 3));
        string note = Path.Combine(_folder.Path, "audit.note");
        byte[] early = File.ReadAllBytes(note);
        Write(log => Fill(log, 3));
        File.WriteAllBytes(note, early);
        using AuditLog log = Open();
        Fill(log, 1);
        AuditVerification verification = log.Verify();
        Assert.Empty(verification.Faults);
        Assert.Equal(7, verification.Lines);
    }

    [Fact]
    public void Clock_that_was_a_day_ahead_breaks_nothing()
    {
        ManualTimeProvider time = new(_time.GetUtcNow());
        void WriteAt(TimeSpan later)
        {
            ManualTimeProvider at = new(time.GetUtcNow() + later);
            using AuditLog log = new(_folder.Path, RotationLimits.Audit, at, NullLoggerFactory.Instance);
            Fill(log, 3);
            Assert.Empty(log.Verify().Faults);
        }

        WriteAt(TimeSpan.Zero);
        WriteAt(TimeSpan.FromDays(1));
        WriteAt(TimeSpan.Zero);
        Assert.Equal([4L, 5, 6, 7, 8, 9, 1, 2, 3], AuditReader.Read(_folder.Path).Select(one => one.Sequence));
        Assert.Empty(AuditReader.Verify(_folder.Path).Faults);
    }

    [Fact]
    public void Files_are_in_the_order_of_their_numbers_whatever_they_are_called()
    {
        RotationLimits limits = new(500, long.MaxValue, TimeSpan.FromDays(400));
        Write(log => Fill(log, 12), limits);
        File.Move(Files()[0], Path.Combine(_folder.Path, "audit-20990101-0000.jsonl"));
        Assert.Empty(AuditReader.Verify(_folder.Path).Faults);
    }

    [SkippableFact]
    public void Note_is_for_its_owner_only()
    {
        Skip.If(OperatingSystem.IsWindows(), "modes are of Unix");
        Write(log => Fill(log, 1));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder.Path, "audit.note")));
        }
    }

    [Theory]
    [InlineData("edge1", "edge2")]
    [InlineData("\"add\"", "\"delete\"")]
    public void Changed_line_shows(string old, string changed)
    {
        Write(log => Fill(log, 5));
        string[] lines = File.ReadAllLines(Files()[0]);
        lines[2] = lines[2].Replace(old, changed, StringComparison.Ordinal);
        File.WriteAllLines(Files()[0], lines);
        Assert.Contains("line 4", Assert.Single(AuditReader.Verify(_folder.Path).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Missing_line_shows()
    {
        Write(log => Fill(log, 5));
        File.WriteAllLines(Files()[0], File.ReadAllLines(Files()[0]).Where((_, i) => i != 2));
        Assert.Contains("line 3", Assert.Single(AuditReader.Verify(_folder.Path).Faults), StringComparison.Ordinal);
    }

    [Fact]
    public void Half_a_line_is_named_and_what_comes_later_does_not_take_its_number()
    {
        Write(log => Fill(log, 3));
        string whole = File.ReadAllText(Files()[0]);
        File.WriteAllText(Files()[0], whole[..^40]);
        Write(log => Fill(log, 2));
        AuditVerification verification = AuditReader.Verify(_folder.Path);
        Assert.Contains("line 3: not a whole line", verification.Faults[0], StringComparison.Ordinal);
        Assert.Equal([1L, 2, 4, 5], AuditReader.Read(_folder.Path).Select(decision => decision.Sequence));
    }

    [Fact]
    public void File_that_cannot_be_written_stops_nobody_and_is_counted()
    {
        string path = Path.Combine(_folder.Path, "audit-20260301-0000.jsonl");
        System.IO.Directory.CreateDirectory(path);
        using AuditLog log = new(_folder.Path, RotationLimits.Audit, _time, NullLoggerFactory.Instance);
        log.Add("edge1", "recipients", AuditAction.Add, Anna, "corp", "c1");
        log.Flush();
        Assert.Equal(1, log.Lost);
        System.IO.Directory.Delete(path);
        log.Add("edge1", "recipients", AuditAction.Add, Bert, "corp", "c1");
        log.Flush();
        Assert.Equal(Bert.ToString(), Assert.Single(AuditReader.Read(_folder.Path)).Id);
    }

    public void Dispose() => _folder.Dispose();

    private static void Fill(AuditLog log, int count)
    {
        for (int i = 0; i < count; i++)
        {
            log.Add("edge1", "recipients", AuditAction.Add, Anna, "corp", "c1");
        }
    }

    private AuditLog Open(RotationLimits? limits = null) => new(_folder.Path, limits ?? RotationLimits.Audit, _time, NullLoggerFactory.Instance);

    private void Write(Action<AuditLog> write, RotationLimits? limits = null)
    {
        using AuditLog log = Open(limits);
        write(log);
    }

    private IReadOnlyList<string> Files() => RotatingFile.Files(_folder.Path, AuditLog.Prefix);
}

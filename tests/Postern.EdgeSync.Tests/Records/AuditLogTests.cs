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
    public void Oldest_files_may_be_gone()
    {
        Write(log => Fill(log, 12), new RotationLimits(500, long.MaxValue, TimeSpan.FromDays(400)));
        File.Delete(Files()[0]);
        Assert.Empty(AuditReader.Verify(_folder.Path).Faults);
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
    public void Half_a_line_of_a_killed_process_is_named_and_the_chain_goes_on()
    {
        Write(log => Fill(log, 3));
        string whole = File.ReadAllText(Files()[0]);
        File.WriteAllText(Files()[0], whole[..^40]);
        Write(log => Fill(log, 2));
        AuditVerification verification = AuditReader.Verify(_folder.Path);
        Assert.Contains("line 3: not a whole line", Assert.Single(verification.Faults), StringComparison.Ordinal);
        Assert.Equal([1L, 2, 3, 4], AuditReader.Read(_folder.Path).Select(decision => decision.Sequence));
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

    private void Write(Action<AuditLog> write, RotationLimits? limits = null)
    {
        using AuditLog log = new(_folder.Path, limits ?? RotationLimits.Audit, _time, NullLoggerFactory.Instance);
        write(log);
    }

    private IReadOnlyList<string> Files() => RotatingFile.Files(_folder.Path, AuditLog.Prefix);
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Postern.EdgeSync.Records;

/// <summary>What <see cref="AuditReader.Verify"/> found.</summary>
/// <param name="Lines">That were looked at.</param>
/// <param name="Faults">File, line and what is wrong; at most <see cref="AuditReader.MaxFaults"/>. Empty when the record is whole.</param>
public sealed record AuditVerification(long Lines, IReadOnlyList<string> Faults);

/// <summary>Reads the audit record, also while it is being written.</summary>
public static class AuditReader
{
    public const int MaxFaults = 100;

    /// <summary>Octets; no line of ours comes near.</summary>
    private const int MaxLine = 64 * 1024;

    /// <summary>The decisions, newest file first, within a file oldest first; lines that cannot be read are passed over.</summary>
    /// <param name="about">Only of this entry; null: all.</param>
    public static IEnumerable<AuditDecision> Read(string folder, string? about = null)
    {
        foreach (string path in RotatingFile.Files(folder, AuditLog.Prefix).Reverse())
        {
            foreach (byte[] line in Lines(path))
            {
                // Octets first: of a million lines a handful are asked for.
                if ((about is null || line.AsSpan().IndexOf(Encoding.ASCII.GetBytes(about)) >= 0) && Parse(line) is { } decision && (about is null || decision.Id == about))
                {
                    yield return decision;
                }
            }
        }
    }

    /// <summary>The last decision about an entry on an edge; null: none on record.</summary>
    public static AuditDecision? LastAbout(string folder, string edge, string id)
    {
        AuditDecision? last = null;
        foreach (AuditDecision decision in Read(folder, id))
        {
            if (string.Equals(decision.Edge, edge, StringComparison.OrdinalIgnoreCase) && decision.Action != AuditAction.Skip && (last is null || decision.Sequence > last.Sequence))
            {
                last = decision;
            }
        }

        return last;
    }

    /// <summary>The same for many entries in one pass.</summary>
    public static Dictionary<string, AuditDecision> LastAbout(string folder, string edge, IReadOnlySet<string> ids)
    {
        Dictionary<string, AuditDecision> last = new(StringComparer.Ordinal);
        foreach (AuditDecision decision in ids.Count == 0 ? [] : Read(folder))
        {
            if (ids.Contains(decision.Id) && decision.Action != AuditAction.Skip && string.Equals(decision.Edge, edge, StringComparison.OrdinalIgnoreCase)
                && (!last.TryGetValue(decision.Id, out AuditDecision? other) || decision.Sequence > other.Sequence))
            {
                last[decision.Id] = decision;
            }
        }

        return last;
    }

    /// <summary>Checks the chain from the oldest line that is kept to the newest. A line that a killed process left unfinished is named, and the
    /// chain goes on from the one before it.</summary>
    public static AuditVerification Verify(string folder)
    {
        List<string> faults = [];
        long lines = 0;
        byte[]? expected = null;
        long sequence = 0;
        foreach (string path in RotatingFile.Files(folder, AuditLog.Prefix))
        {
            long number = 0;
            foreach (byte[] line in Lines(path))
            {
                lines++;
                number++;
                string? fault = Check(line, expected, ref sequence);
                if (fault is not null && faults.Count < MaxFaults)
                {
                    faults.Add($"{Path.GetFileName(path)}, line {number}: {fault}");
                }

                if (fault is not Unfinished)
                {
                    expected = SHA256.HashData(line);
                }
            }
        }

        return new AuditVerification(lines, faults);
    }

    /// <summary>Number and hash of the newest whole line.</summary>
    internal static (long Sequence, byte[] Hash)? Last(string folder)
    {
        foreach (string path in RotatingFile.Files(folder, AuditLog.Prefix).Reverse())
        {
            (long, byte[])? last = null;
            foreach (byte[] line in Lines(path))
            {
                if (Parse(line) is { } decision)
                {
                    last = (decision.Sequence, SHA256.HashData(line));
                }
            }

            if (last is not null)
            {
                return last;
            }
        }

        return null;
    }

    private const string Unfinished = "not a whole line; a process was killed while it wrote it, or somebody changed it";

    private static string? Check(byte[] line, byte[]? expected, ref long sequence)
    {
        if (Parse(line, out string previous) is not { } decision)
        {
            return Unfinished;
        }

        string? fault = expected is not null && previous != Convert.ToHexStringLower(expected)
            ? "it does not carry the hash of the line before it: one of the two was changed, or lines between them are missing"
            : sequence != 0 && decision.Sequence != sequence + 1 ? $"number {decision.Sequence} follows number {sequence}" : null;
        sequence = decision.Sequence;
        return fault;
    }

    private static IEnumerable<byte[]> Lines(string path)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using StreamReader reader = new(file, new UTF8Encoding(false));
        while (reader.ReadLine() is { } line)
        {
            yield return Encoding.UTF8.GetBytes(line.Length > MaxLine ? line[..MaxLine] : line);
        }
    }

    private static AuditDecision? Parse(byte[] line) => Parse(line, out _);

    private static AuditDecision? Parse(byte[] line, out string previous)
    {
        previous = "";
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement root = document.RootElement;
            previous = root.GetProperty("previous").GetString() ?? "";
            return AuditLog.TryParse(root.GetProperty("action").GetString() ?? "", out AuditAction action)
                ? new AuditDecision(
                    root.GetProperty("sequence").GetInt64(), root.GetProperty("time").GetDateTimeOffset(), Text(root, "edge"), Text(root, "type"), action,
                    Text(root, "id"), Text(root, "source"), Text(root, "cycle"), root.TryGetProperty("reason", out JsonElement reason) ? reason.GetString() ?? "" : "")
                : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? "";
}

using System.Security.Cryptography;

namespace Postern.EdgeSync.Records;

/// <summary>Reads the audit record, also while it is being written.</summary>
public static class AuditReader
{
    /// <summary>The decisions, newest file first, within a file oldest first; lines that cannot be read are passed over.</summary>
    /// <param name="about">Only of this entry; null: all.</param>
    public static IEnumerable<AuditDecision> Read(string folder, string? about = null)
    {
        foreach (string path in Files(folder).Reverse())
        {
            foreach (AuditLine line in AuditLine.Read(path))
            {
                // Octets first: of a million lines a handful are asked for.
                if ((about is null || line.Mentions(about)) && AuditLine.Parse(line.Octets, out _) is { } decision && (about is null || decision.Id == about))
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

    /// <summary>Checks a record that nobody writes to against the note beside it. Of one that is being written <see cref="AuditLog.Verify"/> knows more.</summary>
    public static AuditVerification Verify(string folder)
    {
        AuditNote? note = AuditNote.Read(folder);
        AuditCheck check = new(note ?? AuditNote.Empty);
        check.Read(Files(folder));

        // The note is written after the lines: a process that was killed in between left lines that it does not know.
        check.End(mostWritten: null);
        if (note is null && check.Lines > 0)
        {
            check.Fault("the note of where the record ends is missing, or cannot be read");
        }

        return check.Result;
    }

    /// <summary>All files, oldest first: by the number of their first line, whatever the clock said when they got their names.</summary>
    internal static IReadOnlyList<string> Files(string folder) =>
        [.. RotatingFile.Files(folder, AuditLog.Prefix).Select(path => (path, Number: FirstNumber(path))).OrderBy(file => file.Number).Select(file => file.path)];

    /// <summary>Number and hash of the newest whole line.</summary>
    internal static (long Sequence, byte[] Hash)? Last(string folder)
    {
        foreach (string path in Files(folder).Reverse())
        {
            if (LastIn(path) is { } last)
            {
                return last;
            }
        }

        return null;
    }

    /// <summary>Of one file.</summary>
    internal static (long Sequence, byte[] Hash)? LastIn(string path)
    {
        (long, byte[])? last = null;
        foreach (AuditLine line in AuditLine.Read(path))
        {
            if (AuditLine.Parse(line.Octets, out _) is { } decision)
            {
                last = (decision.Sequence, SHA256.HashData(line.Octets));
            }
        }

        return last;
    }

    /// <summary>Number of the oldest whole line and the hash that it carries.</summary>
    internal static (long Sequence, string Previous)? First(string folder)
    {
        foreach (AuditLine line in Files(folder).SelectMany(AuditLine.Read))
        {
            if (AuditLine.Parse(line.Octets, out string previous) is { } decision)
            {
                return (decision.Sequence, previous);
            }
        }

        return null;
    }

    private static long FirstNumber(string path)
    {
        foreach (AuditLine line in AuditLine.Read(path))
        {
            if (AuditLine.Parse(line.Octets, out _) is { } decision)
            {
                return decision.Sequence;
            }
        }

        return long.MaxValue;
    }
}

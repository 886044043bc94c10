using System.Text;
using System.Text.Json;

namespace Postern.EdgeSync.Records;

/// <summary>One line of an audit file.</summary>
/// <param name="Octets">Without the line feed; at most <see cref="Longest"/> of them.</param>
/// <param name="Ended">It has a line feed: else it is still being written, or was left by a machine that stopped.</param>
internal readonly record struct AuditLine(byte[] Octets, bool Ended)
{
    /// <summary>Octets; no line of ours comes near.</summary>
    public const int Longest = 64 * 1024;

    private const int BufferBytes = 64 * 1024;

    /// <summary>The lines of a file, one after the other; a file that retention has just deleted has none.</summary>
    public static IEnumerable<AuditLine> Read(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (FileNotFoundException)
        {
            yield break;
        }

        using (file)
        {
            byte[] buffer = new byte[BufferBytes];
            using MemoryStream line = new();
            bool open = false;
            for (int count; (count = file.Read(buffer)) > 0;)
            {
                int start = 0;
                for (int feed; (feed = Array.IndexOf(buffer, (byte)'\n', start, count - start)) >= 0; start = feed + 1)
                {
                    Take(line, buffer.AsSpan(start, feed - start));
                    yield return new AuditLine(line.ToArray(), Ended: true);
                    line.SetLength(0);
                    open = false;
                }

                Take(line, buffer.AsSpan(start, count - start));
                open |= count > start;
            }

            if (open)
            {
                yield return new AuditLine(line.ToArray(), Ended: false);
            }
        }
    }

    /// <summary>The decision, and the hash that it carries of the line before it; null: it is none.</summary>
    public static AuditDecision? Parse(byte[] line, out string previous)
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

    public bool Mentions(string text) => Octets.AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) >= 0;

    private static void Take(MemoryStream line, ReadOnlySpan<byte> octets) =>
        line.Write(octets[..(int)Math.Min(octets.Length, Longest - line.Length)]);

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString() ?? "";
}

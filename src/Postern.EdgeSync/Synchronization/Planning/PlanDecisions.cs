using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Sources;

namespace Postern.EdgeSync.Synchronization.Planning;

/// <summary>One decision of a plan, as the audit record gets it when the plan is applied.</summary>
/// <param name="Source">Empty: an operator decided.</param>
internal readonly record struct PlannedDecision(AuditAction Action, EntryId Id, string Source, string Reason);

/// <summary>What a plan decided, JSON lines beside its operations: those do not say why, nor what was held.</summary>
internal sealed class PlanDecisions(Stream stream) : IDisposable
{
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <summary>Adds one to the file.</summary>
    public void Add(AuditAction action, EntryId id, string source, string reason)
    {
        _line.ResetWrittenCount();
        using (Utf8JsonWriter json = new(_line))
        {
            json.WriteStartArray();
            json.WriteStringValue(AuditLog.Name(action));
            json.WriteStringValue(id.ToString());
            json.WriteStringValue(source);
            json.WriteStringValue(reason);
            json.WriteEndArray();
        }

        stream.Write(_line.WrittenSpan);
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Of the whole file, lower-case hexadecimal digits.</summary>
    public async Task<string> DigestAsync(CancellationToken cancellationToken)
    {
        await stream.FlushAsync(cancellationToken);
        stream.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
    }

    /// <summary>One after the other, as they were made.</summary>
    public static IEnumerable<PlannedDecision> Read(string path)
    {
        foreach (string line in File.ReadLines(path, Encoding.UTF8))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            JsonElement one = document.RootElement;
            if (AuditLog.TryParse(one[0].GetString()!, out AuditAction action) && EntryId.TryParse(one[1].GetString()!, out EntryId id))
            {
                yield return new PlannedDecision(action, id, one[2].GetString()!, one[3].GetString()!);
            }
        }
    }

    public void Dispose() => stream.Dispose();
}

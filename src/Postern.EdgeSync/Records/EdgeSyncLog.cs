using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Postern.EdgeSync.Records;

/// <summary>
/// The EdgeSync log of a hub: JSON lines in <c>logs/</c> of its data folder, on by default. Each line has <c>time</c>, <c>level</c>, <c>event</c> and the
/// event's own fields. It must never stop a cycle: a line that cannot be written is said once in the daemon's log, and counted.
/// </summary>
public sealed class EdgeSyncLog : IDisposable
{
    public const string Prefix = "edgesync";

    private readonly RotatingFile? _file;
    private readonly EdgeSyncLogLevel _level;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Lock _lock = new();
    private bool _failing;

    /// <param name="folder">Made when missing.</param>
    /// <param name="level">With None no file is made.</param>
    public EdgeSyncLog(string folder, EdgeSyncLogLevel level, RotationLimits limits, TimeProvider time, ILoggerFactory loggerFactory)
    {
        _level = level;
        _time = time;
        _log = loggerFactory.CreateLogger<EdgeSyncLog>();
        _file = level == EdgeSyncLogLevel.None ? null : new RotatingFile(folder, Prefix, limits, time);
    }

    /// <summary>Lines that could not be written since the start.</summary>
    public long Lost { get; private set; }

    public bool Writes(EdgeSyncLogLevel level) => level != EdgeSyncLogLevel.None && level <= _level;

    /// <param name="name">Of the event, camelCase: <c>cycle</c>, <c>held</c>, <c>skipped</c>, <c>lease</c>.</param>
    /// <param name="fields">Writes the properties of the event; no secrets, no readable addresses.</param>
    public void Write(EdgeSyncLogLevel level, string name, Action<Utf8JsonWriter> fields)
    {
        if (!Writes(level))
        {
            return;
        }

        lock (_lock)
        {
            _buffer.ResetWrittenCount();
            using (Utf8JsonWriter json = new(_buffer))
            {
                json.WriteStartObject();
                json.WriteString("time", _time.GetUtcNow().UtcDateTime);
                json.WriteString("level", level.ToString().ToLowerInvariant());
                json.WriteString("event", name);
                fields(json);
                json.WriteEndObject();
            }

            try
            {
                _file!.Append(_buffer.WrittenSpan);
                _file.Flush();
                _failing = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Lost++;
                if (!_failing)
                {
                    RecordsLog.LogNotWritten(_log, e);
                    _failing = true;
                }
            }
        }
    }

    public void Dispose() => _file?.Dispose();
}

internal static partial class RecordsLog
{
    [LoggerMessage(3901, LogLevel.Error, "The EdgeSync log cannot be written; cycles go on without it")]
    public static partial void LogNotWritten(ILogger log, Exception exception);

    [LoggerMessage(3902, LogLevel.Error, "The audit record cannot be written; cycles go on without it")]
    public static partial void AuditNotWritten(ILogger log, Exception exception);

    [LoggerMessage(3903, LogLevel.Warning, "The audit record in {Folder} has no note of where it ends: number {Number} is taken for its end")]
    public static partial void NoAuditNote(ILogger log, string folder, long number);
}

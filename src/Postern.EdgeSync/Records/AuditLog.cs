using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Sources;

namespace Postern.EdgeSync.Records;

/// <summary>
/// Every decision about an entry of an edge, appended before it is sent: JSON lines in <c>audit/</c> of the hub's data folder. Each line carries the
/// SHA-256 of the line before it (<c>previous</c>), and a note beside them says where they begin and end, so that a line that was changed, taken
/// out or put in later shows (<see cref="Verify"/>). A record that cannot be written is said and counted; it stops no cycle.
/// </summary>
public sealed class AuditLog : IDisposable
{
    public const string Prefix = "audit";

    private readonly RotatingFile _file;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _json;
    private readonly Lock _lock = new();
    private readonly byte[] _previous = new byte[SHA256.HashSizeInBytes];
    private long _sequence;
    private AuditNote _note;
    private bool _failing;

    /// <param name="folder">Made when missing. What is there is gone on with.</param>
    public AuditLog(string folder, RotationLimits limits, TimeProvider time, ILoggerFactory loggerFactory)
    {
        _file = new RotatingFile(folder, Prefix, limits, time) { Removing = NoteRemoval };
        Folder = folder;
        _time = time;
        _log = loggerFactory.CreateLogger<AuditLog>();
        _json = new Utf8JsonWriter(_buffer);
        _note = Begin(AuditNote.Read(folder));
    }

    public string Folder { get; }

    /// <summary>Lines that could not be written since the start.</summary>
    public long Lost { get; private set; }

    /// <summary>Names a cycle for <see cref="AuditDecision.Cycle"/>.</summary>
    public static string NewCycle() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    public void Add(string edge, string type, AuditAction action, EntryId id, string source, string cycle, string reason = "")
    {
        lock (_lock)
        {
            _buffer.ResetWrittenCount();
            _json.Reset();
            _json.WriteStartObject();
            _json.WriteNumber("sequence"u8, _sequence + 1);
            _json.WriteString("time"u8, _time.GetUtcNow().UtcDateTime);
            _json.WriteString("edge"u8, edge);
            _json.WriteString("type"u8, type);
            _json.WriteString("action"u8, Name(action));
            _json.WriteString("id"u8, id.ToString());
            _json.WriteString("source"u8, source);
            _json.WriteString("cycle"u8, cycle);
            if (reason.Length > 0)
            {
                _json.WriteString("reason"u8, reason);
            }

            _json.WriteString("previous"u8, Convert.ToHexStringLower(_previous));
            _json.WriteEndObject();
            _json.Flush();
            Write(_buffer.WrittenSpan);
        }
    }

    /// <summary>Before a batch leaves: what it does is on record then, also when this process is killed.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            FlushNoted();
        }
    }

    /// <summary>Checks the whole record against what was written, while it goes on being written.</summary>
    public AuditVerification Verify()
    {
        using IDisposable kept = _file.KeepAll();
        AuditCheck check;
        IReadOnlyList<string> files;
        lock (_lock)
        {
            FlushNoted();
            check = new AuditCheck(_note);
            files = AuditReader.Files(Folder);
        }

        check.Read(files);
        lock (_lock)
        {
            check.End(_sequence);
        }

        return check.Result;
    }

    public void Dispose()
    {
        Flush();
        _file.Dispose();
        _json.Dispose();
    }

    internal static ReadOnlySpan<byte> Name(AuditAction action) => action switch
    {
        AuditAction.Add => "add"u8,
        AuditAction.Update => "update"u8,
        AuditAction.Delete => "delete"u8,
        AuditAction.Hold => "hold"u8,
        AuditAction.Approve => "approve"u8,
        AuditAction.Reject => "reject"u8,
        AuditAction.Release => "release"u8,
        AuditAction.Skip => "skip"u8,
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "no such action"),
    };

    internal static bool TryParse(string name, out AuditAction action)
    {
        foreach (AuditAction candidate in Enum.GetValues<AuditAction>())
        {
            if (Encoding.ASCII.GetString(Name(candidate)) == name)
            {
                action = candidate;
                return true;
            }
        }

        action = default;
        return false;
    }

    private void Write(ReadOnlySpan<byte> line)
    {
        try
        {
            _file.Append(line);
            SHA256.HashData(line, _previous);
            _sequence++;
            _failing = false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
        }
    }

    /// <summary>Lines first, then the note: a process that is killed in between leaves lines that the note does not know, never the other way round.</summary>
    private void FlushNoted()
    {
        try
        {
            _file.Flush();
            AuditNote now = _note with { Last = _sequence, LastHash = Convert.ToHexStringLower(_previous) };
            if (now != _note)
            {
                _note = now;
                now.Write(Folder);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e);
        }
    }

    /// <summary>Goes on after what is there, or after what was there: lines that somebody took away stay missing.</summary>
    private AuditNote Begin(AuditNote? noted)
    {
        (long Sequence, byte[] Hash)? last = AuditReader.Last(Folder);
        if (noted is null && last is not null)
        {
            RecordsLog.NoAuditNote(_log, Folder, last.Value.Sequence);
        }

        AuditNote note = noted ?? (AuditReader.First(Folder) is { } first ? AuditNote.Empty with { First = first.Sequence, FirstPrevious = first.Previous } : AuditNote.Empty);
        if (last is { } found && found.Sequence > note.Last)
        {
            note = note with { Last = found.Sequence, LastHash = Convert.ToHexStringLower(found.Hash) };
        }

        _sequence = note.Last;
        Convert.FromHexString(note.LastHash).CopyTo(_previous.AsSpan());
        if (note != (noted ?? AuditNote.Empty))
        {
            try
            {
                note.Write(Folder);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Fail(e);
            }
        }

        return note;
    }

    /// <summary>What retention removes is not missing. Noted before it goes.</summary>
    private void NoteRemoval(string path)
    {
        if (AuditReader.LastIn(path) is { } last && last.Sequence >= _note.First)
        {
            _note = _note with { First = last.Sequence + 1, FirstPrevious = Convert.ToHexStringLower(last.Hash) };
            _note.Write(Folder);
        }
    }

    private void Fail(Exception e)
    {
        Lost++;
        if (!_failing)
        {
            RecordsLog.AuditNotWritten(_log, e);
            _failing = true;
        }
    }
}

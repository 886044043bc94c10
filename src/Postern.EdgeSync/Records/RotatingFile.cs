using System.Buffers;
using System.Globalization;
using Postern.Certificates;

namespace Postern.EdgeSync.Records;

/// <summary>
/// Lines appended to a series of files, <c>PREFIX-yyyyMMdd-NNNN.jsonl</c>, mode 0600: a new one when the day ends or the file is full; old ones are
/// deleted by age and by the size of all together. Only whole lines are handed to the system, so that neither a reader nor a process that is killed
/// leaves half of one. Thread safe. One process at a time writes to a series: the data folder has one daemon.
/// </summary>
internal sealed class RotatingFile : IDisposable
{
    /// <summary>Octets gathered before they are handed to the system.</summary>
    private const int BufferBytes = 64 * 1024;

    private const string Extension = ".jsonl";
    private const string DayFormat = "yyyyMMdd";

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly string _prefix;
    private readonly RotationLimits _limits;
    private readonly TimeProvider _time;
    private readonly ArrayBufferWriter<byte> _gathered = new(BufferBytes);
    private FileStream? _file;
    private DateOnly _day;
    private long _length;
    private int _readers;

    /// <param name="folder">Made when it is missing, mode 0700.</param>
    public RotatingFile(string folder, string prefix, RotationLimits limits, TimeProvider time)
    {
        (_folder, _prefix, _limits, _time) = (folder, prefix, limits, time);
        PrivateFile.CreateFolder(folder);
    }

    /// <summary>Called with the path of a file that is about to be deleted by age or size, oldest first.</summary>
    public Action<string> Removing { get; init; } = _ => { };

    /// <param name="line">Without a line feed in it or after it.</param>
    /// <exception cref="IOException">The disk is full, ...: the next call tries again, with a new file.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            if (_gathered.WrittenCount + line.Length >= BufferBytes)
            {
                HandOver();
            }

            Rotate();
            _gathered.Write(line);
            _gathered.Write("\n"u8);
            _length += line.Length + 1;
        }
    }

    /// <summary>Hands over what was gathered; a process that is killed after it loses nothing of it.</summary>
    /// <exception cref="IOException">The disk is full, ...</exception>
    public void Flush()
    {
        lock (_lock)
        {
            HandOver();
        }
    }

    /// <summary>Until it is disposed of, no file is deleted.</summary>
    public IDisposable KeepAll()
    {
        lock (_lock)
        {
            _readers++;
        }

        return new Reader(this);
    }

    /// <summary>All files of a series, oldest first.</summary>
    public static IReadOnlyList<string> Files(string folder, string prefix) =>
        System.IO.Directory.Exists(folder)
            ? [.. System.IO.Directory.EnumerateFiles(folder, $"{prefix}-????????-????{Extension}").Order(StringComparer.Ordinal)]
            : [];

    public void Dispose()
    {
        lock (_lock)
        {
            try
            {
                HandOver();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What could not be written is lost; whoever flushed before was told.
            }

            Close();
        }
    }

    private void HandOver()
    {
        if (_gathered.WrittenCount == 0)
        {
            return;
        }

        try
        {
            if (_file is not null && !File.Exists(_file.Name))
            {
                // Somebody removed it: what is written there nobody would ever see.
                Close();
            }

            _file ??= Open(_day);
            _file.Write(_gathered.WrittenSpan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Close();
            throw;
        }
        finally
        {
            _gathered.ResetWrittenCount();
        }
    }

    /// <summary>Begins a new file when the day has ended or the current one is full.</summary>
    private void Rotate()
    {
        DateOnly today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        if (_file is not null && _day >= today && _length < _limits.MaxFileBytes)
        {
            return;
        }

        HandOver();
        Close();
        _day = today;
        _file = Open(today);
        RemoveOld();
    }

    private FileStream Open(DateOnly today)
    {
        int number = 0;
        if (Files(_folder, _prefix) is [.., string last])
        {
            string[] parts = Path.GetFileNameWithoutExtension(last)[(_prefix.Length + 1)..].Split('-');

            // A clock that was set back does not take the series back: names stay in the order of writing.
            if (DateOnly.TryParseExact(parts[0], DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly newest) && newest >= today)
            {
                _day = newest;
                number = int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parsed) ? parsed : 0;
                number += new FileInfo(last).Length >= _limits.MaxFileBytes ? 1 : 0;
            }
        }

        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        string name = string.Create(CultureInfo.InvariantCulture, $"{_prefix}-{_day.ToString(DayFormat, CultureInfo.InvariantCulture)}-{number:0000}{Extension}");
        FileStream file = new(Path.Combine(_folder, name), options);
        EndTornLine(file);
        _length = file.Length;
        return file;
    }

    /// <summary>A disk that was full, or a machine that lost its power, may have left half a line: it stays, and gets its end.</summary>
    private static void EndTornLine(FileStream file)
    {
        if (file.Length > 0)
        {
            file.Seek(-1, SeekOrigin.End);
            if (file.ReadByte() != '\n')
            {
                file.WriteByte((byte)'\n');
            }
        }
    }

    private void RemoveOld()
    {
        if (_readers > 0)
        {
            return;
        }

        DateTime oldest = (_time.GetUtcNow() - _limits.MaxAge).UtcDateTime;
        long total = 0;
        List<FileInfo> old = [];
        foreach (FileInfo file in Files(_folder, _prefix).Reverse().Select(path => new FileInfo(path)))
        {
            total += file.Length;
            if (file.FullName != _file!.Name && (total > _limits.MaxFolderBytes || file.LastWriteTimeUtc < oldest))
            {
                old.Add(file);
            }
        }

        foreach (FileInfo file in Enumerable.Reverse(old))
        {
            Removing(file.FullName);
            file.Delete();
        }
    }

    private void Close()
    {
        FileStream? file = _file;
        _file = null;
        try
        {
            file?.Dispose();
        }
        catch (IOException)
        {
            // What could not be written is lost, as the caller was told.
        }
    }

    private sealed class Reader(RotatingFile file) : IDisposable
    {
        private RotatingFile? _file = file;

        public void Dispose()
        {
            if (_file is { } open)
            {
                _file = null;
                lock (open._lock)
                {
                    open._readers--;
                }
            }
        }
    }
}

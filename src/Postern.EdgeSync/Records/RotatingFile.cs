using System.Globalization;
using Postern.Certificates;

namespace Postern.EdgeSync.Records;

/// <summary>
/// Lines appended to a series of files, <c>PREFIX-yyyyMMdd-NNNN.jsonl</c>, mode 0600: a new one when the day ends or the file is full; old ones are
/// deleted by age and by the size of all together. Thread safe. One process at a time writes to a series: the data folder has one daemon.
/// </summary>
internal sealed class RotatingFile : IDisposable
{
    /// <summary>Octets gathered before they are handed to the system.</summary>
    private const int BufferBytes = 64 * 1024;

    private const string Extension = ".jsonl";

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly string _prefix;
    private readonly RotationLimits _limits;
    private readonly TimeProvider _time;
    private FileStream? _file;
    private DateOnly _day;
    private long _length;

    /// <param name="folder">Made when it is missing, mode 0700.</param>
    public RotatingFile(string folder, string prefix, RotationLimits limits, TimeProvider time)
    {
        (_folder, _prefix, _limits, _time) = (folder, prefix, limits, time);
        PrivateFile.CreateFolder(folder);
    }

    /// <param name="line">Without a line feed in it or after it.</param>
    /// <exception cref="IOException">The disk is full, ...: the next call tries again, with a new file.</exception>
    public void Append(ReadOnlySpan<byte> line)
    {
        lock (_lock)
        {
            try
            {
                FileStream file = Current();
                file.Write(line);
                file.WriteByte((byte)'\n');
                _length += line.Length + 1;
            }
            catch (IOException)
            {
                Close();
                throw;
            }
        }
    }

    /// <summary>Hands over what was gathered; a process that is killed after it loses nothing of it.</summary>
    /// <exception cref="IOException">The disk is full, ...</exception>
    public void Flush()
    {
        lock (_lock)
        {
            try
            {
                _file?.Flush();
            }
            catch (IOException)
            {
                Close();
                throw;
            }
        }
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
            Close();
        }
    }

    private FileStream Current()
    {
        DateOnly today = DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);
        if (_file is not null && _day == today && _length < _limits.MaxFileBytes)
        {
            return _file;
        }

        _file?.Dispose();
        _file = null;
        _day = today;
        _file = Open(today);
        RemoveOld();
        return _file;
    }

    private FileStream Open(DateOnly day)
    {
        string stem = $"{_prefix}-{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}-";
        string? last = Files(_folder, _prefix).LastOrDefault(path => Path.GetFileName(path).StartsWith(stem, StringComparison.Ordinal));
        int number = last is null ? 0 : int.Parse(Path.GetFileNameWithoutExtension(last)[stem.Length..], CultureInfo.InvariantCulture);
        if (last is not null && new FileInfo(last).Length >= _limits.MaxFileBytes)
        {
            number++;
        }

        FileStreamOptions options = new()
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            BufferSize = BufferBytes,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        FileStream file = new(Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture, $"{stem}{number:0000}{Extension}")), options);
        EndTornLine(file);
        _length = file.Length;
        return file;
    }

    /// <summary>A process that was killed may have left half a line: it stays, and gets its end.</summary>
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
        DateTime oldest = (_time.GetUtcNow() - _limits.MaxAge).UtcDateTime;
        long total = 0;
        foreach (FileInfo file in Files(_folder, _prefix).Reverse().Select(path => new FileInfo(path)))
        {
            total += file.Length;
            if (file.FullName != _file!.Name && (total > _limits.MaxFolderBytes || file.LastWriteTimeUtc < oldest))
            {
                file.Delete();
            }
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
}

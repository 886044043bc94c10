using Microsoft.Win32.SafeHandles;

namespace Postern.Certificates;

/// <summary>
/// Files that only their owner may read: keys and passwords. On Unix 0600 from the first moment on; on Windows the folder's access list
/// is what protects them.
/// </summary>
public static class PrivateFile
{
    /// <summary>The largest file that <see cref="Read"/> takes, octets: hundreds of times a key, so that a wrong path costs no memory.</summary>
    public const int MaxBytes = 1024 * 1024;

    internal const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    private const UnixFileMode AnyoneElse = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>Makes a file that was not there before (O_EXCL: neither an existing file nor a symbolic link is written through), durable on return.</summary>
    /// <exception cref="PrivateFileException">The name is taken.</exception>
    /// <exception cref="IOException">The disk is full, ... : nothing is left behind then.</exception>
    public static void CreateNew(string path, ReadOnlySpan<byte> content)
    {
        try
        {
            WriteNew(path, content, OwnerOnly);
        }
        catch (IOException e) when (Exists(path))
        {
            throw new PrivateFileException(path, $"'{path}' exists already and is not overwritten; move it away first", e);
        }

        FolderSync.Flush(FolderOf(path));
    }

    /// <summary>Puts the content in place of what the name stands for now: a reader sees all of the old or all of the new, also after a
    /// power cut. A symbolic link is replaced, not followed.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content) => Replace(path, content, OwnerOnly);

    /// <exception cref="PrivateFileException">Others may read the file, it is a symbolic link, or it is larger than <see cref="MaxBytes"/>.</exception>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public static byte[] Read(string path)
    {
        // The folder is private, so nobody swaps the file between this look and the open.
        if (new FileInfo(path).LinkTarget is string target)
        {
            throw new PrivateFileException(path, $"'{path}' is a symbolic link (to '{target}') and is not followed; put the file itself there");
        }

        using SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & AnyoneElse) is var mode and not UnixFileMode.None)
        {
            throw new PrivateFileException(path, $"'{path}' holds a secret, but others have access to it ({mode}); run: chmod 600 '{path}'. "
                + "If they may have read it, make the secret anew");
        }

        long length = RandomAccess.GetLength(file);
        if (length > MaxBytes)
        {
            throw new PrivateFileException(path, $"'{path}' has {length} octets; a key or password file has at most {MaxBytes}");
        }

        byte[] content = new byte[length];
        int read = 0;
        for (int count = -1; read < content.Length && count != 0; read += count)
        {
            count = RandomAccess.Read(file, content.AsSpan(read), read);
        }

        return read == content.Length ? content : throw new PrivateFileException(path, $"'{path}' was cut short while it was being read");
    }

    /// <summary>Makes the folder, and those above it, for the owner only (0700). One that exists is taken if nobody else may enter it, or
    /// if it is still empty: then it is closed to others.</summary>
    /// <exception cref="PrivateFileException">It holds something and others may enter it.</exception>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        // One call would make the folders above it with the mode of the process's mask.
        for (Stack<string> missing = Missing(path); missing.TryPop(out string? above);)
        {
            Directory.CreateDirectory(above, OwnerOnlyFolder);
        }

        DirectoryInfo folder = Directory.CreateDirectory(path, OwnerOnlyFolder);
        if ((folder.UnixFileMode & AnyoneElse) == UnixFileMode.None)
        {
            return;
        }

        if (folder.EnumerateFileSystemInfos().Any())
        {
            throw new PrivateFileException(path, $"folder '{path}' holds secrets, but others may enter it ({folder.UnixFileMode & AnyoneElse}); run: chmod 700 '{path}'");
        }

        folder.UnixFileMode = OwnerOnlyFolder;
    }

    internal static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        string temporary = $"{path}.{Path.GetRandomFileName()}";
        WriteNew(temporary, content, mode);
        try
        {
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        FolderSync.Flush(FolderOf(path));
    }

    private static void WriteNew(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using FileStream file = new(path, options);
        try
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }
        catch
        {
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Also true for a symbolic link that leads nowhere.</summary>
    private static bool Exists(string path) => File.Exists(path) || new FileInfo(path).LinkTarget is not null;

    private static Stack<string> Missing(string path)
    {
        Stack<string> missing = [];
        for (string? above = Path.GetDirectoryName(Path.GetFullPath(path)); above is not null && !Directory.Exists(above); above = Path.GetDirectoryName(above))
        {
            missing.Push(above);
        }

        return missing;
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path))!;
}

namespace Postern.EdgeSync.Sources.Files;

/// <summary>What tells one state of a file from another without reading it. The time of birth tells a file from the one renamed over it.</summary>
internal readonly record struct FileStamp(long Length, DateTime Written, DateTime Born)
{
    public static FileStamp Of(FileStream stream) =>
        new(RandomAccess.GetLength(stream.SafeFileHandle), File.GetLastWriteTimeUtc(stream.SafeFileHandle), File.GetCreationTimeUtc(stream.SafeFileHandle));

    /// <summary>Null: there is no such file, or nobody lets us look.</summary>
    public static FileStamp? Of(string path)
    {
        try
        {
            FileInfo file = new(path);
            return file.Exists ? new FileStamp(file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

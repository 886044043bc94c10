namespace Postern.Certificates;

/// <summary>
/// A file in the making that only its owner may read (0600). It gets its name when it is whole and on disk, and not at all when it is
/// disposed before: nobody ever finds half of it under that name.
/// </summary>
public sealed class NewPrivateFile : IDisposable
{
    private readonly string _path;
    private bool _done;

    private NewPrivateFile(string path, string temporary, FileStream content)
    {
        (_path, Temporary, Content) = (path, temporary, content);
    }

    /// <summary>The name it has meanwhile, in the same folder.</summary>
    public string Temporary { get; }

    public FileStream Content { get; }

    /// <exception cref="PrivateFileException">The name is taken.</exception>
    /// <exception cref="IOException">No such folder, no room, ...</exception>
    public static NewPrivateFile Begin(string path)
    {
        string full = Path.GetFullPath(path);
        RefuseTaken(full, null);
        string temporary = $"{full}.{Path.GetRandomFileName()}.partial";
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = PrivateFile.OwnerOnly;
        }

        return new NewPrivateFile(full, temporary, new FileStream(temporary, options));
    }

    /// <summary>Durable under its name on return.</summary>
    /// <exception cref="PrivateFileException">The name was taken meanwhile.</exception>
    public void Finish()
    {
        Content.Flush(flushToDisk: true);
        Content.Dispose();
        try
        {
            File.Move(Temporary, _path, overwrite: false);
        }
        catch (IOException e) when (File.Exists(_path))
        {
            RefuseTaken(_path, e);
            throw;
        }

        _done = true;
        FolderSync.Flush(Path.GetDirectoryName(_path)!);
    }

    public void Dispose()
    {
        Content.Dispose();
        if (!_done)
        {
            File.Delete(Temporary);
        }
    }

    private static void RefuseTaken(string path, Exception? inner)
    {
        if (File.Exists(path) || System.IO.Directory.Exists(path) || new FileInfo(path).LinkTarget is not null)
        {
            throw new PrivateFileException(path, $"'{path}' exists already and is not overwritten; move it away first, or choose another name", inner);
        }
    }
}

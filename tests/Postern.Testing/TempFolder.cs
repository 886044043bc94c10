namespace Postern.Testing;

/// <summary>A folder that is gone at the end of the test, 0700 unless shared.</summary>
public sealed class TempFolder : IDisposable
{
    /// <param name="shared">Other users may enter and read (0755): daemons that give up root need that.</param>
    public TempFolder(bool shared = false)
    {
        Path = System.IO.Directory.CreateTempSubdirectory("postern-test-").FullName;
        if (shared && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }

    public string Path { get; }

    /// <summary>Full path of a file or folder in it.</summary>
    public string this[params string[] parts] => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Creates a folder in it and returns its full path.</summary>
    public string CreateFolder(params string[] parts) => System.IO.Directory.CreateDirectory(this[parts]).FullName;

    /// <summary>Writes a file in it and returns its full path.</summary>
    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public void Dispose()
    {
        try
        {
            System.IO.Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // The test removed it itself.
        }
    }

    public override string ToString() => Path;
}

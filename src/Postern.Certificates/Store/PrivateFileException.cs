namespace Postern.Certificates;

/// <summary>A private file or folder is not as it must be; the message names it and what to do.</summary>
public sealed class PrivateFileException : IOException
{
    public PrivateFileException(string path, string message, Exception? inner = null)
        : base(message, inner) => Path = path;

    public string Path { get; }
}

using System.Text;

namespace Postern.EdgeSync.Sources.Connecting;

/// <summary>A password that an administrator keeps in a file of its own.</summary>
/// <param name="OthersMayRead">Group or others have read permission (Unix).</param>
internal sealed record PasswordFile(string Password, bool OthersMayRead)
{
    /// <summary>Octets; no directory takes a password that long.</summary>
    private const int MaxBytes = 4096;

    /// <summary>Reads anew, so that a changed password counts from the next cycle on. One line end at the end is the editor's, not the password's.</summary>
    public static PasswordFile Read(string path)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length is 0 or > MaxBytes)
        {
            throw new IOException($"the file has {stream.Length} octets; a password has 1 to {MaxBytes}");
        }

        byte[] octets = new byte[stream.Length];
        stream.ReadExactly(octets);
        string text = Encoding.UTF8.GetString(octets);
        text = text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        return new PasswordFile(text, !OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & others) != 0);
    }

    public override string ToString() => "password file (secret)";
}

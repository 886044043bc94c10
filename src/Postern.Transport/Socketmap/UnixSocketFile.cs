using System.Net.Sockets;

namespace Postern.Transport;

/// <summary>The file of a Unix socket: a daemon that was killed leaves it behind, and a bind to it fails then.</summary>
internal static class UnixSocketFile
{
    /// <summary>Anyone may connect: Postfix runs as another user. The folder says who reaches the file.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Removes a socket that nobody listens on.</summary>
    /// <exception cref="IOException">Somebody listens there, or the file is something else.</exception>
    public static async Task RemoveStaleAsync(string path, CancellationToken cancellationToken)
    {
        if (!Path.Exists(path))
        {
            return;
        }

        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(path))
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e)
        {
            throw new IOException($"'{path}' is there and is no socket that could be replaced ({e.Message}); move it away or choose another path", e);
        }

        throw new IOException($"another process listens on '{path}'; stop it, or choose another path");
    }

    // connect(2) answers "refused" for whatever is no socket too, so its kind is looked at before anything is deleted: open(2) of a
    // socket fails (ENXIO), of a file it does not. Read and write, because that does not wait on a FIFO.
    private static bool IsSocket(string path)
    {
        FileInfo file = new(path);
        if (file.LinkTarget is not null || Directory.Exists(path) || file.Length > 0)
        {
            return false;
        }

        try
        {
            using FileStream opened = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}

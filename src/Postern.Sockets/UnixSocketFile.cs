using System.Net.Sockets;

namespace Postern.Sockets;

/// <summary>What stands where a Unix socket is to be.</summary>
public enum UnixSocketPlace
{
    /// <summary>Nothing, or nothing any more: a process that was killed had left its socket.</summary>
    Free,

    /// <summary>A socket that somebody listens on.</summary>
    InUse,

    /// <summary>Something that is no socket, or whose kind cannot be told.</summary>
    Occupied,
}

/// <summary>The file of a Unix socket: a process that is killed leaves it behind, and a bind to it fails then.</summary>
public static class UnixSocketFile
{
    /// <summary>Removes a socket that nobody listens on.</summary>
    /// <exception cref="IOException">The dead socket cannot be removed.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise, by permission.</exception>
    public static async Task<UnixSocketPlace> FreeAsync(string path, CancellationToken cancellationToken)
    {
        if (!Path.Exists(path))
        {
            return UnixSocketPlace.Free;
        }

        // connect(2) answers "refused" for any kind of file, so its kind comes first.
        if (!IsSocket(path))
        {
            return UnixSocketPlace.Occupied;
        }

        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken).ConfigureAwait(false);
            return UnixSocketPlace.InUse;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return UnixSocketPlace.Free;
        }
        catch (SocketException)
        {
            return UnixSocketPlace.Occupied;
        }
    }

    /// <summary>open(2) of a socket fails (ENXIO), of a file it does not. Read and write, because that does not wait on a FIFO.</summary>
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

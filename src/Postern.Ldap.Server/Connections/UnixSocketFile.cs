using System.Net.Sockets;

namespace Postern.Ldap.Server.Connections;

/// <summary>The file of a Unix socket for LDAP (ldapi).</summary>
internal static class UnixSocketFile
{
    /// <summary>Only the server's own user, and root, may connect.</summary>
    public const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Removes what a server that was killed has left behind: nobody listens there.</summary>
    /// <exception cref="LdapListenException">Somebody listens there, or the file is no socket.</exception>
    public static async Task RemoveStaleAsync(UnixDomainSocketEndPoint endPoint, CancellationToken cancellationToken)
    {
        string path = endPoint.ToString();
        if (!Path.Exists(path))
        {
            return;
        }

        // connect(2) answers "refused" for any kind of file, so its kind comes first.
        if (!IsSocket(path))
        {
            throw new LdapListenException(endPoint, $"cannot listen on {path}: it is there and is no socket; move it away, or choose another path");
        }

        using Socket probe = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await probe.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException e)
        {
            throw new LdapListenException(endPoint, $"cannot listen on {path}: {e.Message}; move it away, or choose another path", e);
        }

        throw new LdapListenException(endPoint, $"cannot listen on {path}: another program listens there; stop it, or choose another path");
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

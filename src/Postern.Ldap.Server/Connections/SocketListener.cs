using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Postern.Ldap.Server.Sessions;
using Postern.Sockets;

namespace Postern.Ldap.Server.Connections;

/// <summary>One address that is listened on; accepts until it is closed. Not Kestrel's own listener: that one accepts again at once when
/// the process has no descriptor left, and so takes a whole processor until it has.</summary>
internal sealed class SocketListener : IDisposable
{
    /// <summary>Connections that the kernel completes ahead of us; it takes less when net.core.somaxconn says so.</summary>
    private const int Backlog = 512;

    /// <summary>Between attempts while the process has no descriptor, or the kernel no memory, for another connection.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Only the server's own user, and root, may connect.</summary>
    private const UnixFileMode UnixSocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly Socket _socket;
    private readonly ServerContext _server;
    private volatile bool _closed;
    private bool _short;

    private SocketListener(Socket socket, EndPoint endPoint, ServerContext server)
    {
        _socket = socket;
        _server = server;
        EndPoint = endPoint;
    }

    /// <summary>With the real port.</summary>
    public EndPoint EndPoint { get; }

    /// <exception cref="LdapListenException">The address is in use or not ours.</exception>
    public static async Task<SocketListener> BindAsync(
        EndPoint endPoint, ServerContext server, CancellationToken cancellationToken)
    {
        if (endPoint is UnixDomainSocketEndPoint path)
        {
            switch (await UnixSocketFile.FreeAsync(path.ToString(), cancellationToken).ConfigureAwait(false))
            {
                case UnixSocketPlace.InUse:
                    throw new LdapListenException(endPoint, $"cannot listen on {path}: another program listens there; stop it, or choose another path");
                case UnixSocketPlace.Occupied:
                    throw new LdapListenException(endPoint, $"cannot listen on {path}: it is there and is no socket; move it away, or choose another path");
            }
        }

        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, endPoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        try
        {
            if (endPoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true; // "::" means IPv4 too, as everywhere
            }

            socket.Bind(endPoint);
            if (endPoint is UnixDomainSocketEndPoint && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(endPoint.ToString()!, UnixSocketMode); // before Listen, so nobody else ever got in
            }

            socket.Listen(Backlog);
            return new SocketListener(socket, endPoint is IPEndPoint ? socket.LocalEndPoint! : endPoint, server);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? new LdapListenException(endPoint, $"cannot listen on {endPoint}: another program listens there; stop it, or choose another port", e)
                : new LdapListenException(endPoint, $"cannot listen on {endPoint}: {e.Message}; choose an address of this machine and a port that you may use", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <returns>The connection and who is at its other end; null once the listener is closed.</returns>
    public async Task<(ConnectionContext Connection, EndPoint? Peer)?> AcceptAsync()
    {
        while (!_closed)
        {
            Socket? socket = null;
            try
            {
                socket = await _socket.AcceptAsync(_server.Stopping).ConfigureAwait(false);
                if (_short)
                {
                    _short = false;
                    _server.Logger.AcceptingAgain(EndPoint);
                }

                return Begin(socket);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.NotConnected)
            {
                socket?.Dispose(); // it left before we took it
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                socket?.Dispose();
                return null;
            }
            catch (SocketException e)
            {
                socket?.Dispose();
                if (!_closed)
                {
                    await WaitForRoomAsync(e).ConfigureAwait(false);
                }
            }
        }

        return null;
    }

    public void Dispose()
    {
        _closed = true;
        _socket.Dispose();
    }

    private (ConnectionContext, EndPoint?) Begin(Socket socket)
    {
        EndPoint? peer = socket.RemoteEndPoint;
        if (EndPoint is IPEndPoint)
        {
            socket.NoDelay = true; // answers are flushed when they are whole; nothing is gained by waiting for more
        }
        else if (OperatingSystem.IsLinux())
        {
            peer = UnixPeer.Of(socket);
        }

        return (new SocketConnection(socket), peer);
    }

    /// <summary>Said once, not at every attempt.</summary>
    private async Task WaitForRoomAsync(SocketException e)
    {
        if (!_short)
        {
            _short = true;
            _server.Logger.CannotAccept(EndPoint, e.Message, Pause);
        }

        try
        {
            await Task.Delay(Pause, _server.Time, _server.Stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The loop sees the stop.
        }
    }
}

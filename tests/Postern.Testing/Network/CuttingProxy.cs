using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Postern.Testing;

/// <summary>A TCP relay on 127.0.0.1 that fails when told: after so many octets of an answer, at once, or by never answering.</summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private const int BufferBytes = 16 * 1024;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _target;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Socket> _open = [];
    private readonly Task _accepting;
    private long _cutAfter = long.MaxValue;
    private bool _refusing;
    private int _accepted;

    private CuttingProxy(IPEndPoint target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string LdapUrl => string.Create(CultureInfo.InvariantCulture, $"ldap://127.0.0.1:{Port}");

    /// <summary>Connections taken so far.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Octets from the target that the next connections, and those that stand, let through together before all are cut. Counted
    /// from the setting on.</summary>
    public long CutAfter
    {
        set => Interlocked.Exchange(ref _cutAfter, value);
    }

    /// <summary>New connections are closed at once; the ones that stand go on.</summary>
    public bool Refusing
    {
        get => Volatile.Read(ref _refusing);
        set => Volatile.Write(ref _refusing, value);
    }

    public static CuttingProxy To(int port) => new(new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>Cuts all connections that stand (reset).</summary>
    public void CutAll()
    {
        Socket[] open;
        lock (_gate)
        {
            open = [.. _open];
            _open.Clear();
        }

        foreach (Socket socket in open)
        {
            socket.Close(0);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        CutAll();
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        List<Task> relays = [];
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_end.Token);
                Interlocked.Increment(ref _accepted);
                relays.Add(RelayAsync(client));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            CutAll();
            await Task.WhenAll(relays);
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using Socket server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        client.NoDelay = true;
        try
        {
            if (Refusing)
            {
                return;
            }

            await server.ConnectAsync(_target, _end.Token);
            lock (_gate)
            {
                _open.Add(client);
                _open.Add(server);
            }

            Task there = CopyAsync(client, server, counted: false);
            Task back = CopyAsync(server, client, counted: true);
            await Task.WhenAny(there, back);
            client.Close(0);
            server.Close(0);
            await Task.WhenAll(there, back);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Nobody listens there, or cut.
        }
        finally
        {
            client.Close(0);
            lock (_gate)
            {
                _open.Remove(client);
                _open.Remove(server);
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, bool counted)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, _end.Token)) > 0)
            {
                int allowed = read;
                if (counted)
                {
                    long left = Interlocked.Add(ref _cutAfter, -read);
                    allowed = left >= 0 ? read : (int)Math.Max(0, read + left);
                }

                await to.SendAsync(buffer.AsMemory(0, allowed), _end.Token);
                if (allowed < read)
                {
                    CutAll();
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Cut, on this side or the other.
        }
    }
}

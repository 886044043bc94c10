using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postern.Transport.Tests.Socketmap;

/// <summary>Real octets against the server.</summary>
internal sealed class SocketmapClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    private SocketmapClient(Socket socket) => _socket = socket;

    public static async Task<SocketmapClient> ConnectAsync(EndPoint endPoint)
    {
        bool unix = endPoint is UnixDomainSocketEndPoint;
        Socket socket = new(endPoint.AddressFamily, SocketType.Stream, unix ? ProtocolType.Unspecified : ProtocolType.Tcp);
        await socket.ConnectAsync(endPoint);
        if (!unix)
        {
            socket.NoDelay = true;
        }

        return new SocketmapClient(socket);
    }

    public async Task<string> AskAsync(string map, string key)
    {
        await SendAsync(Request($"{map} {key}"));
        return await ReadAsync() ?? throw new IOException("the server closed the connection");
    }

    public static byte[] Request(string content)
    {
        byte[] octets = Encoding.UTF8.GetBytes(content);
        return [.. Encoding.ASCII.GetBytes($"{octets.Length}:"), .. octets, (byte)','];
    }

    public async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        while (octets.Length > 0)
        {
            octets = octets[await _socket.SendAsync(octets)..];
        }
    }

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>The content of the next reply; null when the server has closed the connection.</summary>
    public async Task<string?> ReadAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        while (true)
        {
            if (Netstring.TryRead(_buffer.AsSpan(_start.._end), _buffer.Length, out Range content, out int consumed) == NetstringStatus.Complete)
            {
                string reply = Encoding.UTF8.GetString(_buffer.AsSpan(_start.._end)[content]);
                _start += consumed;
                return reply;
            }

            if (_start == _end)
            {
                _start = _end = 0;
            }

            int count;
            try
            {
                count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, patience.Token);
            }
            catch (SocketException)
            {
                // Reset: the server closed while octets of ours were still unread.
                return null;
            }

            if (count == 0)
            {
                return null;
            }

            _end += count;
        }
    }

    public void Dispose() => _socket.Dispose();
}

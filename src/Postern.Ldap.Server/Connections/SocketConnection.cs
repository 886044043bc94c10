using System.Globalization;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Postern.Ldap.Server.Connections;

/// <summary>
/// A connection whose reader and writer are its session: a read of the session is a read of the socket, and a flush a write, on the thread
/// that asked for it. Kestrel's own transport copies through two pipes with a loop at each end; a request and its answer then cross four
/// threads instead of none.
/// </summary>
internal sealed class SocketConnection : ConnectionContext, IDuplexPipe
{
    /// <summary>Octets of one read: a TLS record's largest content, RFC 8446 section 5.1.</summary>
    private const int ReadBytes = 16 * 1024;

    private readonly CancellationTokenSource _closed = new();
    private readonly Socket _socket;
    private int _ended;

    public SocketConnection(Socket socket)
    {
        _socket = socket;
        Stream = new NetworkStream(socket, ownsSocket: false);
        Input = PipeReader.Create(Stream, new StreamPipeReaderOptions(bufferSize: ReadBytes, leaveOpen: true));
        Output = PipeWriter.Create(Stream, new StreamPipeWriterOptions(minimumBufferSize: ReadBytes, leaveOpen: true));
        RemoteEndPoint = socket.RemoteEndPoint;
        LocalEndPoint = socket.LocalEndPoint;
        ConnectionClosed = _closed.Token;
        Transport = this;
    }

    /// <summary>For TLS, which frames for itself. Not to be mixed with <see cref="Input"/> while a read is under way.</summary>
    public NetworkStream Stream { get; }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    public override IDuplexPipe Transport { get; set; }

    public override string ConnectionId { get; set; } = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);

    public override IFeatureCollection Features { get; } = new FeatureCollection();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    private static long _last;

    /// <summary>Ends it at once; who reads or writes gets an <see cref="IOException"/>.</summary>
    public override void Abort(ConnectionAbortedException abortReason) => End();

    public override ValueTask DisposeAsync()
    {
        End();
        return base.DisposeAsync();
    }

    private void End()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
        {
            return;
        }

        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The peer was faster.
        }

        Stream.Dispose();
        _socket.Dispose();
        _ = _closed.CancelAsync(); // its callbacks run elsewhere
    }
}

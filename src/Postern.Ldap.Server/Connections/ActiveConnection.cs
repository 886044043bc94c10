using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Postern.Ldap.Server.Sessions;
using Postern.Ldap.Server.Tls;

namespace Postern.Ldap.Server.Connections;

/// <summary>An accepted connection and the ways to end it.</summary>
internal sealed class ActiveConnection(ConnectionContext connection) : IDisposable
{
    /// <summary>How long octets of a peer that was told good-bye are still taken. Closing a socket with octets unread resets the
    /// connection, and a reset can overtake the notice.</summary>
    private static readonly TimeSpan LingerTime = TimeSpan.FromMilliseconds(250);

    /// <summary>Octets taken at most meanwhile.</summary>
    private const long LingerBytes = 1024 * 1024;

    private readonly CancellationTokenSource _aborted = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);

    public IDuplexPipe Transport => connection.Transport;

    /// <summary>Cancelled when the connection is lost, when it is aborted, and when its operations are to end.</summary>
    public CancellationToken Aborted => _aborted.Token;

    public async Task CancelOperationsAsync()
    {
        try
        {
            await _aborted.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The session ended in the same moment.
        }
    }

    /// <summary>Ends it at once, without a word.</summary>
    public void Abort(string reason)
    {
        _ = CancelOperationsAsync(); // its callbacks must not run under the caller's locks
        connection.Abort(new ConnectionAbortedException(reason));
    }

    /// <returns>Null when it failed; the log says why.</returns>
    public async Task<TlsTransport?> TryHandshakeAsync(ServerContext server, EndPoint? peer)
    {
        try
        {
            return await server.Tls!.HandshakeAsync(Transport, server.Stopping).ConfigureAwait(false);
        }
        catch (TlsHandshakeException e)
        {
            server.Logger.HandshakeFailed(peer, e.Message);
        }
        catch (Exception e)
        {
            server.Logger.NoCertificate(e);
        }

        return null;
    }

    /// <summary>Takes and drops what the peer still sends, until it closes, or for a moment.</summary>
    public async Task LingerAsync(TimeProvider time)
    {
        using CancellationTokenSource enough = new(LingerTime, time);
        try
        {
            long taken = 0;
            while (taken < LingerBytes)
            {
                ReadResult read = await Transport.Input.ReadAsync(enough.Token).ConfigureAwait(false);
                taken += read.Buffer.Length;
                Transport.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // Gone, or the moment is over: both end the wait.
        }
    }

    public void Dispose() => _aborted.Dispose();
}

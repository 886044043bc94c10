using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using Postern.Ldap.Codec;
using Postern.Ldap.Server.Connections;
using Postern.Ldap.Server.Operations;
using Postern.Ldap.Server.Tls;

namespace Postern.Ldap.Server.Sessions;

/// <summary>One LDAP session from the first octet to the last: frames requests, upgrades to TLS, watches the idle time, says good-bye.</summary>
internal sealed class LdapSession : IAsyncDisposable
{
    /// <summary>First octet of a TLS record that carries a handshake, RFC 8446 section 5.1.</summary>
    private const byte TlsHandshakeRecord = 0x16;

    private readonly ServerContext _server;
    private readonly ActiveConnection _connection;
    private readonly ResponseChannel _channel;
    private readonly SessionContext _session;
    private readonly RequestHandler _handler;
    private readonly IdleWatch _idle;
    private TlsTransport? _tls;
    private volatile PipeReader _input;
    private int _unauthenticated;

    /// <param name="tls">The connection after its handshake, or null for LDAP in clear. The session ends it.</param>
    public LdapSession(ServerContext server, LdapPeer peer, ActiveConnection connection, TlsTransport? tls)
    {
        IDuplexPipe transport = (IDuplexPipe?)tls ?? connection.Transport;
        _server = server;
        _connection = connection;
        _tls = tls;
        _input = transport.Input;
        _channel = new ResponseChannel(transport.Output, server.Options.WriteTimeout, server.Time, CutOff);
        _session = new SessionContext(server, peer, _channel, connection.Aborted);
        _handler = new RequestHandler(_session);
        _idle = new IdleWatch(_session, () => _input.CancelPendingRead());
    }

    public async Task RunAsync()
    {
        LdapResult? farewell = null;
        using CancellationTokenRegistration stopping = _server.Stopping.UnsafeRegister(_ => _input.CancelPendingRead(), null);
        try
        {
            farewell = await ReadAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
            _server.Logger.ConnectionLost(_session.Peer.Address, e.Message); // reset, cut off, or damaged TLS records
        }

        await CloseAsync(farewell).ConfigureAwait(false);
    }

    /// <summary>Ends the session; with a farewell by a Notice of Disconnection (RFC 4511 section 4.4.1).</summary>
    public async Task CloseAsync(LdapResult? farewell)
    {
        if (farewell?.Code == LdapResultCode.Unavailable)
        {
            _session.Operations.StopEndless();

            // A stop lets what has begun end; the server cancels it when the grace is over.
            await _session.Operations.WhenEmptyAsync().ConfigureAwait(false);
        }

        if (farewell is not null)
        {
            _server.Logger.Disconnected(_session.Peer.Address, farewell.Code, farewell.DiagnosticMessage);
            await _channel.SendAsync(Answers.Notice(farewell.Code, farewell.DiagnosticMessage)).ConfigureAwait(false);
        }

        bool atRest = await _channel.CloseAsync().ConfigureAwait(false);
        await _connection.CancelOperationsAsync().ConfigureAwait(false);
        await _session.Operations.WhenEmptyAsync().ConfigureAwait(false);
        if (atRest)
        {
            await EndTlsAsync().ConfigureAwait(false);
        }

        if (farewell is not null)
        {
            await _connection.LingerAsync(_server.Time).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _idle.Dispose();
        _channel.Dispose();
        if (_tls is not null)
        {
            await _tls.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <returns>What to tell the peer at the end; null when it has left, or cannot be told.</returns>
    private async Task<LdapResult?> ReadAsync()
    {
        _idle.Start();
        while (true)
        {
            if (_server.Stopping.IsCancellationRequested)
            {
                return new LdapResult(LdapResultCode.Unavailable, "the server is shutting down");
            }

            ReadResult read = await _input.ReadAsync().ConfigureAwait(false);
            (NextStep next, LdapResult? farewell) = await TakeAsync(read).ConfigureAwait(false);
            switch (next)
            {
                case NextStep.Close:
                    return farewell;
                case NextStep.UpgradeToTls:
                    if (!await UpgradeAsync().ConfigureAwait(false))
                    {
                        return null;
                    }

                    continue;
            }

            if (read.IsCompleted)
            {
                return null;
            }

            if (read.IsCanceled && _idle.WhatIsOver() is { } reason)
            {
                return new LdapResult(LdapResultCode.AdminLimitExceeded, reason);
            }
        }
    }

    /// <summary>Handles every whole message of a read, and gives the rest back to the pipe.</summary>
    private async ValueTask<(NextStep Next, LdapResult? Farewell)> TakeAsync(ReadResult read)
    {
        PipeReader input = _input;
        ReadOnlySequence<byte> buffer = read.Buffer;
        SequencePosition examined = buffer.End;
        try
        {
            while (!_server.Stopping.IsCancellationRequested)
            {
                LdapLimits limits = _session.Limits;
                switch (LdapCodec.TryFrame(buffer, limits, out int length))
                {
                    case LdapFrameStatus.Incomplete:
                        _idle.Waiting(forTheRestOfOne: !buffer.IsEmpty);
                        return (NextStep.Read, null);
                    case LdapFrameStatus.Invalid:
                        return (NextStep.Close, NotLdap(buffer.FirstSpan[0]));
                    case LdapFrameStatus.TooLarge:
                        return (NextStep.Close, new LdapResult(
                            LdapResultCode.ProtocolError, $"a message longer than {limits.MaxMessageBytes} octets{(_session.State == SessionState.Anonymous ? " before a bind" : "")}"));
                }

                if (TooManyWithoutBind() is { } farewell)
                {
                    return (NextStep.Close, farewell);
                }

                byte[] frame = GC.AllocateUninitializedArray<byte>(length);
                buffer.Slice(0, length).CopyTo(frame);
                buffer = buffer.Slice(length);
                _idle.Touch();
                _channel.Hold();
                ValueTask<NextStep> step = HandleAsync(frame, limits, moreFollows: !buffer.IsEmpty);
                if (!step.IsCompleted)
                {
                    await _channel.ReleaseAsync().ConfigureAwait(false); // it may wait for the very answers that are held back
                }

                NextStep next = await step.ConfigureAwait(false);
                if (next != NextStep.Read)
                {
                    examined = buffer.Start;
                    return (next, _handler.Disconnect);
                }
            }

            return (NextStep.Read, null);
        }
        finally
        {
            await _channel.ReleaseAsync().ConfigureAwait(false);
            _idle.Adjust();
            input.AdvanceTo(buffer.Start, examined);
        }
    }

    private async ValueTask<NextStep> HandleAsync(byte[] frame, LdapLimits limits, bool moreFollows)
    {
        LdapMessage message;
        try
        {
            message = LdapCodec.Decode(frame, limits);
        }
        catch (LdapProtocolException e)
        {
            NextStep next = await _handler.RefuseAsync(frame, e).ConfigureAwait(false);
            CryptographicOperations.ZeroMemory(frame); // it may have been a bind
            return next;
        }

        try
        {
            return await _handler.HandleAsync(message, frame.Length, moreFollows).ConfigureAwait(false);
        }
        finally
        {
            if (message.Operation is BindRequest)
            {
                CryptographicOperations.ZeroMemory(frame); // it held a password
            }
        }
    }

    /// <summary>Counts what a peer asks before it has said who it is; a bind that succeeds begins anew.</summary>
    private LdapResult? TooManyWithoutBind()
    {
        if (_session.State != SessionState.Anonymous)
        {
            _unauthenticated = 0;
            return null;
        }

        int limit = _server.Options.MaxUnauthenticatedOperations;
        return ++_unauthenticated <= limit ? null : new LdapResult(LdapResultCode.AdminLimitExceeded, $"more than {limit} requests before a bind");
    }

    private static LdapResult NotLdap(byte first) => new(LdapResultCode.ProtocolError, first == TlsHandshakeRecord
        ? "a TLS handshake where LDAP belongs: this port wants LDAP, with StartTLS where TLS is wanted"
        : "not an LDAP message");

    /// <returns>False when the handshake failed: there is no common language left to say so in.</returns>
    private async Task<bool> UpgradeAsync()
    {
        TlsTransport? tls = await _connection.TryHandshakeAsync(_server, _session.Peer.Address).ConfigureAwait(false);
        if (tls is null)
        {
            return false;
        }

        _tls = tls;
        _input = tls.Input;
        await _channel.SwitchAsync(tls.Output).ConfigureAwait(false);

        // RFC 4511 section 4.14.3 lets an identity live on; here whoever was heard in clear proves it again.
        _session.Peer = _session.Peer with { IsTls = true, ClientCertificate = tls.ClientCertificate };
        _session.BecomeAnonymous();
        return true;
    }

    /// <summary>Only when nothing reads or writes any more: SslStream takes a lock for reads and writes, but none for its ShutdownAsync, and
    /// an OpenSSL connection that two threads use corrupts the heap.</summary>
    private async Task EndTlsAsync()
    {
        if (_tls is null)
        {
            return;
        }

        try
        {
            await _tls.ShutdownAsync().WaitAsync(_server.Options.WriteTimeout, _server.Time).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // A courtesy only: the peer may have gone, or have closed its side first, which SslStream takes amiss.
            _server.Logger.ConnectionLost(_session.Peer.Address, e.Message);
        }
    }

    private void CutOff(string reason)
    {
        _server.Logger.CutOff(_session.Peer.Address, reason);
        _connection.Abort(reason);
    }
}

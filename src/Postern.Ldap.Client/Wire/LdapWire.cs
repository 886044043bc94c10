using System.Net.Security;
using System.Net.Sockets;

namespace Postern.Ldap.Client.Wire;

/// <summary>A connected stream as a table of pending operations: one loop reads, any thread sends, the first failure ends all.</summary>
internal sealed class LdapWire : IAsyncDisposable
{
    /// <summary>How long a session's last words may take to be sent before the socket is closed all the same.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(2);

    private readonly LdapClientOptions _options;
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly MessageWriter _writer;
    private readonly MessageReader _reader;
    private readonly SilenceWatch _silence;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<int, PendingOperation> _pending = [];
    private LdapConnectionException? _failure;
    private int _owed;
    private bool _leaving;
    private int _lastId;
    private bool _idsWrapped;
    private Task _reading = Task.CompletedTask;

    /// <param name="lastId">The last message id already used on the stream.</param>
    public LdapWire(Socket socket, Stream stream, LdapClientOptions options, int lastId)
    {
        _socket = socket;
        _stream = stream;
        _options = options;
        _lastId = lastId;
        _writer = new MessageWriter(stream, e => Fail(LdapFailures.Lost(options.Endpoint, LdapFailures.Reason(e), e)));
        _silence = new SilenceWatch(options.Time, options.OperationTimeout, () => Fail(LdapFailures.Silent(options.Endpoint, options.OperationTimeout, Volatile.Read(ref _owed))));
        _reader = new MessageReader(stream, options, _silence, Dispatch);
    }

    public LdapClientOptions Options => _options;

    public MessageReader Reader => _reader;

    /// <summary>Why the connection ended; null while it stands.</summary>
    public LdapConnectionException? Failure => Volatile.Read(ref _failure);

    public int PendingCount
    {
        get
        {
            lock (_gate)
            {
                return _pending.Count;
            }
        }
    }

    public void Start() => _reading = Task.Run(ReadAllAsync);

    /// <summary>Queues the request behind all earlier ones, on the caller's thread, and registers who gets the answers.</summary>
    /// <exception cref="LdapConnectionException">The connection is gone.</exception>
    public void Send(LdapOperation operation, IReadOnlyList<LdapControl> controls, PendingOperation pending)
    {
        lock (_gate)
        {
            ThrowIfFailed();
            int id = NextId();
            pending.MessageId = id;
            _writer.Append(new LdapMessage(id, operation, controls));
            _pending.Add(id, pending);
            if (pending.IsOwed && ++_owed == 1)
            {
                _silence.Begin();
            }
        }

        _writer.Send();
    }

    /// <summary>One request, one answer. Sent before the first await, so calls keep their order.</summary>
    /// <param name="onCancel">What a cancelled call does about the request it leaves behind.</param>
    public async Task<TResponse> AskAsync<TResponse>(LdapOperation operation, OnCancel onCancel, CancellationToken cancellationToken)
        where TResponse : LdapOperation =>
        (TResponse)(await AskAsync(operation, [], PendingAnswer.Of<TResponse>(), onCancel, cancellationToken).ConfigureAwait(false)).Operation;

    /// <summary>The same with controls there and back.</summary>
    /// <param name="pending">Knows its message id once this has returned a task.</param>
    public async Task<LdapMessage> AskAsync(
        LdapOperation operation, IReadOnlyList<LdapControl> controls, PendingAnswer pending, OnCancel onCancel, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Send(operation, controls, pending);
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            (_, token) =>
            {
                if (!pending.TryCancel(token))
                {
                    return;
                }

                if (onCancel == OnCancel.Abandon)
                {
                    Abandon(pending);
                }
                else
                {
                    Fail(LdapFailures.Closed(_options.Endpoint));
                }
            },
            null);
        return await pending.Answer.ConfigureAwait(false);
    }

    /// <summary>Forgets the operation and asks the server to (RFC 4511 section 4.11). Answers that still come are dropped.</summary>
    public void Abandon(PendingOperation pending)
    {
        lock (_gate)
        {
            if (_failure is not null || _leaving || !_pending.Remove(pending.MessageId))
            {
                return;
            }

            _writer.Append(new LdapMessage(NextId(), new AbandonRequest(pending.MessageId)));
            NoLongerOwed(pending);
        }

        _writer.Send();
    }

    /// <summary>Ends the connection; the first reason stays. Every pending operation fails with it.</summary>
    public void Fail(LdapConnectionException failure)
    {
        PendingOperation[] pending;
        lock (_gate)
        {
            if (_failure is not null)
            {
                return;
            }

            _failure = failure;
            pending = [.. _pending.Values];
            _pending.Clear();
            _owed = 0;
            _silence.End();
        }

        _stop.Cancel();
        _socket.Dispose();
        foreach (PendingOperation operation in pending)
        {
            operation.Fail(failure);
        }
    }

    /// <summary>Says goodbye where that is still possible, then closes. What is pending fails.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_failure is null)
            {
                _writer.Append(new LdapMessage(NextId(), new UnbindRequest()));
                _leaving = true; // RFC 4511 section 4.3: nothing may follow it
            }
        }

        if (Failure is null)
        {
            _writer.Send();
            try
            {
                await _writer.Drained.WaitAsync(FarewellTime, _options.Time).ConfigureAwait(false);
                if (_stream is SslStream tls)
                {
                    await EndTlsAsync(tls).ConfigureAwait(false);
                }
            }
            catch (Exception)
            {
                // The peer does not listen any more, or has closed first (which SslStream reports as an exception of OpenSSL's that has no
                // public type): closing is all that is left to do.
            }
        }

        Fail(LdapFailures.Closed(_options.Endpoint));
        await _reading.ConfigureAwait(false);
        await _writer.Drained.ConfigureAwait(false); // a write that was still under way ends with the socket
        await _stream.DisposeAsync().ConfigureAwait(false);
        _silence.Dispose();
        _stop.Dispose();
    }

    /// <summary>Sends close_notify, once nothing reads or writes any more. SslStream takes a lock for reads and writes, but none for its
    /// ShutdownAsync, and an OpenSSL connection must not be used by two threads (openssl-threads(7)): one that reads a session ticket or
    /// the server's own close_notify meanwhile corrupts the heap, and the process dies.</summary>
    private async Task EndTlsAsync(SslStream tls)
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _reading.WaitAsync(FarewellTime, _options.Time).ConfigureAwait(false);
        await tls.ShutdownAsync().WaitAsync(FarewellTime, _options.Time).ConfigureAwait(false);
    }

    private async Task ReadAllAsync()
    {
        try
        {
            await _reader.ReadAllAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Whoever stopped the loop has said why.
        }
        catch (Exception e)
        {
            _reader.HandOver(); // what came whole before the failure still belongs to its search
            Fail(Describe(e));
        }
        finally
        {
            await _reader.DisposeAsync().ConfigureAwait(false);
        }
    }

    private LdapConnectionException Describe(Exception e) => e switch
    {
        LdapConnectionException known => known,
        LdapProtocolException => LdapFailures.Protocol(_options.Endpoint, e.Message, e),
        IOException or ObjectDisposedException or SocketException => LdapFailures.Lost(_options.Endpoint, LdapFailures.Reason(e), e),

        // A fault of ours: nobody may wait forever for answers that no loop reads any more.
        _ => LdapFailures.Lost(_options.Endpoint, $"the client failed while it read: {LdapFailures.Reason(e)}", e),
    };

    private void Dispatch(LdapMessage message, int octets)
    {
        if (message.MessageId == 0)
        {
            // Unsolicited notifications that are not known must be ignored, RFC 4511 section 4.4.
            if (message.Operation is ExtendedResponse { Name: LdapOids.NoticeOfDisconnection } notice)
            {
                throw LdapFailures.Notice(_options.Endpoint, notice.Result);
            }

            return;
        }

        PendingOperation? pending;
        lock (_gate)
        {
            if (!_pending.TryGetValue(message.MessageId, out pending))
            {
                if (!_idsWrapped && message.MessageId > _lastId)
                {
                    throw new LdapProtocolException($"an answer to message {message.MessageId}, which was never sent");
                }

                return; // abandoned; its answers may still be on their way
            }

            // Before it is answered: whoever is answered may ask at once for something that an idle connection is needed for.
            if (pending.IsEnd(message))
            {
                _pending.Remove(message.MessageId);
                NoLongerOwed(pending);
            }
            else if (pending.IsOwed && pending.RestsAfter(message))
            {
                NoLongerOwed(pending);
            }
        }

        try
        {
            pending.Accept(message, octets);
        }
        catch (Exception e)
        {
            // No longer in the table, perhaps, so that the end of the connection would not reach it.
            pending.Fail(Describe(e));
            throw;
        }
    }

    private int NextId()
    {
        do
        {
            if (_lastId == int.MaxValue)
            {
                _lastId = 0;
                _idsWrapped = true;
            }

            _lastId++;
        }
        while (_pending.ContainsKey(_lastId));
        return _lastId;
    }

    private void NoLongerOwed(PendingOperation pending)
    {
        if (pending.IsOwed)
        {
            pending.IsOwed = false;
            if (--_owed == 0)
            {
                _silence.End();
            }
        }
    }

    private void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            throw failure.Again();
        }

        if (_leaving)
        {
            throw LdapFailures.Closed(_options.Endpoint);
        }
    }
}

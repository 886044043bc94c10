using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Ldap.Client.Connecting;
using Postern.Ldap.Client.Wire;

namespace Postern.Ldap.Client;

/// <summary>One connection to a directory: many requests in flight, answers in any order, requests sent in the order of the calls.
/// Safe for concurrent use, except that a bind stands alone (RFC 4511 section 4.2.1).</summary>
/// <remarks>
/// <para>Two failures: <see cref="LdapException"/> is the server's refusal and leaves the connection usable;
/// <see cref="LdapConnectionException"/> is its end, for every operation pending and to come.</para>
/// <para>All operations share one stream of answers. A search whose consumer is slow stops the reading for all once it holds
/// <see cref="LdapClientOptions.SearchBufferBytes"/>: an operation awaited inside the loop over a large search belongs on a
/// connection of its own, or the search must be paged (pages are not asked for before there is room).</para>
/// <para>A cancelled call abandons its request; whether an update still took effect is then unknown. A cancelled bind ends the
/// connection. A cancelled batch runs on in the server, since later ones are numbered after it.</para>
/// </remarks>
public sealed class LdapConnection : IDirectory, IAsyncDisposable
{
    /// <summary>How long the server may take to acknowledge the end of a bulk session before we leave without.</summary>
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(5);

    private readonly LdapWire _wire;
    private readonly LburpSession _lburp;
    private readonly TransactionSession _transactions;
    private readonly IPAddress? _peer;
    private long _references;
    private int _disposed;

    private LdapConnection(LdapWire wire, IPAddress? peer, SslStream? tls)
    {
        _wire = wire;
        _lburp = new LburpSession(wire);
        _transactions = new TransactionSession(wire);
        _peer = peer;
        IsTls = tls is not null;
        ServerCertificate = tls?.RemoteCertificate as X509Certificate2;
    }

    public bool IsTls { get; }

    /// <summary>What the server showed; null without TLS.</summary>
    public X509Certificate2? ServerCertificate { get; }

    /// <summary>Why the connection ended, a Notice of Disconnection included; null while it stands.</summary>
    public LdapConnectionException? Failure => _wire.Failure;

    /// <summary>Search references received so far and not followed (RFC 4511 section 4.5.3): parts of the tree that live elsewhere.</summary>
    public long SearchReferencesIgnored => Interlocked.Read(ref _references);

    /// <summary>Looks the name up, connects, and has TLS up where options ask for it before anything else is said.</summary>
    /// <exception cref="LdapConnectionException">Kind and hint say why.</exception>
    public static async Task<LdapConnection> ConnectAsync(LdapClientOptions options, CancellationToken cancellationToken = default)
    {
        LdapEndpoint endpoint = options.Endpoint;
        if (options.StartTls && endpoint.Ldaps)
        {
            throw new ArgumentException($"{endpoint} speaks TLS from the start: StartTLS is for ldap:// only", nameof(options));
        }

        using CancellationTokenSource timeout = new(options.ConnectTimeout, options.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        string stage = "looking up the name and connecting";
        Socket? socket = null;
        try
        {
            socket = await Dialer.DialAsync(options, either.Token).ConfigureAwait(false);
            Stream stream = new NetworkStream(socket, ownsSocket: true);
            int lastId = 0;
            if (options.StartTls)
            {
                stage = "waiting for the answer to StartTLS";
                await StartTls.RequestAsync(socket, stream, endpoint, either.Token).ConfigureAwait(false);
                lastId = StartTls.MessageId;
            }

            SslStream? tls = null;
            if (options.StartTls || endpoint.Ldaps)
            {
                stage = "shaking hands for TLS";
                tls = await TlsHandshake.RunAsync(stream, options, either.Token).ConfigureAwait(false);
            }

            IPAddress? peer = (socket.RemoteEndPoint as IPEndPoint)?.Address;
            LdapWire wire = new(socket, tls ?? stream, options, lastId);
            wire.Start();
            return new LdapConnection(wire, peer, tls);
        }
        catch (Exception e)
        {
            socket?.Dispose();
            switch (e)
            {
                case OperationCanceledException when !cancellationToken.IsCancellationRequested:
                    throw LdapFailures.TimedOut(endpoint, stage, options.ConnectTimeout, e);
                case LdapProtocolException:
                    throw LdapFailures.Protocol(endpoint, e.Message, e);
                case IOException or SocketException:
                    throw LdapFailures.Lost(endpoint, $"{LdapFailures.Reason(e)} (while {stage})", e);
                default:
                    throw;
            }
        }
    }

    /// <summary>Simple bind. The empty name and password make the session anonymous.</summary>
    /// <exception cref="LdapException">The server refused; or the password is empty, or would cross the network in clear
    /// (<see cref="LdapClientOptions.AllowPlaintextBind"/>), and nothing was sent.</exception>
    public Task BindAsync(string dn, string password, CancellationToken cancellationToken = default)
    {
        BindRules.Check(dn, password, IsTls, _peer, _wire.Options);
        return BindAsync(BindRequest.Simple(dn, password), dn.Length == 0 ? "anonymous bind" : $"bind as '{dn}'", cancellationToken);
    }

    /// <summary>SASL EXTERNAL: as whom the server takes the client certificate for.</summary>
    public Task BindExternalAsync(CancellationToken cancellationToken = default) =>
        BindAsync(BindRequest.External(), "bind by client certificate (SASL EXTERNAL)", cancellationToken);

    /// <summary>RFC 4532: <c>dn:...</c>, <c>u:...</c>, or empty for anonymous.</summary>
    public async Task<string> WhoAmIAsync(CancellationToken cancellationToken = default)
    {
        ExtendedResponse answer = await ExtendedAsync(new ExtendedRequest(LdapOids.WhoAmI), cancellationToken).ConfigureAwait(false);
        answer.Result.ThrowIfFailed("who am I");
        return answer.Value is { } value ? Encoding.UTF8.GetString(value.Span) : "";
    }

    /// <inheritdoc/>
    /// <remarks>Sent when the enumeration begins; left early, it is abandoned. References are counted, not followed.</remarks>
    public IAsyncEnumerable<LdapEntry> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default) =>
        Search(request, pageSize: null).ReadAsync(cancellationToken);

    /// <summary>Like <see cref="SearchAsync(SearchRequest, CancellationToken)"/>, in pages (RFC 2696), the next one asked for as soon as the last is complete. A server
    /// that does not know paging sends everything as one page.</summary>
    /// <param name="pageSize">Entries; servers may send fewer.</param>
    public IAsyncEnumerable<LdapEntry> SearchPagedAsync(SearchRequest request, int pageSize, CancellationToken cancellationToken = default) =>
        SearchPagedAsync(request, pageSize, pagingOffered: false, cancellationToken);

    /// <summary>The same for a server that is known to page or not.</summary>
    /// <param name="pagingOffered">The server lists the control in supportedControl: an answer without it fails, since whether more
    /// would have followed is then unknown.</param>
    public IAsyncEnumerable<LdapEntry> SearchPagedAsync(SearchRequest request, int pageSize, bool pagingOffered, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageSize, 1);
        return Search(request, pageSize, pagingOffered).ReadAsync(cancellationToken);
    }

    /// <summary>A search with controls: every message that answers it, with its own controls, in the order received. The last one is the
    /// SearchResultDone, whatever its result: a refusal is not thrown. References are yielded as well as counted.</summary>
    /// <remarks>Sent when the enumeration begins; left early, it is abandoned, which is also how a search without an end is ended.</remarks>
    public IAsyncEnumerable<LdapMessage> SearchAsync(
        SearchRequest request, IReadOnlyList<LdapControl> controls, SearchSilence? silence = null, CancellationToken cancellationToken = default) =>
        new MessageStream(_wire, request, controls, silence ?? SearchSilence.Fails, CountReference).ReadAsync(cancellationToken);

    public async Task<LdapResult> AddAsync(AddRequest request, CancellationToken cancellationToken = default) =>
        (await UpdateAsync(request, [], cancellationToken).ConfigureAwait(false)).Result;

    public async Task<LdapResult> ModifyAsync(ModifyRequest request, CancellationToken cancellationToken = default) =>
        (await UpdateAsync(request, [], cancellationToken).ConfigureAwait(false)).Result;

    public async Task<LdapResult> DeleteAsync(DelRequest request, CancellationToken cancellationToken = default) =>
        (await UpdateAsync(request, [], cancellationToken).ConfigureAwait(false)).Result;

    public async Task<LdapResult> ModifyDnAsync(ModifyDnRequest request, CancellationToken cancellationToken = default) =>
        (await UpdateAsync(request, [], cancellationToken).ConfigureAwait(false)).Result;

    /// <summary>Add, modify, delete or modifyDN with controls there and back.</summary>
    public async Task<LdapAnswer> UpdateAsync(IUpdateOperation operation, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken = default)
    {
        PendingAnswer pending = Updates.Pending(operation);

        // Servers refuse single updates during a bulk update, and batches sent before this one must take effect before it.
        await _lburp.EndAsync(cancellationToken).ConfigureAwait(false);
        LdapMessage answer = await _wire.AskAsync((LdapOperation)operation, controls, pending, OnCancel.Abandon, cancellationToken).ConfigureAwait(false);
        return new LdapAnswer(Updates.Result(answer), answer.Controls);
    }

    /// <summary>The updates with their controls as one transaction (RFC 5805): all or none. One transaction of a connection waits for the
    /// one before it, and all wait for the batches sent before.</summary>
    /// <param name="commit">False: the transaction is filled and aborted. That proves only that the server took the updates down; one that
    /// must check them without a trace ends them with an update whose assertion (RFC 4528) is false.</param>
    /// <returns>A refusal names the update by its index, as far as the server said which one it was.</returns>
    public async Task<TransactionAnswer> TransactAsync(IReadOnlyList<ControlledUpdate> updates, bool commit = true, CancellationToken cancellationToken = default)
    {
        await _lburp.EndAsync(cancellationToken).ConfigureAwait(false);
        return await _transactions.RunAsync(updates, commit, cancellationToken).ConfigureAwait(false);
    }

    public async Task<LdapResult> CompareAsync(CompareRequest request, CancellationToken cancellationToken = default) =>
        (await CompareAsync(request, [], cancellationToken).ConfigureAwait(false)).Result;

    public async Task<LdapAnswer> CompareAsync(CompareRequest request, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken = default)
    {
        LdapMessage answer = await _wire.AskAsync(request, controls, PendingAnswer.Of<CompareResponse>(), OnCancel.Abandon, cancellationToken).ConfigureAwait(false);
        return new LdapAnswer(Updates.Result(answer), answer.Controls);
    }

    /// <returns>The answer, whatever its result. StartTLS is not for here: it belongs to connecting.</returns>
    public Task<ExtendedResponse> ExtendedAsync(ExtendedRequest request, CancellationToken cancellationToken = default) =>
        request.Name != LdapOids.StartTls
            ? _wire.AskAsync<ExtendedResponse>(request, OnCancel.Abandon, cancellationToken)
            : throw new ArgumentException("StartTLS is an option of the connection, not a request on one", nameof(request));

    /// <inheritdoc/>
    /// <remarks>By LBURP (RFC 4373). Sent before this returns, so batches take effect in the order of the calls, however many are under
    /// way. A server without LBURP refuses, and nothing is applied. A single update or a bind waits for all batches sent before it.</remarks>
    public Task<BatchResult> BatchAsync(IReadOnlyList<IUpdateOperation> operations, CancellationToken cancellationToken = default) =>
        _lburp.UpdateAsync(operations, cancellationToken);

    /// <summary>Ends the session with an unbind where the connection still stands. What is pending fails.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        try
        {
            await _lburp.EndAsync(CancellationToken.None).WaitAsync(EndTime, _wire.Options.Time).ConfigureAwait(false);
        }
        catch (Exception e) when (e is LdapConnectionException or TimeoutException)
        {
            // The session ends with the connection as well.
        }

        await _wire.DisposeAsync().ConfigureAwait(false);
        _transactions.Dispose();
    }

    private SearchStream Search(SearchRequest request, int? pageSize, bool pagingOffered = false) =>
        new(_wire, request, pageSize, pagingOffered, CountReference);

    private void CountReference() => Interlocked.Increment(ref _references);

    private async Task BindAsync(BindRequest request, string what, CancellationToken cancellationToken)
    {
        await _lburp.EndAsync(cancellationToken).ConfigureAwait(false);
        if (_wire.PendingCount > 0)
        {
            throw new InvalidOperationException($"{what}: other operations are under way on this connection");
        }

        BindResponse answer = await _wire.AskAsync<BindResponse>(request, OnCancel.EndConnection, cancellationToken).ConfigureAwait(false);
        answer.Result.ThrowIfFailed(what);
    }
}

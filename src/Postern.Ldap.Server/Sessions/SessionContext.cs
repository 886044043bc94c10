using System.Buffers;
using Microsoft.Extensions.Logging;
using Postern.Ldap.Server.Connections;
using Postern.Ldap.Server.Operations;
using Postern.Ldap.Server.Tls;

namespace Postern.Ldap.Server.Sessions;

/// <summary>What all sessions of a server share.</summary>
/// <param name="Tls">Null: the server has no certificate.</param>
/// <param name="Stopping">Cancelled when the server begins to stop.</param>
internal sealed record ServerContext(
    LdapServerOptions Options,
    ILdapAuthenticator Authenticator,
    TlsAcceptor? Tls,
    ILogger Logger,
    TimeProvider Time,
    CancellationToken Stopping);

/// <summary>What the parts of one session share: who the peer is, where the session stands, what is in flight. Changed by its read loop only.</summary>
internal sealed class SessionContext
{
    /// <summary>RFC 4513 section 5.2.1.8.</summary>
    private const string DnPrefix = "dn:";

    public SessionContext(ServerContext server, LdapPeer peer, ResponseChannel channel, CancellationToken aborted)
    {
        Server = server;
        Peer = peer;
        Channel = channel;
        Aborted = aborted;
        Operations = new OperationsInFlight(server.Options.MaxOperationsInFlight, server.Options.MaxBytesInFlight);
        Directory = server.Authenticator.Anonymous(peer);
    }

    /// <summary>A look-up's one entry and its done fit. Octets.</summary>
    private const int FirstBatchBytes = 1024;

    /// <summary>A session that searched much must not hold the memory for it. Octets.</summary>
    private const int MaxSpareBytes = 16 * 1024;

    private ArrayBufferWriter<byte>? _spareBatch;

    public ServerContext Server { get; }

    public LdapPeer Peer { get; set; }

    public ResponseChannel Channel { get; }

    public OperationsInFlight Operations { get; }

    /// <summary>Cancelled when the connection is lost, or given up.</summary>
    public CancellationToken Aborted { get; }

    public SessionState State { get; set; }

    /// <summary><c>dn:...</c>, or empty for anonymous.</summary>
    public string AuthorizationId { get; private set; } = "";

    /// <summary>The directory with the rights of the session's identity.</summary>
    public IControlledDirectory Directory { get; private set; }

    /// <summary>The DN of the identity, or empty.</summary>
    public string OwnDn => AuthorizationId.StartsWith(DnPrefix, StringComparison.Ordinal) ? AuthorizationId[DnPrefix.Length..] : "";

    /// <summary>RFC 4513 section 6.3: not in clear over a network.</summary>
    public bool MaySendPasswords => !Server.Options.RequireTlsForPasswords || Peer.IsTls || Peer.IsLoopback;

    /// <summary>For the answers of one search; look-ups, which come one after the other, share one.</summary>
    public ArrayBufferWriter<byte> TakeBatch() => Interlocked.Exchange(ref _spareBatch, null) ?? new ArrayBufferWriter<byte>(FirstBatchBytes);

    public void ReturnBatch(ArrayBufferWriter<byte> batch)
    {
        if (batch.Capacity <= MaxSpareBytes)
        {
            batch.ResetWrittenCount();
            _spareBatch = batch;
        }
    }

    public LdapLimits Limits => State == SessionState.Anonymous ? Server.Options.UnauthenticatedLimits : Server.Options.Limits;

    public TimeSpan IdleTimeout => State == SessionState.Anonymous ? Server.Options.UnauthenticatedIdleTimeout : Server.Options.IdleTimeout;

    public void BecomeAnonymous() => Become("", Server.Authenticator.Anonymous(Peer));

    public void Become(string authorizationId, IControlledDirectory directory)
    {
        AuthorizationId = authorizationId;
        Directory = directory;
        State = authorizationId.Length == 0 ? SessionState.Anonymous : SessionState.Bound;
    }
}

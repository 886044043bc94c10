using System.Net;

namespace Postern.Ldap.Server;

/// <summary>One address to listen on.</summary>
/// <param name="EndPoint">Port 0 takes a free one; see <see cref="LdapServer.EndPoints"/>. Or a Unix socket, which is made for its owner
/// only (0600); a file there that nobody listens on any more is replaced.</param>
/// <param name="Tls">LDAPS: the handshake comes first. False: LDAP, with StartTLS when the server has a certificate.</param>
public sealed record LdapListener(EndPoint EndPoint, bool Tls);

/// <summary>Limits of the server. Every one has a test just above it.</summary>
public sealed record LdapServerOptions
{
    /// <summary>What a bound session may send.</summary>
    public LdapLimits Limits { get; init; } = LdapLimits.Default;

    /// <summary>What a peer may send before it has proved who it is. Default: <see cref="LdapLimits.Default"/> with messages of 64 KiB.</summary>
    public LdapLimits UnauthenticatedLimits { get; init; } = LdapLimits.Default with { MaxMessageBytes = 64 * 1024 };

    /// <summary>Connections in all. Default 1000. One more gets a Notice of Disconnection with <see cref="LdapResultCode.Busy"/>.</summary>
    public int MaxConnections { get; init; } = 1000;

    /// <summary>Connections from one address (IPv6: from one /64, which is what one host commonly owns). Default 100.</summary>
    public int MaxConnectionsPerAddress { get; init; } = 100;

    /// <summary>Operations of one connection that wait for their answer. Default 128. One more is answered with <see cref="LdapResultCode.Busy"/>.</summary>
    public int MaxOperationsInFlight { get; init; } = 128;

    /// <summary>Octets of the requests of one connection that wait for their answer. Default 16 MiB. Above it the server stops reading
    /// from that connection until answers have gone out, so a peer is slowed down, not refused.</summary>
    public int MaxBytesInFlight { get; init; } = 16 * 1024 * 1024;

    /// <summary>Requests that one connection may send before it binds, or after an anonymous bind, failed binds included. Default 1000. One
    /// more ends the session.</summary>
    public int MaxUnauthenticatedOperations { get; init; } = 1000;

    /// <summary>Updates that one transaction (RFC 5805) holds until its end. Default 10,000. One more ends the transaction with
    /// <see cref="LdapResultCode.AdminLimitExceeded"/>.</summary>
    public int MaxTransactionOperations { get; init; } = 10_000;

    /// <summary>Octets of the updates that one transaction holds. Default 16 MiB. Above it as above the count.</summary>
    public int MaxTransactionBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>From the first octet (or the StartTLS answer) to the end of the TLS handshake. Default 10 s.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time without a whole request and without an operation in flight, once bound. Default 15 min.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>The same for a peer that has not bound, or anonymously. Default 30 s.</summary>
    public TimeSpan UnauthenticatedIdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From a message's first octet to its last; who writes slower is cut off. Default 60 s: 70 KB/s for the longest message.</summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For one write (64 KiB at most) to be taken by the peer; who reads slower is cut off. Default 60 s.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a stop waits for operations in flight before it cancels them. Default 5 s.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Refuses simple binds with a password that came in clear from another machine (RFC 4513 section 6.3). Default true.</summary>
    public bool RequireTlsForPasswords { get; init; } = true;

    /// <exception cref="ArgumentException">A limit is zero or negative; names it.</exception>
    internal void Validate()
    {
        Positive(MaxConnections, nameof(MaxConnections));
        Positive(MaxConnectionsPerAddress, nameof(MaxConnectionsPerAddress));
        Positive(MaxOperationsInFlight, nameof(MaxOperationsInFlight));
        Positive(MaxBytesInFlight, nameof(MaxBytesInFlight));
        Positive(MaxTransactionOperations, nameof(MaxTransactionOperations));
        Positive(MaxTransactionBytes, nameof(MaxTransactionBytes));
        Positive(HandshakeTimeout.Ticks, nameof(HandshakeTimeout));
        Positive(IdleTimeout.Ticks, nameof(IdleTimeout));
        Positive(UnauthenticatedIdleTimeout.Ticks, nameof(UnauthenticatedIdleTimeout));
        Positive(MaxUnauthenticatedOperations, nameof(MaxUnauthenticatedOperations));
        Positive(MessageTimeout.Ticks, nameof(MessageTimeout));
        Positive(WriteTimeout.Ticks, nameof(WriteTimeout));
        if (ShutdownGrace < TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(ShutdownGrace)} is negative");
        }
    }

    private static void Positive(long value, string name)
    {
        if (value <= 0)
        {
            throw new ArgumentException($"{name} must be more than zero");
        }
    }
}

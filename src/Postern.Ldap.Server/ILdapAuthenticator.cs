using System.Net;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Ldap.Server;

// RFC 4422 (partial): the mechanism EXTERNAL, by client certificate and by Unix peer; no mechanism with security layers

/// <summary>Who is at the other end, as far as the transport knows.</summary>
/// <param name="Address">The peer's address; over a Unix socket a <see cref="UnixPeer"/>; or null when the transport has none.</param>
/// <param name="IsLoopback">True when the peer runs on this machine: a loopback address, or a Unix socket.</param>
/// <param name="ClientCertificate">The certificate whose key the peer proved to hold in the handshake, or null. Nothing but that was
/// checked: neither issuer nor lifetime nor purpose. Whoever believes it compares it with a pin first.</param>
public sealed record LdapPeer(EndPoint? Address, bool IsTls, bool IsLoopback, X509Certificate2? ClientCertificate);

/// <summary>What became of a bind.</summary>
/// <param name="Result">Sent to the client as it is; must not tell an unknown name from a wrong password.</param>
/// <param name="AuthorizationId">RFC 4513 section 5.2.1.8: <c>dn:...</c>, or empty for anonymous. Answers "Who am I?".</param>
/// <param name="Directory">The directory with the rights of that identity; null when <paramref name="Result"/> is no success.</param>
public sealed record LdapBindOutcome(LdapResult Result, string AuthorizationId, IControlledDirectory? Directory);

/// <summary>Turns credentials into a directory that acts with one identity. Asked from many connections at once.</summary>
public interface ILdapAuthenticator
{
    /// <summary>The directory as a peer sees it before its first bind, after a failed one and after an anonymous one.</summary>
    IControlledDirectory Anonymous(LdapPeer peer);

    /// <summary>Checks credentials. Anonymous binds, unauthenticated binds (a name with an empty password, RFC 4513 section 5.1.2)
    /// and passwords in clear over a network do not come this far: the server answers them.</summary>
    /// <remarks>The password's memory is zeroed when the task ends: keep no slice of it.</remarks>
    Task<LdapBindOutcome> BindAsync(BindRequest request, LdapPeer peer, CancellationToken cancellationToken);
}

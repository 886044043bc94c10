using System.Net;
using System.Net.Sockets;

namespace Postern.Ldap.Client;

/// <summary>Every way a connection can fail, with the words for it: what failed, with whom, and what to do.</summary>
internal static class LdapFailures
{
    public static LdapConnectionException NameNotFound(LdapEndpoint endpoint, SocketException e) => new(
        LdapFailureKind.NameNotFound,
        $"{endpoint}: no address is known for '{endpoint.Host}' ({e.Message})",
        $"Check the spelling of '{endpoint.Host}' and that this machine's resolver knows it (getent hosts {endpoint.Host}).",
        e);

    public static LdapConnectionException NotReached(LdapEndpoint endpoint, IPAddress address, SocketException e) => e.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => new(
            LdapFailureKind.Refused,
            $"{endpoint}: {new IPEndPoint(address, endpoint.Port)} refuses the connection",
            $"The machine is there, nothing listens on port {endpoint.Port} or a firewall rejects it: check that the server runs and the port is right.",
            e),
        SocketError.TimedOut => TimedOut(endpoint, $"connecting to {new IPEndPoint(address, endpoint.Port)}", null, e),
        _ => new(
            LdapFailureKind.Refused,
            $"{endpoint}: {new IPEndPoint(address, endpoint.Port)} cannot be reached ({e.Message})",
            "Check the network and the firewalls between this machine and the server.",
            e),
    };

    public static LdapConnectionException TimedOut(LdapEndpoint endpoint, string stage, TimeSpan? limit, Exception? inner = null) => new(
        LdapFailureKind.TimedOut,
        $"{endpoint}: no answer{(limit is { } t ? $" within {t.TotalSeconds:0.###} s" : "")} while {stage}",
        $"A firewall that drops packets to port {endpoint.Port}, a server that hangs, or a network too slow for the time-out.",
        inner);

    public static LdapConnectionException Silent(LdapEndpoint endpoint, TimeSpan limit, int pending) => new(
        LdapFailureKind.TimedOut,
        $"{endpoint}: the server has sent nothing for {limit.TotalSeconds:0.###} s while {pending} operation(s) wait; the connection was given up",
        "The server hangs or is overloaded, or the path to it died without a word: look at its log; raise the operation time-out if it is only slow.");

    public static LdapConnectionException Lost(LdapEndpoint endpoint, string how, Exception? inner = null) => new(
        LdapFailureKind.ConnectionLost,
        $"{endpoint}: the connection was lost: {how}",
        "The server was stopped or restarted, closed an idle connection, or something between cut it: look at the server's log and try again.",
        inner);

    public static LdapConnectionException Notice(LdapEndpoint endpoint, LdapResult result) => new(
        LdapFailureKind.ConnectionLost,
        new LdapException(result, $"{endpoint}: the server announced that it closes the connection").Message,
        result.Code switch
        {
            LdapResultCode.Unavailable => "The server shuts down: try again when it is back.",
            LdapResultCode.StrongerAuthRequired => "The server no longer accepts what protected this session: connect and authenticate again.",
            LdapResultCode.ProtocolError => "The server did not understand a message of ours: please report it with the server's product and version.",
            _ => "The server's log says why.",
        });

    public static LdapConnectionException Protocol(LdapEndpoint endpoint, string what, Exception? inner = null) => new(
        LdapFailureKind.ProtocolError,
        $"{endpoint}: the peer does not speak LDAP as RFC 4511 has it: {what}",
        endpoint.Ldaps
            ? "Check that the port belongs to a directory server."
            : $"Check that the port belongs to a directory server; a port for TLS wants an ldaps:// URL (ldaps://{endpoint.Host}:{endpoint.Port}).",
        inner);

    public static LdapConnectionException TooLarge(LdapEndpoint endpoint, int limit) => new(
        LdapFailureKind.ProtocolError,
        $"{endpoint}: the server announced a message of more than {limit} octets",
        "An entry is larger than the limit MaxMessageBytes allows: ask for fewer attributes, or raise the limit.");

    public static LdapConnectionException StartTlsRefused(LdapEndpoint endpoint, string why) => new(
        LdapFailureKind.StartTlsRefused,
        $"{endpoint}: StartTLS failed: {why}",
        "The server needs a certificate and StartTLS switched on; or use its ldaps:// port. Nothing was sent in clear.");

    public static LdapConnectionException StartTlsInjection(LdapEndpoint endpoint) => new(
        LdapFailureKind.StartTlsRefused,
        $"{endpoint}: StartTLS failed: octets in clear arrived behind the server's answer and before TLS",
        "Somebody between may be injecting answers, or the server is broken. Nothing was believed and nothing sent; use ldaps:// and find out who.");

    public static LdapConnectionException Closed(LdapEndpoint endpoint) => new(
        LdapFailureKind.ConnectionLost,
        $"{endpoint}: the connection was closed by this side",
        "The operation was started after, or was still under way at, the end of the session.");

    /// <summary>A message with that of the cause behind it: TLS and sockets say the useful half there.</summary>
    public static string Reason(Exception e) =>
        e.InnerException is { } inner && !e.Message.Contains(inner.Message, StringComparison.Ordinal) ? $"{e.Message.TrimEnd('.')}: {Reason(inner)}" : e.Message;
}

using System.Security.Cryptography.X509Certificates;

namespace Postern.Ldap.Client;

/// <summary>How to reach a directory and how long to wait for it.</summary>
public sealed record LdapClientOptions
{
    public required LdapEndpoint Endpoint { get; init; }

    /// <summary>Used whenever TLS is: on <c>ldaps</c> endpoints and with <see cref="StartTls"/>. Default: the machine's store.</summary>
    public LdapTrust Trust { get; init; } = new LdapTrust.System();

    /// <summary>Upgrade an <c>ldap</c> endpoint with StartTLS (RFC 4511 section 4.14). A refusal ends the connection: there is no way on in clear.</summary>
    public bool StartTls { get; init; }

    /// <summary>The name that the certificate must bear, also sent as SNI. Default: the endpoint's host. Not used by a pin.</summary>
    public string? TlsName { get; init; }

    /// <summary>With its private key; offered when the server asks, and what <see cref="LdapConnection.BindExternalAsync"/> then speaks for.</summary>
    public X509Certificate2? ClientCertificate { get; init; }

    /// <summary>Lets a password cross the network in clear to another machine. Default false: refused with confidentialityRequired.</summary>
    public bool AllowPlaintextBind { get; init; }

    /// <summary>For name lookup, TCP, StartTLS and the TLS handshake together. Default 15 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Silence: no octet from the server for so long while an answer is due. The connection is then given up. Default 60 s.
    /// Time during which a slow consumer keeps us from reading does not count.</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>TCP asks a silent peer for a sign of life after so long, and every 6 s from then on: what keeps a search
    /// of days honest, and the path's state tables warm. Default 60 s; whole seconds.</summary>
    public TimeSpan KeepAliveTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Received octets that one search holds for its consumer before the connection stops reading. Default 8 MiB.
    /// All operations share the connection: when this is full, the others wait too.</summary>
    public int SearchBufferBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Entries that one search may bring; one more fails it. Default: no limit. For servers that are not trusted to come to an end. A
    /// search of a single entry (scope base) never brings more than one.</summary>
    public long MaxSearchEntries { get; init; } = long.MaxValue;

    public LdapLimits Limits { get; init; } = LdapLimits.Default;

    /// <summary>Clock of the time-outs.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

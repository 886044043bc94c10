using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>How much a forced TLS session proves about the other side (fact sheet 7.7).</summary>
public enum TlsAuthLevel
{
    /// <summary>Not set: as <see cref="SendConnector.RequireTls"/> says, and nothing is verified.</summary>
    None,

    /// <summary>Encrypted, nobody's identity is verified.</summary>
    EncryptionOnly,

    /// <summary>The chain of the certificate is valid and not revoked.</summary>
    CertificateValidation,

    /// <summary>It names <see cref="SendConnector.TlsDomain"/> as well, or the recipient's domain.</summary>
    DomainValidation,
}

/// <summary>How the edge proves itself to smart hosts.</summary>
public enum SmartHostAuth
{
    None,

    /// <summary>User and password, which stay on the edge.</summary>
    BasicAuth,

    /// <summary>The same, but never in the clear.</summary>
    BasicAuthRequireTls,

    /// <summary>TLS with the certificates that hub and edge know of each other (Exchange: direct trust, ExchangeServer).</summary>
    DirectTrust,

    /// <summary>Not by the protocol: a private line or a VPN.</summary>
    ExternalAuthoritative,
}

/// <summary>A way out for mail (fact sheet 2.6, 7.7). Make one with <see cref="TryMake"/>; <see cref="SendConnectorRules"/> tie its fields together.</summary>
public sealed record SendConnector(string Name) : ConfigurationObject
{
    /// <summary>Characters: enough for the automatic connectors of a site whose name has 64 (fact sheet 2.6). Ours.</summary>
    public const int MaxName = 256;

    /// <summary>Characters. Ours.</summary>
    public const int MaxComment = 1024;

    /// <summary>RFC 5321 section 4.5.4.2.</summary>
    public const int SmtpPort = 25;

    public bool Enabled { get; init; } = true;

    public IReadOnlyList<AddressSpace> AddressSpaces { get; init; } = [];

    public IReadOnlyList<SmartHost> SmartHosts { get; init; } = [];

    /// <summary>Mail goes where MX records say.</summary>
    public bool DnsRouting { get; init; } = true;

    public IReadOnlyList<EdgeSource> Edges { get; init; } = [EdgeSource.EveryEdge];

    /// <summary>Port that is dialled.</summary>
    public int Port { get; init; } = SmtpPort;

    /// <summary>The name in EHLO; null: the edge's own.</summary>
    public string? Fqdn { get; init; }

    public bool RequireTls { get; init; }

    /// <summary>Never STARTTLS, even where it is offered.</summary>
    public bool IgnoreStartTls { get; init; }

    public TlsAuthLevel TlsAuthLevel { get; init; }

    /// <summary>The name that the other side's certificate must have.</summary>
    public string? TlsDomain { get; init; }

    public TlsCertificateName? TlsCertificateName { get; init; }

    /// <summary>Mutual TLS with the domains of <see cref="TransportSettings.TlsSendDomains"/>.</summary>
    public bool DomainSecure { get; init; }

    public SmartHostAuth SmartHostAuth { get; init; }

    /// <summary>Default 35 MB: the documents contradict each other, 25 or 35 (fact sheet 13); the larger one refuses nothing that came in.</summary>
    public ByteSize MaxMessageSize { get; init; } = new(35 * ByteSize.Mega);

    public string? Comment { get; init; }

    public static bool TryMake(string name, [NotNullWhen(true)] out SendConnector? connector, [NotNullWhen(false)] out string? error)
    {
        bool good = PlainText.TryRead(name, MaxName, out string? text, out error);
        connector = good ? new SendConnector(text!) : null;
        error = good ? null : $"the name of the connector: {error}";
        return good;
    }

    /// <summary>What an edge gets: the connectors that are its own, and no names of other edges.</summary>
    public static SendConnector? ForEdge(SendConnector one, string edge) =>
        EdgeSource.Include(one.Edges, edge) ? one with { Edges = EdgeSource.For(one.Edges, edge) } : null;
}

using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>
/// What the hub has to say about a way in for mail: its TLS, and whether the domains of
/// <see cref="TransportSettings.TlsReceiveDomains"/> must prove themselves there. Bindings, limits and filters are each edge's own (fact
/// sheet 5: receive connectors are not replicated; that this part is, is ours).
/// </summary>
public sealed record ReceiveConnector(string Name) : ConfigurationObject
{
    public bool Enabled { get; init; } = true;

    public IReadOnlyList<EdgeSource> Edges { get; init; } = [EdgeSource.EveryEdge];

    /// <summary>STARTTLS is offered.</summary>
    public bool OfferTls { get; init; } = true;

    public bool RequireTls { get; init; }

    /// <summary>Mutual TLS with the domains of <see cref="TransportSettings.TlsReceiveDomains"/>.</summary>
    public bool DomainSecure { get; init; }

    /// <summary>Whoever comes in here is trusted: a private line or a VPN.</summary>
    public bool ExternalAuthoritative { get; init; }

    public TlsCertificateName? TlsCertificateName { get; init; }

    public string? Comment { get; init; }

    public static bool TryMake(string name, [NotNullWhen(true)] out ReceiveConnector? connector, [NotNullWhen(false)] out string? error)
    {
        bool good = PlainText.TryRead(name, SendConnector.MaxName, out string? text, out error);
        connector = good ? new ReceiveConnector(text!) : null;
        error = good ? null : $"the name of the connector: {error}";
        return good;
    }

    /// <summary>The rules of fact sheet 6.2 and 7.7.</summary>
    /// <returns>The first that is broken, or null.</returns>
    public static string? Check(ReceiveConnector one) =>
        EdgeSource.Check(one.Edges)
        ?? (one is { RequireTls: true, OfferTls: false } ? "requireTls needs offerTls"
        : one is { DomainSecure: true, OfferTls: false } ? "domainSecure needs offerTls"
        : one is { DomainSecure: true, ExternalAuthoritative: true } ? "domainSecure and externalAuthoritative exclude each other"
        : one.TlsCertificateName is not null && !one.OfferTls ? "tlsCertificateName needs offerTls"
        : null);

    public static ReceiveConnector? ForEdge(ReceiveConnector one, string edge) =>
        EdgeSource.Include(one.Edges, edge) ? one with { Edges = EdgeSource.For(one.Edges, edge) } : null;
}

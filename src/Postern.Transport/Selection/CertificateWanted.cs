using Postern.Mail;

namespace Postern.Transport.Selection;

/// <summary>What a connector asks for.</summary>
/// <param name="Name">Of the connector; null: a host name was asked for, of no connector.</param>
/// <param name="OffersTls">STARTTLS is offered, or taken where it is offered.</param>
/// <param name="CertificateName">Names the certificate by issuer and subject; decides where it is set.</param>
/// <param name="Fqdn">The name of the connector; null: that of the server.</param>
public sealed record CertificateWanted(string? Name, bool OffersTls, TlsCertificateName? CertificateName, string? Fqdn)
{
    public static CertificateWanted Of(SendConnector connector) => new(connector.Name, !connector.IgnoreStartTls, connector.TlsCertificateName, connector.Fqdn);

    public static CertificateWanted Of(ReceiveConnector connector) => new(connector.Name, connector.OfferTls, connector.TlsCertificateName, null);

    public static CertificateWanted For(string fqdn) => new(null, true, null, fqdn);

    public override string ToString() => Name is null ? $"the name {Fqdn}" : $"connector '{Name}'";
}

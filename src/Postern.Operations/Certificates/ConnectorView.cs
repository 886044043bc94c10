using System.Text.Json.Nodes;
using Postern.Mail;
using Postern.Transport.Selection;

namespace Postern.Operations.Certificates;

/// <summary>A connector as the verbs of the configuration show it.</summary>
public static class ConnectorView
{
    /// <summary>What it asks for. An unreadable name of a certificate is an unset one: the verbs refuse to write such.</summary>
    public static CertificateWanted Read(JsonObject connector) => new(
        (string?)connector["name"] ?? "", (bool?)connector["offerTls"] ?? !((bool?)connector["ignoreStartTls"] ?? false),
        (string?)connector["tlsCertificateName"] is { } text && TlsCertificateName.TryParse(text, out TlsCertificateName? name, out _) ? name : null, (string?)connector["fqdn"]);
}

using System.Text.Json.Nodes;
using Postern.Mail;
using Postern.Operations.Configuration;
using Postern.Transport.Selection;

namespace Postern.Operations.Certificates;

/// <summary>A connector as the verbs of the configuration show it.</summary>
public static class ConnectorView
{
    /// <summary>What it asks for. An unreadable name of a certificate is an unset one: the verbs refuse to write such.</summary>
    public static CertificateWanted Read(JsonObject connector) => new(
        (string?)connector["name"] ?? "", (bool?)connector["offerTls"] ?? !((bool?)connector["ignoreStartTls"] ?? false),
        (string?)connector["tlsCertificateName"] is { } text && TlsCertificateName.TryParse(text, out TlsCertificateName? name, out _) ? name : null, (string?)connector["fqdn"]);

    /// <summary>All that are enabled.</summary>
    public static async Task<IReadOnlyList<CertificateWanted>> ListAsync(ConfigurationOperations configuration, CancellationToken cancellationToken)
    {
        List<CertificateWanted> found = [];
        foreach (ConfigurationClass kind in (ConfigurationClass[])[ConfigurationClasses.ReceiveConnector, ConfigurationClasses.SendConnector])
        {
            found.AddRange((await configuration.ListAsync(kind, cancellationToken)).Objects.Where(one => (bool?)one["enabled"] != false && one["fault"] is null).Select(Read));
        }

        return found;
    }
}

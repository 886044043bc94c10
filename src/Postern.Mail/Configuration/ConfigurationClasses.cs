namespace Postern.Mail;

/// <summary>Everything that is configured on the hub and replicated to the edges.</summary>
public static class ConfigurationClasses
{
    public static ConfigurationClass AcceptedDomain => DomainClasses.Accepted;

    public static ConfigurationClass RemoteDomain => DomainClasses.Remote;

    public static ConfigurationClass SendConnector => ConnectorClasses.Send;

    public static ConfigurationClass ReceiveConnector => ConnectorClasses.Receive;

    public static ConfigurationClass Transport => TransportSettings.Class;

    public static ConfigurationClass Classification => MessageClassification.Class;

    public static ConfigurationClass Server => SiteServer.Class;

    public static IReadOnlyList<ConfigurationClass> All { get; } =
        [AcceptedDomain, RemoteDomain, SendConnector, ReceiveConnector, Transport, Classification, Server];
}

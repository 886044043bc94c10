namespace Postern.Mail;

/// <summary>What the fields of a send connector demand of each other (fact sheet 2.6, 6.2 and 7.7).</summary>
public static class SendConnectorRules
{
    private static readonly Func<SendConnector, string?>[] All =
    [
        one => one.AddressSpaces.Count == 0 ? "it serves no address space: give at least one, such as SMTP:*;1" : null,
        one => one.AddressSpaces.GroupBy(space => space.Domain).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? $"address space {twice.Key} has two costs" : null,
        one => EdgeSource.Check(one.Edges),
        one => one is { DnsRouting: true, SmartHosts.Count: > 0 } ? "DNS routing and smart hosts exclude each other" : null,
        one => one is { DnsRouting: false, SmartHosts.Count: 0 } ? "without DNS routing it needs smart hosts" : null,
        one => one.SmartHosts.Count > 1 && one.SmartHosts.Any(host => host.IsSiteServers)
            ? "smart host -- is every server of the site already: name it alone" : null,

        // The MX of our own domains is the edge itself.
        one => one.DnsRouting && one.AddressSpaces.Any(space => space.Domain == AddressSpace.OwnDomains)
            ? "address space -- needs smart hosts: by DNS, mail of our own domains would come back to the edge" : null,
        one => one is { RequireTls: true, IgnoreStartTls: true } ? "requireTls and ignoreStartTls contradict each other" : null,
        one => one.IgnoreStartTls && one.TlsAuthLevel != TlsAuthLevel.None ? "tlsAuthLevel is of no use with ignoreStartTls" : null,
        one => one.TlsAuthLevel != TlsAuthLevel.None && !one.RequireTls ? "tlsAuthLevel needs requireTls" : null,
        one => one.TlsDomain is not null && one.TlsAuthLevel != TlsAuthLevel.DomainValidation ? "tlsDomain needs tlsAuthLevel domainValidation" : null,
        one => one.TlsDomain is null && one.TlsAuthLevel == TlsAuthLevel.DomainValidation && one.SmartHosts.Count > 0
            ? "domainValidation with smart hosts needs tlsDomain: the recipient's domain is not the smart host's" : null,
        one => one is { DomainSecure: true, DnsRouting: false } ? "domainSecure needs DNS routing" : null,
        one => one is { DomainSecure: true, IgnoreStartTls: true } ? "domainSecure and ignoreStartTls contradict each other" : null,
        one => one.SmartHostAuth != SmartHostAuth.None && one.SmartHosts.Count == 0 ? "smartHostAuth needs smart hosts" : null,
        one => one.SmartHostAuth is SmartHostAuth.BasicAuthRequireTls or SmartHostAuth.DirectTrust && one.IgnoreStartTls
            ? "smartHostAuth needs TLS, which ignoreStartTls forbids" : null,
    ];

    /// <returns>The first rule that is broken, or null.</returns>
    public static string? Check(SendConnector connector) => All.Select(rule => rule(connector)).FirstOrDefault(fault => fault is not null);
}

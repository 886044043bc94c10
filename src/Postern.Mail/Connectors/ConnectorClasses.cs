using System.Diagnostics.CodeAnalysis;

namespace Postern.Mail;

/// <summary>The fields of connectors.</summary>
internal static class ConnectorClasses
{
    public static ConfigurationClass Send { get; } = new ConfigurationClass<SendConnector>
    {
        Kind = "sendConnector",
        Noun = "send connector",
        Command = "connector send",
        ObjectClass = PosternClasses.SendConnector,
        Unit = "sendConnectors",
        MissingCode = "noSuchConnector",
        Make = SendConnector.TryMake,
        Rules = SendConnectorRules.Check,
        Projected = (one, edge, _) => SendConnector.ForEdge(one, edge),
        Fields =
        [
            FieldsOf<SendConnector>.Switch(
                "enabled", "--enabled", PosternAttributes.Enabled, "whether it is in use (default true)",
                one => one.Enabled, (one, value) => one with { Enabled = value }) with { Column = true },
            FieldsOf<SendConnector>.List<AddressSpace>(
                "addressSpaces", "--address-space", PosternAttributes.AddressSpace, "SPACE",
                "SMTP:DOMAIN;COST; DOMAIN may be *, *.example.com, or -- for all our own domains; COST is 1 to 100, default 1; may be given several times",
                AddressSpace.TryParse, one => one.AddressSpaces, (one, value) => one with { AddressSpaces = value }) with { Required = true, Column = true },
            FieldsOf<SendConnector>.List<SmartHost>(
                "smartHosts", "--smart-host", PosternAttributes.SmartHost, "HOST",
                "a host name, [192.0.2.1], or -- for all servers of the site; may be given several times (default none)",
                SmartHost.TryParse, one => one.SmartHosts, (one, value) => one with { SmartHosts = value, DnsRouting = value.Count == 0 }) with { Column = true },

            // After the smart hosts, which decide unless it is given too.
            FieldsOf<SendConnector>.Switch(
                "dnsRouting", "--dns-routing", PosternAttributes.DnsRouting, "mail goes where MX records say (default: when there are no smart hosts)",
                one => one.DnsRouting, (one, value) => one with { DnsRouting = value }) with { Column = true },
            Edges<SendConnector>(one => one.Edges, (one, value) => one with { Edges = value }),
            FieldsOf<SendConnector>.Number(
                "port", "--port", PosternAttributes.Port, "port that is dialled (default 25)", 1, 65535,
                one => one.Port, (one, value) => one with { Port = value }),
            FieldsOf<SendConnector>.Text<string>(
                "fqdn", "--helo-name", PosternAttributes.HeloName, "NAME", "the name in EHLO (default: the edge's own)",
                TryReadHost, one => one.Fqdn, (one, value) => one with { Fqdn = value }),
            FieldsOf<SendConnector>.Switch(
                "requireTls", "--require-tls", PosternAttributes.RequireTls, "no mail in the clear (default false)",
                one => one.RequireTls, (one, value) => one with { RequireTls = value }),
            FieldsOf<SendConnector>.Switch(
                "ignoreStartTls", "--ignore-starttls", PosternAttributes.IgnoreStartTls, "never STARTTLS, even where it is offered (default false)",
                one => one.IgnoreStartTls, (one, value) => one with { IgnoreStartTls = value }),
            FieldsOf<SendConnector>.Choice(
                "tlsAuthLevel", "--tls-auth-level", PosternAttributes.TlsAuthLevel, "what a forced TLS session proves about the other side (default none)",
                one => one.TlsAuthLevel, (one, value) => one with { TlsAuthLevel = value }),
            FieldsOf<SendConnector>.Text<string>(
                "tlsDomain", "--tls-domain", PosternAttributes.TlsDomain, "DOMAIN", "the name that the other side's certificate must have",
                TryReadTlsDomain, one => one.TlsDomain, (one, value) => one with { TlsDomain = value }),
            CertificateName<SendConnector>(one => one.TlsCertificateName, (one, value) => one with { TlsCertificateName = value }),
            FieldsOf<SendConnector>.Switch(
                "domainSecure", "--domain-secure", PosternAttributes.DomainSecure, "mutual TLS with the domains of tlsSendDomains (default false)",
                one => one.DomainSecure, (one, value) => one with { DomainSecure = value }),
            FieldsOf<SendConnector>.Choice(
                "smartHostAuth", "--smart-host-auth", PosternAttributes.SmartHostAuth, "how the edge proves itself to smart hosts (default none)",
                one => one.SmartHostAuth, (one, value) => one with { SmartHostAuth = value }),
            FieldsOf<SendConnector>.Text<ByteSize>(
                "maxMessageSize", "--max-message-size", PosternAttributes.MaxMessageSize, "SIZE", "largest message, 64KB to 2047MB, or unlimited (default 35MB)",
                ByteSize.TryParse, one => one.MaxMessageSize, (one, value) => one with { MaxMessageSize = value ?? ByteSize.Unlimited }),
            Comment<SendConnector>(one => one.Comment, (one, value) => one with { Comment = value }),
        ],
    };

    public static ConfigurationClass Receive { get; } = new ConfigurationClass<ReceiveConnector>
    {
        Kind = "receiveConnector",
        Noun = "receive connector",
        Command = "connector receive",
        ObjectClass = PosternClasses.ReceiveConnector,
        Unit = "receiveConnectors",
        MissingCode = "noSuchConnector",
        Make = ReceiveConnector.TryMake,
        Rules = ReceiveConnector.Check,
        Projected = (one, edge, _) => ReceiveConnector.ForEdge(one, edge),
        Fields =
        [
            FieldsOf<ReceiveConnector>.Switch(
                "enabled", "--enabled", PosternAttributes.Enabled, "whether it is in use (default true)",
                one => one.Enabled, (one, value) => one with { Enabled = value }) with { Column = true },
            Edges<ReceiveConnector>(one => one.Edges, (one, value) => one with { Edges = value }),
            FieldsOf<ReceiveConnector>.Switch(
                "offerTls", "--offer-tls", PosternAttributes.OfferTls, "STARTTLS is offered (default true)",
                one => one.OfferTls, (one, value) => one with { OfferTls = value }) with { Column = true },
            FieldsOf<ReceiveConnector>.Switch(
                "requireTls", "--require-tls", PosternAttributes.RequireTls, "no mail in the clear (default false)",
                one => one.RequireTls, (one, value) => one with { RequireTls = value }) with { Column = true },
            FieldsOf<ReceiveConnector>.Switch(
                "domainSecure", "--domain-secure", PosternAttributes.DomainSecure, "mutual TLS with the domains of tlsReceiveDomains (default false)",
                one => one.DomainSecure, (one, value) => one with { DomainSecure = value }) with { Column = true },
            FieldsOf<ReceiveConnector>.Switch(
                "externalAuthoritative", "--external-authoritative", PosternAttributes.ExternalAuthoritative,
                "whoever comes in here is trusted: a private line or a VPN (default false)",
                one => one.ExternalAuthoritative, (one, value) => one with { ExternalAuthoritative = value }),
            CertificateName<ReceiveConnector>(one => one.TlsCertificateName, (one, value) => one with { TlsCertificateName = value }),
            Comment<ReceiveConnector>(one => one.Comment, (one, value) => one with { Comment = value }),
        ],
    };

    internal static bool TryReadHost(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        bool good = MailDomain.TryNormalize(text.AsSpan().Trim(), out string name, out error);
        value = good ? name : null;
        return good;
    }

    private static bool TryReadTlsDomain(string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error)
    {
        bool good = AcceptedDomain.TryParse(text, default, out AcceptedDomain? domain, out error);
        value = domain?.Name;
        return good;
    }

    private static ConfigurationField Edges<T>(Func<T, IReadOnlyList<EdgeSource>> get, Func<T, IReadOnlyList<EdgeSource>, T> set)
        where T : ConfigurationObject =>
        FieldsOf<T>.List<EdgeSource>(
            "edges", "--edge", PosternAttributes.SourceServer, "NAME", "the edge it belongs to, or * for every edge; may be given several times (default *)",
            EdgeSource.TryParse, get, set) with
        { Column = true };

    private static ConfigurationField CertificateName<T>(Func<T, TlsCertificateName?> get, Func<T, TlsCertificateName?, T> set)
        where T : ConfigurationObject =>
        FieldsOf<T>.Text<TlsCertificateName>(
            "tlsCertificateName", "--tls-certificate-name", PosternAttributes.TlsCertificateName, "<I>ISSUER<S>SUBJECT", "the certificate to show",
            TlsCertificateName.TryParse, get, set);

    private static ConfigurationField Comment<T>(Func<T, string?> get, Func<T, string?, T> set)
        where T : ConfigurationObject =>
        FieldsOf<T>.Text<string>(
            "comment", "--comment", PosternAttributes.Description, "TEXT", "for people, at most 1024 characters",
            (string text, [NotNullWhen(true)] out string? value, [NotNullWhen(false)] out string? error) => PlainText.TryRead(text, SendConnector.MaxComment, out value, out error),
            get, set);
}

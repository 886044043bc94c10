namespace Postern.Mail.Tests.Connectors;

/// <summary>The rules of fact sheet 2.6, 6.2 and 7.7, each with what is just within it and just beyond.</summary>
public sealed class SendConnectorTests
{
    private static readonly SendConnector ByDns = new("to Internet") { AddressSpaces = [new AddressSpace("*", 1)] };

    private static readonly SendConnector ByHost = ByDns with { DnsRouting = false, SmartHosts = [new SmartHost("relay.example.net")] };

    [Theory]
    [InlineData("SMTP:*;100", "*", 100)]
    [InlineData("*", "*", 1)]
    [InlineData("--", "--", 1)]
    [InlineData(" smtp: Example.COM ; 7 ", "example.com", 7)]
    [InlineData("*.bücher.example;1", "*.xn--bcher-kva.example", 1)]
    public void Address_space_is_read_with_its_cost(string text, string domain, int cost)
    {
        Assert.True(AddressSpace.TryParse(text, out AddressSpace? space, out string? error), error);

        Assert.Equal(new AddressSpace(domain, cost), space);
        Assert.True(AddressSpace.TryParse(space.ToString(), out AddressSpace? again, out _));
        Assert.Equal(space, again);
    }

    [Theory]
    [InlineData("SMTP:*;0", "0")]
    [InlineData("SMTP:*;101", "101")]
    [InlineData("SMTP:*;", "cost")]
    [InlineData("X400:*;1", "X400")]
    [InlineData("a.*.example", "a.*.example")]
    [InlineData("", "empty")]
    [InlineData("anna@example.com", "anna@example.com")]
    public void Bad_address_space_is_refused_by_what_is_wrong(string text, string named)
    {
        Assert.False(AddressSpace.TryParse(text, out _, out string? error));

        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--", "--")]
    [InlineData("Relay.Example.NET.", "relay.example.net")]
    [InlineData("mailhub", "mailhub")]
    [InlineData("192.0.2.1", "[192.0.2.1]")]
    [InlineData("[192.0.2.1]", "[192.0.2.1]")]
    [InlineData("2001:DB8::1", "[IPv6:2001:db8::1]")]
    [InlineData("[ipv6:2001:db8::1]", "[IPv6:2001:db8::1]")]
    public void Smart_host_has_one_form(string text, string expected)
    {
        Assert.True(SmartHost.TryParse(text, out SmartHost? host, out string? error), error);

        Assert.Equal(expected, host.Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("---")]
    [InlineData("[relay.example.net]")]
    [InlineData("[192.0.2.256]")]
    [InlineData("192.0.2.256")]
    [InlineData("*.example.net")]
    [InlineData("relay example")]
    [InlineData("a,b")]
    public void Bad_smart_host_is_refused(string text) => Assert.False(SmartHost.TryParse(text, out _, out _));

    [Theory]
    [InlineData("<I>CN=CA<S>CN=mail", "CN=CA", "CN=mail")]
    [InlineData("<i> CN=CA, O=X <s> CN=mail, O=Y ", "CN=CA, O=X", "CN=mail, O=Y")]
    public void Name_of_a_certificate_is_issuer_and_subject(string text, string issuer, string subject)
    {
        Assert.True(TlsCertificateName.TryParse(text, out TlsCertificateName? name, out string? error), error);

        Assert.Equal(new TlsCertificateName(issuer, subject), name);
    }

    [Theory]
    [InlineData("CN=mail")]
    [InlineData("<S>CN=mail")]
    [InlineData("<I>CN=CA")]
    [InlineData("<I><S>CN=mail")]
    [InlineData("<I>CN=CA<S> ")]
    public void Half_a_name_of_a_certificate_is_refused(string text) => Assert.False(TlsCertificateName.TryParse(text, out _, out _));

    [Theory]
    [InlineData("64KB", "64KB")]
    [InlineData("65536", "64KB")]
    [InlineData("65537", "65537")]
    [InlineData("35 mb", "35MB")]
    [InlineData("2097151KB", "2097151KB")]
    [InlineData("Unlimited", "unlimited")]
    public void Size_is_read_with_its_unit(string text, string expected)
    {
        Assert.True(ByteSize.TryParse(text, out ByteSize? size, out string? error), error);

        Assert.Equal(expected, size.ToString());
    }

    [Theory]
    [InlineData("65535")]
    [InlineData("63KB")]
    [InlineData("2048MB")]
    [InlineData("9223372036854775807MB")]
    [InlineData("-1")]
    [InlineData("much")]
    public void Size_out_of_range_is_refused(string text) => Assert.False(ByteSize.TryParse(text, out _, out _));

    [Fact]
    public void Good_connectors_break_no_rule()
    {
        SendConnector[] good =
        [
            ByDns,
            ByHost,
            ByDns with { DomainSecure = true },
            ByDns with { RequireTls = true, TlsAuthLevel = TlsAuthLevel.DomainValidation },
            ByDns with { RequireTls = true, TlsAuthLevel = TlsAuthLevel.DomainValidation, TlsDomain = "example.net" },
            ByHost with { RequireTls = true, TlsAuthLevel = TlsAuthLevel.DomainValidation, TlsDomain = "example.net" },
            ByHost with { SmartHostAuth = SmartHostAuth.BasicAuth, IgnoreStartTls = true },
            ByHost with { AddressSpaces = [new AddressSpace("--", 1)], SmartHosts = [new SmartHost("--")], SmartHostAuth = SmartHostAuth.DirectTrust },
        ];

        Assert.All(good, connector => Assert.Null(SendConnectorRules.Check(connector)));
    }

    [Fact]
    public void Broken_rule_is_named()
    {
        (SendConnector Connector, string Named)[] bad =
        [
            (ByDns with { AddressSpaces = [] }, "address space"),
            (ByDns with { AddressSpaces = [new AddressSpace("*", 1), new AddressSpace("*", 2)] }, "two costs"),
            (ByDns with { Edges = [] }, "no edge"),
            (ByDns with { Edges = [EdgeSource.EveryEdge, new EdgeSource("edge1")] }, "every edge"),
            (ByHost with { DnsRouting = true }, "exclude"),
            (ByDns with { DnsRouting = false }, "smart hosts"),
            (ByHost with { SmartHosts = [new SmartHost("--"), new SmartHost("a.example")] }, "alone"),
            (ByDns with { AddressSpaces = [new AddressSpace("--", 1)] }, "come back"),
            (ByDns with { RequireTls = true, IgnoreStartTls = true }, "ignoreStartTls"),
            (ByDns with { IgnoreStartTls = true, TlsAuthLevel = TlsAuthLevel.EncryptionOnly }, "tlsAuthLevel"),
            (ByDns with { TlsAuthLevel = TlsAuthLevel.EncryptionOnly }, "requireTls"),
            (ByDns with { RequireTls = true, TlsAuthLevel = TlsAuthLevel.CertificateValidation, TlsDomain = "example.net" }, "domainValidation"),
            (ByHost with { RequireTls = true, TlsAuthLevel = TlsAuthLevel.DomainValidation }, "tlsDomain"),
            (ByHost with { DomainSecure = true }, "DNS routing"),
            (ByDns with { DomainSecure = true, IgnoreStartTls = true }, "domainSecure"),
            (ByDns with { SmartHostAuth = SmartHostAuth.BasicAuth }, "smart hosts"),
            (ByHost with { SmartHostAuth = SmartHostAuth.BasicAuthRequireTls, IgnoreStartTls = true }, "TLS"),
        ];

        Assert.All(bad, one => Assert.Contains(one.Named, SendConnectorRules.Check(one.Connector) ?? "no rule broken", StringComparison.Ordinal));
    }

    [Fact]
    public void Receive_connector_keeps_the_rules_of_domain_security()
    {
        ReceiveConnector good = new("from partners") { DomainSecure = true, RequireTls = true };

        Assert.Null(ReceiveConnector.Check(good));
        Assert.NotNull(ReceiveConnector.Check(good with { DomainSecure = false, OfferTls = false }));
        Assert.NotNull(ReceiveConnector.Check(good with { RequireTls = false, OfferTls = false }));
        Assert.NotNull(ReceiveConnector.Check(good with { ExternalAuthoritative = true }));
        Assert.NotNull(ReceiveConnector.Check(good with { Edges = [] }));
    }

    [Fact]
    public void Edge_gets_its_own_connectors_and_no_names_of_other_edges()
    {
        SendConnector both = ByDns with { Edges = [new EdgeSource("edge1"), new EdgeSource("edge2")] };

        Assert.Equal("EDGE1", Assert.Single((both with { Edges = [new EdgeSource("EDGE1"), new EdgeSource("edge2")] }).Edges, edge => edge.Edge == "EDGE1").Edge);
        Assert.Equal("edge1", Assert.Single(SendConnector.ForEdge(both, "Edge1")!.Edges).Edge);
        Assert.Null(SendConnector.ForEdge(both, "edge3"));
        Assert.NotNull(SendConnector.ForEdge(ByDns, "edge3"));
    }
}

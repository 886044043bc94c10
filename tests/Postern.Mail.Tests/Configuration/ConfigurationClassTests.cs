namespace Postern.Mail.Tests.Configuration;

/// <summary>What all classes of configuration have in common: fields that are read as they are written.</summary>
public sealed class ConfigurationClassTests
{
    public static TheoryData<string> Kinds => [.. ConfigurationClasses.All.Select(kind => kind.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Names_of_fields_options_and_attributes_are_used_once(string name)
    {
        ConfigurationClass kind = Find(name);

        Assert.Equal(kind.Fields.Count, kind.Fields.Select(field => field.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
        Assert.Equal(kind.Fields.Count, kind.Fields.Select(field => field.Option).Distinct().Count());
        Assert.Equal(kind.Fields.Count, kind.Fields.Select(field => field.Attribute).Append(kind.NameAttribute).Distinct(StringComparer.OrdinalIgnoreCase).Count() - 1);
        Assert.All(kind.Fields, field => Assert.Matches("^--[a-z][a-z-]*$", field.Option));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Defaults_are_read_as_they_are_written(string name)
    {
        ConfigurationClass kind = Find(name);
        Assert.True(kind.TryMake(kind.OnlyName ?? "example", out ConfigurationObject? one, out string? error), error);
        Dictionary<string, IReadOnlyList<string>> values = kind.Fields.Where(field => field.Read(one).Count > 0).ToDictionary(field => field.Name, field => field.Read(one));
        foreach (ConfigurationField field in kind.Fields.Where(field => field.Required && field.Read(one).Count == 0))
        {
            values[field.Name] = [field.Name == "fqdn" ? "mx1.example.com" : "*"];
        }

        if (kind == ConfigurationClasses.Server)
        {
            values["site"] = ["Site"];
        }

        Assert.True(kind.TrySet(one, values, out ConfigurationObject? set, out error), error);
        Assert.True(kind.TrySet(set, kind.Fields.ToDictionary(field => field.Name, field => field.Read(set)), out ConfigurationObject? again, out error), error);
        Assert.All(kind.Fields, field => Assert.Equal(field.Read(set), field.Read(again)));
    }

    [Fact]
    public void Unknown_field_and_bad_value_are_named()
    {
        ConfigurationClass kind = ConfigurationClasses.SendConnector;
        Assert.True(kind.TryMake("one", out ConfigurationObject? one, out _));

        Assert.False(kind.TrySet(one, Values("colour", "red"), out _, out string? unknown));
        Assert.False(kind.TrySet(one, Values("port", "65536"), out _, out string? port));
        Assert.False(kind.TrySet(one, Values("requireTls", "perhaps"), out _, out string? text));
        Assert.False(kind.TrySet(one, Values("tlsAuthLevel", "full"), out _, out string? word));
        Assert.False(kind.TrySet(one, Values("enabled", "true", "false"), out _, out string? twice));

        Assert.Contains("colour", unknown, StringComparison.Ordinal);
        Assert.Contains("port: '65536'", port, StringComparison.Ordinal);
        Assert.Contains("requireTls: 'perhaps'", text, StringComparison.Ordinal);
        Assert.Contains("domainValidation", word, StringComparison.Ordinal);
        Assert.Contains("enabled", twice, StringComparison.Ordinal);
    }

    [Fact]
    public void Smart_hosts_end_DNS_routing_unless_it_is_named_too()
    {
        ConfigurationClass kind = ConfigurationClasses.SendConnector;
        Assert.True(kind.TryMake("one", out ConfigurationObject? one, out _));
        Dictionary<string, IReadOnlyList<string>> values = new() { ["addressSpaces"] = ["*"], ["smartHosts"] = ["b.example", "a.example", "A.example"] };

        Assert.True(kind.TrySet(one, values, out ConfigurationObject? made, out string? error), error);
        values["dnsRouting"] = ["true"];
        Assert.False(kind.TrySet(one, values, out _, out error));

        SendConnector connector = Assert.IsType<SendConnector>(made);
        Assert.False(connector.DnsRouting);
        Assert.Equal(["a.example", "b.example"], connector.SmartHosts.Select(host => host.Text));
        Assert.Contains("exclude", error, StringComparison.Ordinal);
    }

    [Fact]
    public void List_of_the_limit_is_taken_and_one_more_refused()
    {
        ConfigurationClass kind = ConfigurationClasses.Transport;
        Assert.True(kind.TryMake("transport", out ConfigurationObject? one, out _));
        string[] most = [.. Enumerable.Range(0, 1000).Select(i => $"10.0.{i / 250}.{i % 250}")];

        Assert.True(kind.TrySet(one, Values("internalSmtpServers", most), out _, out string? error), error);
        Assert.False(kind.TrySet(one, Values("internalSmtpServers", [.. most, "10.1.0.0"]), out _, out error));
        Assert.Contains("1000", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_domains_with_mutual_TLS_have_no_wildcards()
    {
        ConfigurationClass kind = ConfigurationClasses.Transport;
        Assert.True(kind.TryMake("transport", out ConfigurationObject? one, out _));

        Assert.True(kind.TrySet(one, Values("tlsSendDomains", "Partner.Example"), out ConfigurationObject? set, out string? error), error);
        Assert.False(kind.TrySet(one, Values("tlsSendDomains", "*.partner.example"), out _, out error));
        Assert.False(kind.TrySet(one, Values("tlsReceiveDomains", "*"), out _, out _));
        Assert.False(kind.TryMake("other", out _, out _));

        Assert.Contains("wildcards", error, StringComparison.Ordinal);
        Assert.Equal(["partner.example"], ((TransportSettings)set).TlsSendDomains);
    }

    [Fact]
    public void Accepted_domain_is_looked_up_by_its_type_unless_somebody_says_otherwise()
    {
        ConfigurationClass kind = ConfigurationClasses.AcceptedDomain;
        Assert.True(kind.TryMake("example.com", out ConfigurationObject? one, out _));

        Assert.True(((AcceptedDomain)one).IsLookedUp);
        Assert.True(kind.TrySet(one, Values("type", "internalRelay"), out ConfigurationObject? relay, out _));
        Assert.False(((AcceptedDomain)relay).IsLookedUp);
        Assert.True(kind.TrySet(relay, Values("addressBook", "true"), out ConfigurationObject? listed, out _));
        Assert.True(((AcceptedDomain)listed).IsLookedUp);
        Assert.True(kind.TrySet(listed, Values("addressBook", "default"), out ConfigurationObject? back, out _));
        Assert.Null(((AcceptedDomain)back).AddressBook);
        Assert.False(kind.TrySet(listed, Values("addressBook", "sometimes"), out _, out _));
    }

    [Fact]
    public void Wildcard_is_no_default_domain_and_a_title_has_64_characters()
    {
        ConfigurationClass kind = ConfigurationClasses.AcceptedDomain;
        Assert.True(kind.TryMake("*.example.com", out ConfigurationObject? one, out _));

        Assert.False(kind.TrySet(one, Values("default", "true"), out _, out string? error));
        Assert.Contains("postmaster", error, StringComparison.Ordinal);
        Assert.True(kind.TrySet(one, Values("title", new string('t', 64)), out _, out error), error);
        Assert.False(kind.TrySet(one, Values("title", new string('t', 65)), out _, out error));
        Assert.False(kind.TrySet(one, Values("title", "two\nlines"), out _, out error));
    }

    [Fact]
    public void Remote_domain_of_all_others_lets_no_automatic_answers_out()
    {
        Assert.True(RemoteDomain.TryMake("*", out RemoteDomain? builtIn, out _));
        Assert.True(RemoteDomain.TryMake("*.Partner.example", out RemoteDomain? own, out _));

        Assert.Equal((false, false, true, true), (builtIn.AutoReply, builtIn.AutoForward, builtIn.NdrEnabled, builtIn.DeliveryReports));
        Assert.Equal((true, true, AllowedOof.External), (own.AutoReply, own.AutoForward, own.AllowedOof));
        Assert.False(RemoteDomain.TryMake("*x", out _, out _));
        ConfigurationClass kind = ConfigurationClasses.RemoteDomain;
        Assert.True(kind.TrySet(own, Values("lineWrap", "132"), out ConfigurationObject? wrapped, out string? error), error);
        Assert.Equal(132, ((RemoteDomain)wrapped).LineWrap);
        Assert.False(kind.TrySet(own, Values("lineWrap", "133"), out _, out error));
        Assert.False(kind.TrySet(own, Values("lineWrap", "0"), out _, out error));
    }

    [Fact]
    public void Classification_has_an_id_of_its_own()
    {
        ConfigurationClass kind = ConfigurationClasses.Classification;
        Assert.True(kind.TryMake("Company Confidential", out ConfigurationObject? one, out _));
        Assert.True(kind.TryMake("Company Confidential", out ConfigurationObject? other, out _));

        Assert.NotEqual(((MessageClassification)one).Id, ((MessageClassification)other).Id);
        Assert.False(kind.TrySet(one, Values("id", "no guid"), out _, out _));
        Assert.False(kind.TrySet(one, Values("id", Guid.Empty.ToString()), out _, out _));
        Assert.False(kind.TrySet(one, Values("senderText", new string('t', 1025)), out _, out _));
        Assert.True(kind.TrySet(one, Values("senderText", new string('t', 1024)), out _, out _));
    }

    [Fact]
    public void Server_goes_to_edges_of_its_site_and_has_a_certificate_of_some_size()
    {
        ConfigurationClass kind = ConfigurationClasses.Server;
        Assert.True(kind.TryMake("mx1", out ConfigurationObject? one, out _));
        Dictionary<string, IReadOnlyList<string>> values = new() { ["fqdn"] = ["MX1.example.com"], ["site"] = ["North"] };

        Assert.False(kind.TrySet(one, Values("fqdn", "mx1.example.com"), out _, out string? error));
        Assert.Contains("site", error, StringComparison.Ordinal);
        Assert.True(kind.TrySet(one, values, out ConfigurationObject? server, out error), error);
        Assert.NotNull(kind.ForEdge(server, "edge1", "NORTH"));
        Assert.Null(kind.ForEdge(server, "edge1", "South"));
        Assert.True(kind.TrySet(server, Values("certificate", Convert.ToBase64String(new byte[SiteServer.MaxCertificate])), out _, out error), error);
        Assert.False(kind.TrySet(server, Values("certificate", Convert.ToBase64String(new byte[SiteServer.MaxCertificate + 1])), out _, out _));
        Assert.False(kind.TrySet(server, Values("certificate", "not base64!"), out _, out _));
        Assert.False(kind.TryMake("*", out _, out _));
    }

    private static ConfigurationClass Find(string kind) => ConfigurationClasses.All.Single(one => one.Kind == kind);

    private static Dictionary<string, IReadOnlyList<string>> Values(string field, params string[] values) => new() { [field] = values };
}

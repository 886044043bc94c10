using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Configuration;

public sealed class ConfigurationProjectionTests : IDisposable
{
    private readonly ConfigurationProjection _projection = new("organization", "edge1", "North");

    public static TheoryData<string> Kinds => [.. ConfigurationClasses.All.Select(kind => kind.Kind)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Object_arrives_as_it_was_sent(string name)
    {
        ConfigurationClass kind = ConfigurationClasses.All.Single(one => one.Kind == name);
        ConfigurationObject sent = Sample(kind);
        List<LdapAttribute> stored = [new LdapAttribute("cn", sent.Name), new LdapAttribute("objectClass", kind.ObjectClass), .. ConfigurationEntry.ToAttributes(kind, sent, onEdge: false).Where(one => one.Values.Count > 0)];

        Assert.Equal(ProjectionVerdict.Projected, _projection.Project(new SourceEntry(default, new LdapEntry($"cn={sent.Name},{kind.OrganizationDn}", stored))));
        List<LdapAttribute> replicated = [new LdapAttribute("cn", "00112233445566778899aabbccddeeff"), .. _projection.Attributes().Where(one => one.Values.Count > 0)];
        Assert.True(ConfigurationEntry.TryRead(kind, new LdapEntry($"cn=0,{kind.EdgeDn}", replicated), out ConfigurationObject? received, out string? error), error);

        Assert.Equal(kind.EdgeDn, _projection.Part.BaseDn);
        Assert.Equal(sent.Name, received.Name);
        Assert.All(kind.Fields, field => Assert.Equal(field.Read(sent), field.Read(received)));
    }

    [Fact]
    public void Digest_tells_every_change_and_the_name_too()
    {
        SendConnector one = (SendConnector)Sample(ConfigurationClasses.SendConnector);
        UInt128[] digests =
        [
            .. ((SendConnector[])
            [
                one, one with { Name = "other" }, one with { Enabled = false }, one with { Comment = null }, one with { Port = 26 },
                one with { AddressSpaces = [new AddressSpace("partner.example", 6)] },
            ]).Select(DigestOf),
        ];

        Assert.Equal(digests.Length, digests.Distinct().Count());
        Assert.Equal(digests[0], DigestOf(one));
        Assert.Equal(digests[0], DigestOf(one with { Edges = [new EdgeSource("edge1"), new EdgeSource("edge2")] }));
    }

    [Fact]
    public void Secrets_of_servers_and_objects_of_others_stay_inside()
    {
        ConfigurationClass kind = ConfigurationClasses.Server;
        LdapEntry server = Entry(kind, Sample(kind), new LdapAttribute("posternEdgeSyncCredential", [1, 2, 3]), new LdapAttribute("posternServerPublicKey", [4]));
        LdapEntry elsewhere = Entry(kind, new SiteServer("mx9") { Fqdn = "mx9.example.com", Site = "South" });
        LdapEntry foreign = Entry(ConfigurationClasses.SendConnector, (SendConnector)Sample(ConfigurationClasses.SendConnector) with { Edges = [new EdgeSource("edge2")] });

        Assert.Equal(ProjectionVerdict.Projected, _projection.Project(new SourceEntry(default, server)));
        Assert.DoesNotContain(_projection.Attributes(), one => one.Description is "posternEdgeSyncCredential" or "posternServerPublicKey");
        Assert.Equal((ProjectionVerdict.Skipped, ""), (_projection.Project(new SourceEntry(default, elsewhere)), _projection.Reason));
        Assert.Equal((ProjectionVerdict.Skipped, ""), (_projection.Project(new SourceEntry(default, foreign)), _projection.Reason));
    }

    [Fact]
    public void Bad_entry_is_skipped_by_name_and_reason()
    {
        LdapEntry bad = Entry(ConfigurationClasses.SendConnector, new SendConnector("half"));

        Assert.Equal(ProjectionVerdict.Skipped, _projection.Project(new SourceEntry(default, bad)));
        Assert.Contains("half", _projection.Reason, StringComparison.Ordinal);
        Assert.Contains("address space", _projection.Reason, StringComparison.Ordinal);
        Assert.Equal(ProjectionVerdict.Skipped, _projection.Project(new SourceEntry(default, new LdapEntry("ou=x", [new LdapAttribute("objectClass", "organizationalUnit")]))));
        Assert.Empty(_projection.Reason);
    }

    public void Dispose() => _projection.Dispose();

    private UInt128 DigestOf(SendConnector one)
    {
        Assert.Equal(ProjectionVerdict.Projected, _projection.Project(new SourceEntry(default, Entry(ConfigurationClasses.SendConnector, one))));
        return _projection.Digest;
    }

    private static LdapEntry Entry(ConfigurationClass kind, ConfigurationObject one, params LdapAttribute[] more) => new(
        $"cn={one.Name},{kind.OrganizationDn}",
        [
            new LdapAttribute("objectClass", kind.ObjectClass), new LdapAttribute("cn", one.Name),
            .. ConfigurationEntry.ToAttributes(kind, one, onEdge: false).Where(attribute => attribute.Values.Count > 0), .. more,
        ]);

    /// <summary>With every field set.</summary>
    private static ConfigurationObject Sample(ConfigurationClass kind) => kind.Kind switch
    {
        "acceptedDomain" => new AcceptedDomain("example.com", AcceptedDomainType.InternalRelay) { IsDefault = true, AddressBook = true, Title = "Ours" },
        "remoteDomain" => new RemoteDomain("*.partner.example")
        {
            AllowedOof = AllowedOof.InternalLegacy,
            NdrEnabled = false,
            DeliveryReports = false,
            AutoForward = false,
            AutoReply = false,
            Tnef = TnefUse.Never,
            LineWrap = 77,
            Title = "Partner",
        },
        "sendConnector" => new SendConnector("to partner, Inc.")
        {
            AddressSpaces = [new AddressSpace("partner.example", 5)],
            SmartHosts = [new SmartHost("[192.0.2.1]")],
            DnsRouting = false,
            Edges = [new EdgeSource("edge1")],
            Port = 587,
            Fqdn = "edge1.example.net",
            RequireTls = true,
            TlsAuthLevel = TlsAuthLevel.DomainValidation,
            TlsDomain = "partner.example",
            TlsCertificateName = new TlsCertificateName("CN=CA", "CN=edge1"),
            SmartHostAuth = SmartHostAuth.BasicAuthRequireTls,
            MaxMessageSize = ByteSize.Unlimited,
            Comment = "ä comment",
        },
        "receiveConnector" => new ReceiveConnector("from partners")
        {
            Enabled = false,
            RequireTls = true,
            DomainSecure = true,
            TlsCertificateName = new TlsCertificateName("CN=CA", "CN=edge1"),
            Comment = "one",
        },
        "transportSettings" => new TransportSettings(TransportSettings.OnlyName) { TlsSendDomains = ["a.example", "b.example"], TlsReceiveDomains = ["c.example"] },
        "messageClassification" => new MessageClassification("Internal")
        {
            Id = Guid.Parse("5e0b1d0c-6b2a-4f58-9d0e-3f1f1a3f7c11"),
            DisplayName = "For us",
            SenderText = "one",
            RecipientText = "two",
        },
        _ => new SiteServer("mx1") { Fqdn = "mx1.example.com", Site = "North", AcceptsMail = false, Certificate = Convert.ToBase64String([0, 255, 7]), NextCertificate = "AQ==", PreviousCertificate = "Ag==" },
    };
}

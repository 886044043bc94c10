using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Explanations;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.EndToEnd;

/// <summary>The presets against a real OpenLDAP: it evaluates the filter, knows some of its attributes and not others.</summary>
public sealed class RecipientPresetSlapdTests
{
    private const string Base = "dc=example,dc=com";

    private const string People = $"""
        dn: {Base}
        objectClass: dcObject
        objectClass: organization
        dc: example
        o: Example

        dn: cn=plain,{Base}
        objectClass: inetOrgPerson
        objectClass: mailRecipient
        cn: plain
        sn: plain
        mail: Plain@example.com
        proxyAddresses:: c210cDpiw7xjaGVyQELDnENIRVIuZXhhbXBsZQ==

        dn: cn=local,{Base}
        objectClass: inetOrgPerson
        objectClass: inetLocalMailRecipient
        cn: local
        sn: local
        mailLocalAddress: local@example.com
        mailRoutingAddress: routed@inside.example.com

        dn: cn=alias,{Base}
        objectClass: nisMailAlias
        cn: alias
        rfc822MailMember: member@example.com

        dn: cn=inside,{Base}
        objectClass: inetOrgPerson
        objectClass: mailRecipient
        cn: inside
        sn: inside
        employeeType: disabled
        proxyAddresses: SMTP:inside@example.com
        msExchRequireAuthToSendTo: TRUE
        msExchSafeSendersHash:: AQAAAAIAAAA=

        dn: cn=unsorted,{Base}
        objectClass: inetOrgPerson
        objectClass: mailRecipient
        cn: unsorted
        sn: unsorted
        proxyAddresses: SMTP:unsorted@example.com
        proxyAddresses: smtp:plain@example.com
        msExchSafeSendersHash:: AgAAAgEAAAE=

        """;

    [SkippableFact]
    public async Task Openldap_preset_takes_what_is_a_recipient_and_each_key_can_be_overridden()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Ldif = People });
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        SourceSettings source = new()
        {
            Name = "corp",
            Type = SourceType.OpenLdap,
            Urls = [slapd.LdapUrl],
            BaseDn = slapd.BaseDn,
            BindDn = slapd.AdminDn,
            PasswordFile = hub.Folder.Write("reader.secret", slapd.AdminPassword),
        };
        SyncResult first = await RunAsync(hub, source);
        Assert.Equal((SyncOutcome.Success, 4L, 4L), (first.Result, first.Added, first.Scanned));
        Assert.All(await EntriesAsync(edge), entry => Assert.Null(entry.Find(PosternAttributes.InternalOnly)));

        source = source with { Map = source.Map with { InternalOnly = "(msExchRequireAuthToSendTo=TRUE)", SafeSenders = "msExchSafeSendersHash" } };
        SyncResult second = await RunAsync(hub, source);
        Assert.Equal(SyncOutcome.Success, second.Result);
        Assert.Contains(second.Details, detail => detail.Contains("cn=unsorted", StringComparison.Ordinal) && detail.Contains("not sorted", StringComparison.Ordinal));
        LdapEntry inside = Assert.Single(await EntriesAsync(edge), entry => entry.FirstString(PosternAttributes.InternalOnly) == "TRUE");
        Assert.Equal([1, 0, 0, 0, 2, 0, 0, 0], Assert.Single(inside.Find(PosternAttributes.SafeSenders)!.Values).ToArray());

        source = source with { Map = source.Map with { Disabled = "(employeeType=disabled)", SafeSenders = null } };
        Assert.Equal((SyncOutcome.Success, 1L), await OutcomeAsync(hub, source));
        Assert.Equal(3, (await EntriesAsync(edge)).Count);
        source = source with { ExcludedSubtrees = [$"CN=Local,{Base}"] };
        Assert.Equal((SyncOutcome.Success, 1L), await OutcomeAsync(hub, source));

        await ExplainAsync(hub, edge, source);
    }

    private static async Task ExplainAsync(TestHub hub, TestEdge edge, SourceSettings source)
    {
        RecipientExplainer explainer = new(new HubSettings { Site = "Site", Sources = [source] }, hub.Subscriptions, TimeProvider.System, NullLoggerFactory.Instance);
        Assert.Equal(ObjectOutcome.Disabled, (await OneAsync("inside@example.com")).Outcome);
        Assert.Equal(ObjectOutcome.Excluded, (await OneAsync("local@example.com")).Outcome);
        ObjectExplanation plain = await OneAsync("bücher@xn--bcher-kva.example");
        Assert.Equal((ObjectOutcome.Recipient, 2), (plain.Outcome, plain.Addresses));
        Assert.Equal(["(mail=*)", "(proxyAddresses=*)"], plain.Filter.Decisive().Select(item => item.Text));
        Assert.Empty((await explainer.ExplainAsync("nobody@example.com", "nobody@example.com")).Sources[0].Objects);

        // Claimed by two: both are found, and the edge says who has it.
        RecipientExplanation both = await explainer.ExplainAsync("plain@example.com", " smtp:Plain@example.com");
        Assert.Equal(2, both.Sources[0].Objects.Count);
        EdgeExplanation held = Assert.Single(both.Edges);
        Assert.Equal([false, true], held.Entries.Select(entry => entry.HasAddress).Order());
        Assert.Equal(held.Owner!.Id, held.Entries.Single(entry => entry.HasAddress).Id.ToString());
        Assert.All(held.Entries, entry => Assert.True(entry.IsPresent));
        Assert.True(held.Entries.Single(entry => entry.HasAddress).IsEqual);

        await edge.StopListeningAsync();
        Assert.NotNull(Assert.Single((await explainer.ExplainAsync("plain@example.com", "plain@example.com")).Edges).Failure);

        async Task<ObjectExplanation> OneAsync(string address)
        {
            Assert.True(MailAddress.TryNormalize(address, out string normalized, out _));
            return Assert.Single((await explainer.ExplainAsync(normalized, address)).Sources[0].Objects);
        }
    }

    private static async Task<(SyncOutcome, long)> OutcomeAsync(TestHub hub, SourceSettings source)
    {
        SyncResult result = await RunAsync(hub, source);
        return (result.Result, result.Deleted);
    }

    private static async Task<SyncResult> RunAsync(TestHub hub, SourceSettings source) =>
        Assert.Single(await hub.Synchronizer(source).StartAsync(new SyncStart { Type = SyncType.Recipients }));

    private static async Task<List<LdapEntry>> EntriesAsync(TestEdge edge)
    {
        List<LdapEntry> entries = [];
        await foreach (LdapEntry entry in edge.System.SearchAsync(new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, [])))
        {
            entries.Add(entry);
        }

        return entries;
    }
}

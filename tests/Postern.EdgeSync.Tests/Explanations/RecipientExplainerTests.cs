using Microsoft.Extensions.Logging.Abstractions;
using Postern.EdgeSync.Explanations;
using Postern.EdgeSync.NameService;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.NameService;
using Postern.EdgeSync.Tests.Sources.ActiveDirectory;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Explanations;

/// <summary>Explanations of a file.</summary>
public sealed class RecipientExplainerTests
{
    private const string Entries = """
        dn: CN=Anna,OU=Staff,DC=example,DC=com
        objectClass: user
        objectGUID:: AAECAwQFBgcICQoLDA0ODw==
        proxyAddresses: SMTP:anna@example.com
        proxyAddresses: smtp:a.berg@example.com
        msExchRequireAuthToSendTo: TRUE

        dn: CN=HealthMailbox1,DC=example,DC=com
        objectClass: user
        proxyAddresses: SMTP:health@example.com
        msExchRecipientTypeDetails: 549755813888

        dn: CN=Gone,DC=example,DC=com
        objectClass: user
        proxyAddresses: SMTP:gone@example.com
        userAccountControl: 514


        """;

    [Fact]
    public async Task Each_outcome_is_told_with_what_made_it()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        SourceSettings source = hub.LdifText(Entries) with { Preset = RecipientPreset.Exchange };
        RecipientExplainer explainer = new(new HubSettings { Site = "Site", Sources = [source] }, hub.Subscriptions, TimeProvider.System, NullLoggerFactory.Instance);

        RecipientExplanation before = await explainer.ExplainAsync("anna@example.com", "anna@example.com");
        ObjectExplanation anna = Assert.Single(before.Sources[0].Objects);
        Assert.Equal((ObjectOutcome.Recipient, 2, true, "000102030405060708090a0b0c0d0e0f"), (anna.Outcome, anna.Addresses, anna.InternalOnly, anna.Id.ToString()));
        Assert.Equal(["posternInternalOnly"], anna.Carries);
        Assert.Null(before.Edges[0].Owner);
        Assert.False(Assert.Single(before.Edges[0].Entries).IsPresent);

        ObjectExplanation health = Assert.Single((await explainer.ExplainAsync("health@example.com", "health@example.com")).Sources[0].Objects);
        Assert.Equal(ObjectOutcome.FilteredOut, health.Outcome);
        Assert.Equal(["(!(msExchRecipientTypeDetails=549755813888))"], health.Filter.Decisive().Select(item => item.Text));

        ObjectExplanation gone = Assert.Single((await explainer.ExplainAsync("gone@example.com", "gone@example.com")).Sources[0].Objects);
        Assert.Equal(ObjectOutcome.Disabled, gone.Outcome);
        Assert.Contains("(userAccountControl:1.2.840.113556.1.4.803:=2)", gone.Disabled!.Decisive().Select(item => item.Text));

        SyncResult result = Assert.Single(await hub.Synchronizer(source).StartAsync(new SyncStart { Type = SyncType.Recipients }));
        Assert.Equal((SyncOutcome.Success, 1L), (result.Result, result.Added));
        EdgeExplanation after = Assert.Single((await explainer.ExplainAsync("a.berg@example.com", "a.berg@example.com")).Edges);
        Assert.Equal(new EdgeOwner("000102030405060708090a0b0c0d0e0f", "file", InternalOnly: true), after.Owner);
        Assert.Equal((true, true, true), (after.Entries[0].IsPresent, after.Entries[0].IsEqual, after.Entries[0].HasAddress));
    }

    [Fact]
    public async Task Source_that_cannot_be_asked_says_why_and_the_others_are_asked()
    {
        await using TestHub hub = await TestHub.StartAsync();
        SourceSettings good = hub.Ldif("anna");
        SourceSettings missing = new() { Name = "missing", Type = SourceType.Ldif, Path = hub.Folder["none.ldif"] };
        SourceSettings dead = new() { Name = "dead", Type = SourceType.OpenLdap, Urls = [.. Enumerable.Range(0, 2).Select(_ => $"ldap://127.0.0.1:{LoopbackPort.Free()}")], BaseDn = "o=x" };
        RecipientExplainer explainer = new(new HubSettings { Site = "Site", Sources = [missing, dead, good] }, hub.Subscriptions, TimeProvider.System, NullLoggerFactory.Instance);
        RecipientExplanation why = await explainer.ExplainAsync("anna@example.com", "anna@example.com");
        Assert.Contains("none.ldif", why.Sources[0].Failure, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1", why.Sources[1].Failure, StringComparison.Ordinal);
        Assert.Equal(ObjectOutcome.Recipient, Assert.Single(why.Sources[2].Objects).Outcome);
        Assert.Empty(why.Edges);
    }

    [Fact]
    public async Task Domain_whose_controllers_DNS_names_is_asked_too()
    {
        await using ScriptedController controller = new()
        {
            Search = (message, search) =>
            [
                .. search.BaseDn == ScriptedController.BaseDn
                    ? [ScriptedController.Entry(message, "Anna", new LdapAttribute("objectClass", "user"), new LdapAttribute("proxyAddresses", "SMTP:anna@lab.example"))]
                    : Array.Empty<LdapMessage>(),
                ScriptedController.Done(message),
            ],
        };
        int port = LdapEndpoint.Parse(controller.Settings.Urls[0]).Port;
        await using DnsResponder names = DnsResponder.Of((0, 0, (ushort)port, "127.0.0.1"));
        await using TestHub hub = await TestHub.StartAsync();

        // By DNS the connection would be one with TLS, which the scripted controller does not speak: that it is reached and says so is the point.
        SourceSettings byName = controller.Settings with { Urls = [], Domain = "lab.example", StartTls = true };
        RecipientExplainer explainer = new(new HubSettings { Site = "Site", Sources = [byName, controller.Settings with { Name = "byUrl" }] }, hub.Subscriptions, TimeProvider.System, NullLoggerFactory.Instance)
        {
            NameServers = new DnsClient([names.EndPoint], TimeProvider.System),
        };
        RecipientExplanation why = await explainer.ExplainAsync("anna@lab.example", "anna@lab.example");
        Assert.Contains($":{port}", why.Sources[0].Failure, StringComparison.Ordinal);
        Assert.Equal("CN=Anna," + ScriptedController.BaseDn, Assert.Single(why.Sources[1].Objects).Dn);
    }
}

using System.Text;
using Postern.EdgeSync.Diagnosis;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Ldap.Codec;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Attacks;

/// <summary>An edge that was taken over, with its certificate and key: it may answer anything. The hub stays up, serves its other edges, and
/// tells this one nothing beyond what an edge of it gets.</summary>
public sealed class MaliciousEdgeTests
{
    private const string AFewOctets = "octets that are no LDAP";
    private const string HugeMessage = "a message of 2 GB";
    private const string Farewell = "a notice of disconnection";
    private const string Agrees = "yes to everything";
    private const string WrongKinds = "answers of the wrong kind";
    private const string Refers = "referrals to somebody else";
    private const string Forged = "state, lease and schema of its own making";
    private const string Endless = "entries without end";

    public static TheoryData<string> Ways => [AFewOctets, HugeMessage, Farewell, Agrees, WrongKinds, Refers, Forged, Endless];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Edge_that_answers_anything_harms_nobody(string way)
    {
        await using TestEdge taken = await TestEdge.StartAsync();
        await using TestEdge honest = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        SourceSettings source = hub.Ldif("anna", "ben");
        hub.Subscriptions.MostEdgeEntries = 1000;
        HubSettings settings = new() { Site = "Site", Sources = [source] };
        await using HubSynchronizer synchronizer = hub.Synchronizer(settings);
        await hub.Subscriptions.ImportAsync(await taken.ExportAsync(), "Site", taken.Address);
        int port = int.Parse(honest.Address.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
        await hub.Subscriptions.ImportAsync(
            await honest.Service.NewAsync(new NewSubscriptionOptions { Fqdn = "edge2.example.net", AdamSslPort = port }), "Site", honest.Address);

        await using HostileEdge edge = new(taken.Service.Certificate!, message => Answer(way, message)) { Raw = RawOf(way), Endless = way == Endless };
        (await hub.Organization.ModifyAsync(new ModifyRequest(
            HubSubscriptionEntry.Dn("edge1"), new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.EdgeAddress, edge.Address))))).ThrowIfFailed("dial");

        for (int cycle = 0; cycle < 2; cycle++)
        {
            IReadOnlyList<SyncResult> results = await synchronizer.StartAsync(new SyncStart { ByHand = true });
            Assert.All(results.Where(result => result.Name == "edge2"), result => Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails)));
            Assert.Equal(2, results.Count(result => result.Name == "edge1"));
        }

        Assert.Equal(2, (await honest.RecipientsAsync()).Count);
        Assert.True(edge.Handshakes > 0);
        string heard = Encoding.Latin1.GetString(edge.Heard);
        Assert.All(Secrets(hub), secret => Assert.DoesNotContain(secret, heard, StringComparison.OrdinalIgnoreCase));

        // Whoever is asked what is wrong is not led astray either: there is an answer, and it is about this edge.
        IReadOnlyList<Finding> findings = await new HubDoctor(
            hub.Subscriptions, synchronizer, hub.Organization, new HubServers(hub.Organization), hub.Identity, settings, TimeProvider.System).RunAsync(null);
        Assert.Contains(findings, one => one is { About: "edge1", State: FindingState.Failed or FindingState.Warning });
        Assert.DoesNotContain(findings, one => one is { About: "edge2", State: FindingState.Failed });
    }

    /// <summary>What no edge gets to see: addresses and names in clear, private keys, where the sources are.</summary>
    private static IEnumerable<string> Secrets(TestHub hub) =>
        ["anna@", "ben@", "@example.com", "PRIVATE KEY", "source.ldif", hub.Paths.Root];

    private static byte[]? RawOf(string way) => way switch
    {
        AFewOctets => Enumerable.Range(0, 256).Select(i => (byte)(i * 7)).ToArray(),
        HugeMessage => [0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 0x02, 0x01, 0x01],
        Farewell => LdapCodec.Encode(new LdapMessage(0, new ExtendedResponse(new LdapResult(LdapResultCode.Busy, "go away"), LdapOids.NoticeOfDisconnection))),
        _ => null,
    };

    private static IReadOnlyList<LdapOperation>? Answer(string way, LdapMessage message) => (way, message.Operation) switch
    {
        (_, UnbindRequest or AbandonRequest) => null,
        (WrongKinds, SearchRequest) => [new BindResponse(LdapResult.Success)],
        (WrongKinds, _) => [new SearchResultDone(LdapResult.Success)],
        (Refers, BindRequest) => [new BindResponse(LdapResult.Success)],
        (Refers, SearchRequest) => [new SearchResultReference(["ldap://198.51.100.1/o=edge"]), new SearchResultDone(new LdapResult(LdapResultCode.Referral, "ask there"))],
        (Forged, SearchRequest search) => [.. Forgeries(search), new SearchResultDone(LdapResult.Success)],
        (Endless, SearchRequest { Scope: not SearchScope.BaseObject } search) => [new SearchResultEntry(Made(search.BaseDn))],
        (_, BindRequest) => [new BindResponse(LdapResult.Success)],
        (_, SearchRequest) => [new SearchResultDone(LdapResult.Success)],
        (_, AddRequest) => [new AddResponse(LdapResult.Success)],
        (_, ModifyRequest) => [new ModifyResponse(LdapResult.Success)],
        (_, DelRequest) => [new DelResponse(LdapResult.Success)],
        (_, ExtendedRequest request) => [new ExtendedResponse(LdapResult.Success, request.Name, new byte[] { 0x30, 0x03, 0x02, 0x01, 0x7f })],
        _ => null,
    };

    private static IEnumerable<LdapOperation> Forgeries(SearchRequest search)
    {
        byte[] nonsense = Encoding.UTF8.GetBytes("{\"version\":1,\"sources\":[{\"name\":\"file\",\"fingerprint\":\"\",\"cookie\":\"AAAA\",\"entries\":-9223372036854775808}],\"held\":{\"count\":2147483647}}");
        foreach (string dn in search.Scope == SearchScope.BaseObject ? [search.BaseDn] : new[] { EdgeLayout.RecipientsState, EdgeLayout.ConfigurationState, $"cn=x,{search.BaseDn}" })
        {
            yield return new SearchResultEntry(new LdapEntry(dn,
            [
                new LdapAttribute("cn", "recipients"), new LdapAttribute("objectClass", PosternClasses.SyncState),
                new LdapAttribute(PosternAttributes.Cookie, nonsense), new LdapAttribute(PosternAttributes.Generation, "9223372036854775807"),
                new LdapAttribute(PosternAttributes.LastSync, "99991231235959Z"), new LdapAttribute(PosternAttributes.Fence, "9223372036854775807"),
                new LdapAttribute(PosternAttributes.EdgeSyncLease, Encoding.UTF8.GetBytes("{\"version\":1,\"holder\":\"HUB1\",\"process\":\"x\",\"lockUntil\":\"9999-12-31T23:59:59+00:00\",\"optionUntil\":\"9999-12-31T23:59:59+00:00\",\"lockSeconds\":1e300,\"optionSeconds\":1e300}")),
                new LdapAttribute("currentTime", "99991231235959Z"), new LdapAttribute("attributeTypes", "( ", "", "((((("),
            ]));
        }
    }

    private static LdapEntry Made(string container)
    {
        string id = Guid.NewGuid().ToString("n");
        return new LdapEntry($"cn={id},{container}", [new LdapAttribute("cn", id), new LdapAttribute(PosternAttributes.Source, id)]);
    }
}

using System.Security.Cryptography;
using System.Text;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Mail;
using Postern.Samples;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.EndToEnd;

/// <summary>A real OpenLDAP, a hub and an edge over TLS; the edge must equal a projection that is computed here, by other means.</summary>
public sealed class SlapdToEdgeTests
{
    [SkippableTheory]
    [InlineData(2_000)]
    [InlineData(10_000)]
    public async Task Edge_equals_source_and_the_second_cycle_sends_the_changes_only(int recipients)
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Recipients = recipients });
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        await hub.Domains.AddAsync("Example.com", AcceptedDomainType.Authoritative);
        HubSynchronizer synchronizer = hub.Synchronizer(Source(slapd, hub));

        IReadOnlyList<SyncResult> first = await synchronizer.StartAsync(new SyncStart());
        Assert.All(first, result => Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails)));
        Assert.Equal([SyncType.Configuration, SyncType.Recipients], first.Select(result => result.Type));
        Assert.Equal((2L, (long)recipients, (long)recipients), (first[0].Added, first[1].Added, first[1].Scanned));
        Dictionary<string, string[]> expected = await ExpectedAsync(slapd, edge);
        AssertEqual(expected, await edge.RecipientsAsync());

        SyncResult unchanged = (await synchronizer.StartAsync(new SyncStart { Type = SyncType.Recipients }))[0];
        Assert.Equal((0L, 0L, 0L, 1L, (long)recipients), (unchanged.Added, unchanged.Updated, unchanged.Deleted, unchanged.OperationsSent, unchanged.TargetScanned));

        GeneratedRecipient[] some = [.. slapd.Organization.Recipients().Take(3)];
        (await slapd.Tools.ModifyAsync($"""
            dn: {some[0].Entry.Dn}
            changetype: modify
            add: proxyAddresses
            proxyAddresses: smtp:Added.Later@example.com

            dn: {some[1].Entry.Dn}
            changetype: modify
            replace: displayName
            displayName: A new name that stays inside

            dn: {some[2].Entry.Dn}
            changetype: delete

            dn: cn=new,{slapd.BaseDn}
            changetype: add
            objectClass: inetOrgPerson
            cn: new
            sn: new
            mail: new@example.com

            """)).MustSucceed();
        SyncResult second = (await synchronizer.StartAsync(new SyncStart { Type = SyncType.Recipients }))[0];
        Assert.True((1L, 1L, 1L, 4L) == (second.Added, second.Updated, second.Deleted, second.OperationsSent), $"{second} {string.Join(";", second.ReadWhole)}");
        Dictionary<string, string[]> now = await edge.RecipientsAsync();
        Assert.Equal(recipients, now.Count);
        Assert.Contains(Hash(edge, "added.later@example.com"), now.Values.SelectMany(hashes => hashes));
        Assert.Contains(Hash(edge, "new@example.com"), now.Values.SelectMany(hashes => hashes));
        Assert.DoesNotContain(Hash(edge, some[2].Addresses[0]), now.Values.SelectMany(hashes => hashes));
    }

    [SkippableFact]
    public async Task Source_over_tls_is_read_and_a_wrong_authority_is_refused()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Recipients = 20 });
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        SourceSettings plain = Source(slapd, hub);
        foreach (SourceSettings secure in (SourceSettings[])[plain with { Url = slapd.LdapsUrl, CaFile = slapd.CertificateFiles.Authority }, plain with { StartTls = true, CaFile = slapd.CertificateFiles.Authority }])
        {
            Assert.Equal((SyncOutcome.Success, ""), Outcome(await RecipientsAsync(hub, secure)));
        }

        using Certs others = Certs.Create("Others");
        SyncResult refused = await RecipientsAsync(hub, plain with { Url = slapd.LdapsUrl, CaFile = hub.Folder.Write("others.pem", others.AuthorityPem) });
        AssertSourceFailed(refused, slapd.LdapsUrl);
    }

    [SkippableFact]
    public async Task Every_fault_of_the_source_is_named_and_deletes_nothing()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(new SlapdOptions { Recipients = 300, SizeLimit = 250 });
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await hub.Subscriptions.ImportAsync(await edge.ExportAsync(), "Site", edge.Address);
        SourceSettings good = Source(slapd, hub) with { BindDn = slapd.AdminDn, PasswordFile = hub.Folder.Write("admin.secret", slapd.AdminPassword) };
        Assert.Equal((SyncOutcome.Success, ""), Outcome(await RecipientsAsync(hub, good)));

        AssertSourceFailed(await RecipientsAsync(hub, Source(slapd, hub)), "sizeLimitExceeded");
        AssertSourceFailed(await RecipientsAsync(hub, good with { PasswordFile = hub.Folder.Write("wrong.secret", "wrong") }), "invalidCredentials", "bindDn", "wrong.secret");
        AssertSourceFailed(await RecipientsAsync(hub, good with { PasswordFile = hub.Folder["none.secret"] }), "none.secret");
        AssertSourceFailed(await RecipientsAsync(hub, good with { BaseDn = "ou=nowhere," + slapd.BaseDn }), "noSuchObject", "ou=nowhere");
        AssertSourceFailed(await RecipientsAsync(hub, good with { IdAttribute = "employeeNumber" }), "employeeNumber", "idAttribute");
        AssertSourceFailed(await RecipientsAsync(hub, good with { Url = $"ldap://127.0.0.1:{LoopbackPort.Free()}" }), "ldap://127.0.0.1");
        SyncResult empty = await RecipientsAsync(hub, good with { Filter = "(mail=nobody@nowhere.example)" });
        Assert.Equal((SyncOutcome.HeldByGuard, 0L), (empty.Result, empty.Deleted));
        Assert.Equal(300, (await edge.RecipientsAsync()).Count);

        await slapd.KillAsync();
        AssertSourceFailed(await RecipientsAsync(hub, good), slapd.LdapUrl);
        await slapd.StartAgainAsync();
        Assert.Equal((SyncOutcome.Success, ""), Outcome(await RecipientsAsync(hub, good)));
    }

    private static SourceSettings Source(SlapdFixture slapd, TestHub hub) => new()
    {
        Name = "corp",
        Type = SourceType.OpenLdap,
        Url = slapd.LdapUrl,
        BaseDn = slapd.BaseDn,
        BindDn = slapd.ReaderDn,
        PasswordFile = hub.Folder.Write("reader.secret", slapd.ReaderPassword + "\n"),

        // Without an overlay that tells of deletions, only a full compare finds them.
        FullCompareInterval = TimeSpan.Zero,
    };

    private static async Task<SyncResult> RecipientsAsync(TestHub hub, SourceSettings source) =>
        Assert.Single(await hub.Synchronizer(source).StartAsync(new SyncStart { Type = SyncType.Recipients }));

    private static (SyncOutcome, string) Outcome(SyncResult result) => (result.Result, result.FailureDetails);

    private static void AssertSourceFailed(SyncResult result, params string[] words)
    {
        Assert.True((SyncOutcome.SourceFailed, 0L) == (result.Result, result.Deleted), $"{result.Result}: {result.FailureDetails}");
        Assert.Contains("corp", result.FailureDetails, StringComparison.Ordinal);
        Assert.All(words, word => Assert.Contains(word, result.FailureDetails, StringComparison.Ordinal));
    }

    /// <summary>By OpenLDAP's own client and .NET's own HMAC.</summary>
    private static async Task<Dictionary<string, string[]>> ExpectedAsync(SlapdFixture slapd, TestEdge edge)
    {
        CommandResult found = await slapd.Tools.SearchAsync("-b", slapd.BaseDn, "(|(proxyAddresses=*)(mail=*))", "entryUUID", "proxyAddresses", "mail");
        found.MustSucceed();
        Dictionary<string, string[]> expected = [];
        foreach (string record in found.Output.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            ILookup<string, string> lines = record.Split('\n').Where(line => line.Contains(": ", StringComparison.Ordinal))
                .ToLookup(line => line[..line.IndexOf(':', StringComparison.Ordinal)], line => line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
            IEnumerable<string> addresses = lines["proxyAddresses"].Select(value => value["smtp:".Length..]).Concat(lines["mail"]).Select(value => value.ToLowerInvariant());
            expected.Add(lines["entryUUID"].Single().Replace("-", "", StringComparison.Ordinal), [.. addresses.Distinct().Select(address => Hash(edge, address)).Order(StringComparer.Ordinal)]);
        }

        return expected;
    }

    private static string Hash(TestEdge edge, string address) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(edge.Service.AddressKey!.ToBytes(), Encoding.UTF8.GetBytes(address)));

    private static void AssertEqual(Dictionary<string, string[]> expected, Dictionary<string, string[]> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        Assert.All(expected, pair => Assert.Equal(pair.Value, actual[pair.Key]));
    }
}

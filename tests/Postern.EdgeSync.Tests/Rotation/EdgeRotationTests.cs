using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Rotation;

public sealed class EdgeRotationTests
{
    [Fact]
    public async Task Edge_changes_over_when_every_hub_trusts_the_next_certificate_and_not_before()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        string old = RotationBench.Pin(bench.Edge.Service.Certificate);
        CertificateState state = await bench.Edge.Certificates.RenewAsync(given: null, algorithm: null);
        string next = RotationBench.Pin(state.Next);
        Assert.Equal(["HUB1", "HUB2"], state.WaitsFor.Select(one => one.Peer).Order(StringComparer.Ordinal));

        await bench.First.Topology.RunOnceAsync(); // trusts it, seals its own, and brings that
        await bench.Edge.Certificates.LookAsync();
        Assert.Equal(next, RotationBench.Pin((await bench.SubscriptionAsync()).NextCertificateDer));
        state = await bench.Edge.Certificates.StateAsync();
        Assert.Equal("HUB2", Assert.Single(state.WaitsFor).Peer);
        Assert.Equal(old, RotationBench.Pin(state.Current));
        await bench.CyclesSucceedAsync();

        await bench.Second.Topology.RunOnceAsync(); // seals its own; the holder of the lease brings it
        await bench.Edge.Certificates.LookAsync();
        Assert.Equal(old, RotationBench.Pin(bench.Edge.Service.Certificate));
        await bench.First.Topology.RunOnceAsync();
        await bench.Edge.Certificates.LookAsync();
        Assert.Equal((next, "-", old), (RotationBench.Pin(bench.Edge.Service.Certificate), RotationBench.Pin(bench.Edge.Service.Certificates.Next), RotationBench.Pin(bench.Edge.Service.Certificates.Previous)));

        await bench.CyclesSucceedAsync(); // with what the hubs had read before
        await bench.RoundAsync();
        HubSubscription moved = await bench.SubscriptionAsync();
        Assert.Equal((next, "-", old), (RotationBench.Pin(moved.CertificateDer), RotationBench.Pin(moved.NextCertificateDer), RotationBench.Pin(moved.PreviousCertificateDer)));
        await bench.CyclesSucceedAsync();
    }

    /// <summary>A good certificate whose key nothing is sealed for.</summary>
    private static byte[] SmallKey()
    {
        using RSA key = RSA.Create(1024);
        using X509Certificate2 certificate = new CertificateRequest("CN=edge1", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddDays(1));
        return certificate.RawData;
    }

    [Theory]
    [InlineData("")]
    [InlineData("3003020100")]
    [InlineData("00ff00ff")]
    public async Task Edge_that_announces_nonsense_stops_no_hub(string announced)
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        byte[] nonsense = announced.Length > 0 ? Convert.FromHexString(announced) : SmallKey();
        (await bench.Edge.System.ModifyAsync(new ModifyRequest(
            EdgeLayout.Subscription, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.NextCertificate, [nonsense]))))).ThrowIfFailed("announce");
        await bench.RoundAsync();
        Assert.True((await bench.SubscriptionAsync()).NextCertificateDer.IsEmpty);
        await bench.CyclesSucceedAsync();
    }

    [Theory]
    [InlineData(KeyAlgorithm.Rsa2048)]
    [InlineData(KeyAlgorithm.Rsa3072)]
    [InlineData(KeyAlgorithm.EcdsaP384)]
    public async Task Another_kind_of_key_comes_the_same_way(KeyAlgorithm algorithm)
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        string next = RotationBench.Pin((await bench.Edge.Certificates.RenewAsync(given: null, algorithm)).Next);
        Assert.InRange(await bench.UntilAsync(() => Task.FromResult(RotationBench.Pin(bench.Edge.Service.Certificate) == next)), 1, 2);
        Assert.Equal(algorithm, CertificateKeys.AlgorithmOf(bench.Edge.Service.Certificate!));
        await bench.RoundAsync();
        await bench.CyclesSucceedAsync();
    }

    [Fact]
    public async Task Certificate_of_an_authority_comes_the_same_way()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        using Certs authority = Certs.Create();
        using X509Certificate2 issued = authority.IssueServer("edge1.example.net");
        await bench.Edge.Certificates.RenewAsync(issued, algorithm: null);
        await bench.UntilAsync(() => Task.FromResult(RotationBench.Pin(bench.Edge.Service.Certificate) == RotationBench.Pin(issued)));
        await bench.RestartEdgeAsync();
        await bench.RoundAsync();
        await bench.CyclesSucceedAsync();
        Assert.Null((await bench.Edge.Certificates.StateAsync()).RenewsAt);
    }

    [Fact]
    public async Task Everything_dies_after_every_look_and_no_cycle_fails()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        string next = RotationBench.Pin((await bench.Edge.Certificates.RenewAsync(given: null, algorithm: null)).Next);
        async Task DieAsync()
        {
            bench.First.Restart();
            bench.Second.Restart();
            await bench.RestartEdgeAsync();
        }

        await bench.UntilAsync(async () => RotationBench.Pin((await bench.SubscriptionAsync()).CertificateDer) == next, DieAsync);
        Assert.Equal(next, RotationBench.Pin(bench.Edge.Service.Certificate));
    }

    /// <summary>A step is a change of slots and then of what hubs read. The edge dies between the two.</summary>
    [Fact]
    public async Task Edge_that_dies_between_its_files_and_its_directory_goes_on()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        string next = RotationBench.Pin(bench.Edge.Service.Rotation(TestEdge.Fqdn).Renew(kind: null));
        await bench.RestartEdgeAsync();
        await bench.CyclesSucceedAsync();
        await bench.Edge.Certificates.LookAsync();
        Assert.Equal(2, (await bench.Edge.Certificates.StateAsync()).WaitsFor.Count);
        await bench.First.Topology.RunOnceAsync();
        await bench.Second.Topology.RunOnceAsync();
        await bench.First.Topology.RunOnceAsync();

        bench.Edge.Service.Certificates.Switch(); // acknowledged; the directory says the old one still
        await bench.RestartEdgeAsync();
        await bench.First.Topology.RunOnceAsync();
        await bench.CyclesSucceedAsync();
        Assert.Equal((next, "-"), (RotationBench.Pin((await bench.SubscriptionAsync()).CertificateDer), RotationBench.Pin((await bench.SubscriptionAsync()).NextCertificateDer)));
        await bench.RoundAsync();

        bench.Edge.Service.Certificates.DropPrevious();
        await bench.RestartEdgeAsync();
        await bench.RoundAsync();
        await bench.CyclesSucceedAsync();
    }

    /// <summary>A hub stores the pin, then seals its credentials. It dies between the two.</summary>
    [Fact]
    public async Task Hub_that_dies_between_the_pin_and_its_credentials_goes_on()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        CertificateState state = await bench.Edge.Certificates.RenewAsync(given: null, algorithm: null);
        HubSubscription edge = await bench.SubscriptionAsync();
        Assert.True(await bench.First.Subscriptions.MovePinsAsync(edge, edge.Pins with { Next = state.Next!.RawData }, CancellationToken.None));
        Assert.False(await bench.Second.Subscriptions.MovePinsAsync(edge, edge.Pins with { Next = bench.First.Identity.Certificate.RawData }, CancellationToken.None)); // it read before that
        bench.First.Restart();
        await bench.UntilAsync(() => Task.FromResult(RotationBench.Pin(bench.Edge.Service.Certificate) == RotationBench.Pin(state.Next)));
    }

    [Fact]
    public async Task Record_that_only_says_that_it_is_sealed_for_the_next_certificate_acknowledges_nothing()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        CertificateState state = await bench.Edge.Certificates.RenewAsync(given: null, algorithm: null);
        foreach (string account in (await bench.Edge.NamesAsync(EdgeLayout.Credentials)).Where(name => name.StartsWith("ESRA", StringComparison.Ordinal)))
        {
            LdapEntry entry = (await bench.Edge.FindAsync(CredentialEntry.Dn(account)))!;
            CredentialRecord record = CredentialRecord.Read(entry.Find(PosternAttributes.EdgeSyncCredential)!.Values[0].Span)!;
            (await bench.Edge.System.ModifyAsync(CredentialEntry.ToReplace(record with { CertificateSha256 = RotationBench.Pin(state.Next) }))).ThrowIfFailed("forge");
        }

        await bench.Edge.Certificates.LookAsync();
        Assert.Equal(RotationBench.Pin(state.Current), RotationBench.Pin(bench.Edge.Service.Certificate));
        Assert.Equal(2, (await bench.Edge.Certificates.StateAsync()).WaitsFor.Count);
        await bench.UntilAsync(() => Task.FromResult(RotationBench.Pin(bench.Edge.Service.Certificate) == RotationBench.Pin(state.Next)));
    }

    [Fact]
    public async Task Announcement_is_taken_back_and_another_one_made()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        string old = RotationBench.Pin(bench.Edge.Service.Certificate);
        await bench.Edge.Certificates.RenewAsync(given: null, algorithm: null);
        await bench.First.Topology.RunOnceAsync();
        string other = RotationBench.Pin((await bench.Edge.Certificates.RenewAsync(given: null, KeyAlgorithm.Rsa2048)).Next);
        await bench.First.Topology.RunOnceAsync();
        Assert.Equal(other, RotationBench.Pin((await bench.SubscriptionAsync()).NextCertificateDer));
        bench.Edge.Service.Certificates.DropNext();
        await bench.RoundAsync();
        HubSubscription edge = await bench.SubscriptionAsync();
        Assert.Equal((old, "-"), (RotationBench.Pin(edge.CertificateDer), RotationBench.Pin(edge.NextCertificateDer)));
        await bench.RoundAsync();
        Assert.Equal(old, RotationBench.Pin(bench.Edge.Service.Certificate));
        await bench.CyclesSucceedAsync();
    }

    [Fact]
    public async Task Previous_certificate_goes_after_a_week_on_both_sides()
    {
        ManualTimeProvider time = new();
        await using RotationBench bench = await RotationBench.StartAsync(time);
        string next = RotationBench.Pin((await bench.Edge.Certificates.RenewAsync(given: null, algorithm: null)).Next);
        await bench.UntilAsync(async () => RotationBench.Pin((await bench.SubscriptionAsync()).CertificateDer) == next);
        for (int day = 0; day < 7; day++)
        {
            Assert.Equal(2, bench.Edge.Service.Keys.Count);
            Assert.Equal(2, (await bench.SubscriptionAsync()).Pins.All.Count);
            time.Advance(TimeSpan.FromDays(1));
            await bench.RoundAsync();
            await bench.CyclesSucceedAsync();
        }

        Assert.Single(bench.Edge.Service.Keys);
        Assert.Single((await bench.SubscriptionAsync()).Pins.All);
        await bench.CyclesSucceedAsync();
    }

    [Fact]
    public async Task Expired_certificate_that_gets_no_successor_is_no_outage()
    {
        ManualTimeProvider time = new();
        await using RotationBench bench = await RotationBench.StartAsync(time, new CertificateTimetable { Lifetime = TimeSpan.FromDays(10), RenewAfter = 100 });
        for (int day = 0; day < 20; day++)
        {
            time.Advance(TimeSpan.FromDays(1));
            await bench.RoundAsync();
            await bench.CyclesSucceedAsync();
        }

        Assert.True(CertificateDates.NotAfter(bench.Edge.Service.Certificate!) < time.GetUtcNow());
        Assert.True(CertificateDates.NotAfter(bench.First.Identity.Certificate) < time.GetUtcNow());
    }

    [Fact]
    public async Task Both_sides_renew_by_themselves_at_the_same_time()
    {
        ManualTimeProvider time = new();
        await using RotationBench bench = await RotationBench.StartAsync(time, new CertificateTimetable { Lifetime = TimeSpan.FromDays(30) });
        HashSet<string> edge = [];
        HashSet<string> hub = [];
        for (int day = 0; day < 90; day++)
        {
            time.Advance(TimeSpan.FromDays(1));
            await bench.RoundAsync();
            await bench.CyclesSucceedAsync();
            edge.Add(RotationBench.Pin(bench.Edge.Service.Certificate));
            hub.Add(RotationBench.Pin(bench.Second.Identity.Certificate));
        }

        Assert.InRange(edge.Count, 4, 5);
        Assert.InRange(hub.Count, 4, 5);
        Assert.InRange((await bench.SubscriptionAsync()).Pins.All.Count, 1, 3);
    }

    [Fact]
    public async Task Subscription_file_that_is_out_names_a_certificate_that_stays()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        SubscriptionFile file = await bench.Edge.ExportAsync(force: true);
        CertificateState state = await bench.Edge.Certificates.RenewAsync(given: null, algorithm: null);
        Assert.Contains("subscription file", Assert.Single(state.WaitsFor).Reason, StringComparison.Ordinal);
        await bench.First.Subscriptions.ImportAsync(file, RotationBench.Site, bench.Edge.Address);
        await bench.UntilAsync(() => Task.FromResult(RotationBench.Pin(bench.Edge.Service.Certificate) == RotationBench.Pin(state.Next)));
    }

    [Fact]
    public async Task Revocation_names_a_file_that_is_out_and_an_edge_alone_has_nothing_to_mend()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        Assert.Empty((await edge.Certificates.RevokeAsync(given: null)).Pairs);
        SubscriptionFile file = await edge.ExportAsync();
        Assert.Contains("names the old certificate", Assert.Single((await edge.Certificates.RevokeAsync(given: null)).Pairs).State, StringComparison.Ordinal);
        Assert.DoesNotContain(file.EsraUsername, await edge.NamesAsync(EdgeLayout.Accounts));
    }

    [Fact]
    public async Task Revoked_certificate_is_trusted_nowhere_and_the_pairs_are_named()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        CertificateRevocation done = await bench.Edge.Certificates.RevokeAsync(given: null);
        Assert.Equal(["HUB1", "HUB2"], done.Pairs.Select(one => one.Hub));
        Assert.All(done.Pairs, one => Assert.Contains("subscription new --force", one.Mend, StringComparison.Ordinal));
        Assert.Empty(await bench.Edge.NamesAsync(EdgeLayout.Credentials));
        Assert.Single(bench.Edge.Service.Keys);
        await bench.First.Topology.RunOnceAsync();
        Assert.Contains(
            "not the pinned one", (await bench.First.Synchronizer.StartAsync(new SyncStart()))[0].FailureDetails, StringComparison.Ordinal);

        await bench.First.Subscriptions.ImportAsync(await bench.Edge.ExportAsync(force: true), RotationBench.Site, bench.Edge.Address);
        await bench.RoundAsync();
        await bench.RoundAsync();
        await bench.CyclesSucceedAsync();
    }
}

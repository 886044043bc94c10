using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Rotation;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Rotation;

public sealed class HubRotationTests
{
    [Fact]
    public async Task Hub_changes_over_when_every_edge_shows_the_next_certificate_and_not_before()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        RotationBench.Hub hub = bench.Second;
        string old = RotationBench.Pin(hub.Identity.Certificate);
        CertificateState state = await hub.Topology.Certificates.RenewAsync(given: null, algorithm: null);
        string next = RotationBench.Pin(state.Next);
        Assert.Equal("edge1", Assert.Single(state.WaitsFor).Peer);

        await hub.Topology.RunOnceAsync();
        Assert.Contains("does not know the next certificate yet", Assert.Single((await hub.Topology.Certificates.StateAsync()).WaitsFor).Reason, StringComparison.Ordinal);
        Assert.Equal(old, RotationBench.Pin(hub.Identity.Certificate));
        await bench.First.Topology.RunOnceAsync(); // brings it
        await hub.Topology.RunOnceAsync();
        Assert.Contains("for mail", Assert.Single((await hub.Topology.Certificates.StateAsync()).WaitsFor).Reason, StringComparison.Ordinal);
        await bench.CyclesSucceedAsync(); // brings it with the servers
        await hub.Topology.RunOnceAsync();
        Assert.Equal((next, old), (RotationBench.Pin(hub.Identity.Certificate), RotationBench.Pin(hub.Identity.Rotation.Certificates.Previous)));

        HubServer entry = (await hub.Servers.FindAsync("HUB2"))!;
        Assert.Equal((next, "-", old), (RotationBench.Pin(entry.Certificate!.Value), RotationBench.Pin(entry.Next), RotationBench.Pin(entry.Previous)));
        Assert.All(entry.Credentials, one => Assert.Equal(next, one.Record!.CertificateSha256));
        await bench.CyclesSucceedAsync();
        await bench.RoundAsync();
        Assert.Equal([old, next], (await TrustedAsync(bench)).Order(StringComparer.Ordinal).OrderBy(pin => pin == next));
    }

    [Theory]
    [InlineData(KeyAlgorithm.Rsa2048)]
    [InlineData(KeyAlgorithm.EcdsaP384)]
    public async Task Another_kind_of_key_comes_the_same_way(KeyAlgorithm algorithm)
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        string next = RotationBench.Pin((await bench.First.Topology.Certificates.RenewAsync(given: null, algorithm)).Next);
        await bench.UntilAsync(() => Task.FromResult(RotationBench.Pin(bench.First.Identity.Certificate) == next));
        bench.First.Restart();
        await bench.RoundAsync();
        await bench.CyclesSucceedAsync();
        Assert.Equal(algorithm, CertificateKeys.AlgorithmOf(bench.First.Identity.Certificate));
    }

    [Fact]
    public async Task Certificate_of_an_authority_comes_the_same_way()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        using Certs authority = Certs.Create();
        using X509Certificate2 issued = authority.IssueServer("hub1.example.com");
        await bench.First.Topology.Certificates.RenewAsync(issued, algorithm: null);
        await bench.UntilAsync(() => Task.FromResult(RotationBench.Pin(bench.First.Identity.Certificate) == RotationBench.Pin(issued)));
        await bench.RoundAsync();
        await bench.CyclesSucceedAsync();
    }

    [Fact]
    public async Task Everything_dies_after_every_look_and_no_cycle_fails()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        string next = RotationBench.Pin((await bench.First.Topology.Certificates.RenewAsync(given: null, algorithm: null)).Next);
        await bench.UntilAsync(() => Task.FromResult(RotationBench.Pin(bench.First.Identity.Certificate) == next), async () =>
        {
            bench.First.Restart();
            bench.Second.Restart();
            await bench.RestartEdgeAsync();
        });
    }

    /// <summary>Slots, then the entry, then the records. The hub dies between.</summary>
    [Fact]
    public async Task Hub_that_dies_between_its_files_and_its_entry_goes_on()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        RotationBench.Hub hub = bench.First;
        string next = RotationBench.Pin(hub.Identity.Rotation.Renew(kind: null));
        hub.Restart();
        await bench.RoundAsync();
        await bench.CyclesSucceedAsync();
        Assert.Contains(next, await TrustedAsync(bench, "HUB1"));

        hub.Identity.Rotation.Take(NodeStep.Switch); // the edge shows it; the entry and the records say the old one still
        hub.Restart();
        await bench.CyclesSucceedAsync();
        await bench.RoundAsync();
        HubServer entry = (await hub.Servers.FindAsync("HUB1"))!;
        Assert.Equal(next, RotationBench.Pin(entry.Certificate!.Value));
        Assert.All(entry.Credentials, one => Assert.Equal(next, one.Record!.CertificateSha256));
        await bench.CyclesSucceedAsync();
    }

    [Fact]
    public async Task Previous_certificate_goes_after_a_week_here_and_there()
    {
        ManualTimeProvider time = new();
        await using RotationBench bench = await RotationBench.StartAsync(time);
        string next = RotationBench.Pin((await bench.First.Topology.Certificates.RenewAsync(given: null, algorithm: null)).Next);
        await bench.UntilAsync(() => Task.FromResult(RotationBench.Pin(bench.First.Identity.Certificate) == next));
        for (int day = 0; day < 8; day++)
        {
            time.Advance(TimeSpan.FromDays(1));
            await bench.RoundAsync();
            await bench.CyclesSucceedAsync();
        }

        Assert.Single(bench.First.Identity.Keys);
        Assert.Equal([next], await TrustedAsync(bench, "HUB1"));
    }

    [Fact]
    public async Task Edge_that_is_out_of_reach_holds_the_change_and_stops_nothing()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        string old = RotationBench.Pin(bench.First.Identity.Certificate);
        await bench.First.Topology.Certificates.RenewAsync(given: null, algorithm: null);
        await bench.Edge.StopListeningAsync();
        await bench.First.Topology.RunOnceAsync();
        await bench.First.Topology.RunOnceAsync();
        Assert.Equal(old, RotationBench.Pin(bench.First.Identity.Certificate));
        Assert.Equal("edge1", Assert.Single((await bench.First.Topology.Certificates.StateAsync()).WaitsFor).Peer);
        await bench.Edge.ListenAsync();
        await bench.UntilAsync(() => Task.FromResult(RotationBench.Pin(bench.First.Identity.Certificate) != old));
    }

    [Fact]
    public async Task Revoked_certificate_opens_nothing_and_lets_nobody_in()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        using X509Certificate2 stolen = Copy(bench.First.Identity.Certificate);
        HubServer before = (await bench.First.Servers.FindAsync("HUB1"))!;
        string[] accounts = await AccountsAsync(bench);
        CertificateRevocation done = await bench.First.Topology.Certificates.RevokeAsync(given: null);
        Assert.Empty(done.Pairs);
        Assert.Equal([RotationBench.Pin(bench.First.Identity.Certificate)], await TrustedAsync(bench, "HUB1"));
        Assert.Single(bench.First.Identity.Keys);

        // What the thief opens is of no use any more, and what came after he cannot open.
        await bench.Edge.Credentials.LookAsync();
        string[] now = await AccountsAsync(bench);
        Assert.NotEqual(accounts, now);
        CredentialRecord old = before.For("edge1", CredentialKind.Replication).Single();
        Assert.NotEmpty(old.Open([stolen]));
        Assert.DoesNotContain(old.UserName, now);
        HubServer after = (await bench.First.Servers.FindAsync("HUB1"))!;
        Assert.All(after.Credentials, one => Assert.False(one.Record!.IsSealedFor(stolen)));
        Assert.Equal("-", RotationBench.Pin(after.Previous));

        await bench.CyclesSucceedAsync();
        await bench.RoundAsync();
        await bench.CyclesSucceedAsync();
        Assert.Equal([RotationBench.Pin(bench.First.Identity.Certificate)], await TrustedAsync(bench, "HUB1"));
    }

    [Fact]
    public async Task Revocation_names_the_edges_that_it_did_not_reach()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        await bench.Edge.StopListeningAsync();
        CertificateRevocation done = await bench.First.Topology.Certificates.RevokeAsync(given: null);
        BrokenPair pair = Assert.Single(done.Pairs);
        Assert.Equal(("edge1", "HUB1"), (pair.Edge, pair.Hub));
        await bench.Edge.ListenAsync();
        bench.First.Restart();
        await bench.CyclesSucceedAsync();
        await bench.RoundAsync();
        Assert.Equal([RotationBench.Pin(bench.First.Identity.Certificate)], await TrustedAsync(bench, "HUB1"));
    }

    private static X509Certificate2 Copy(X509Certificate2 certificate) =>
        X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);

    private static async Task<string[]> AccountsAsync(RotationBench bench) =>
        [.. (await bench.Edge.NamesAsync(EdgeLayout.Accounts)).Where(name => name.Contains("HUB1", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static async Task<string[]> TrustedAsync(RotationBench bench, string hub = "HUB2") =>
        await bench.Edge.FindAsync(HubTrustEntry.Dn(hub)) is { } entry ? [.. HubTrustEntry.Read(entry).Select(RotationBench.Pin)] : [];
}

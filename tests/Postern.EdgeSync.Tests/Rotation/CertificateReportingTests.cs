using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Rotation;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Rotation;

/// <summary>What an edge says of its certificates reaches every hub, over real LDAPS and with the rights that each has.</summary>
public sealed class CertificateReportingTests
{
    [Fact]
    public async Task Report_of_an_edge_stands_with_its_subscription_and_that_of_a_hub_in_its_entry()
    {
        ManualTimeProvider clock = new(TimeProvider.System.GetUtcNow());
        await using RotationBench bench = await RotationBench.StartAsync();
        string name = "CN=one";
        int taken = 0;
        CertificateReport Take()
        {
            taken++;
            return Report(name, clock.GetUtcNow());
        }

        CertificateReporting edge = CertificateReporting.OfEdge(bench.Edge.Engine.As(Principal.System), Take, clock, NullLoggerFactory.Instance);
        CertificateReporting hub = CertificateReporting.OfHub(bench.Organization, bench.First.Name, () => Report("CN=hub", clock.GetUtcNow()), clock, NullLoggerFactory.Instance);
        Assert.All(await hub.ListAsync(default), one => Assert.Null(one.Report));

        await edge.PublishAsync(default);
        await hub.PublishAsync(default);
        await using LdapConnection session = await bench.First.Subscriptions.OpenAsync(await bench.SubscriptionAsync(), default);
        await hub.CarryAsync(session, "edge1", default);

        IReadOnlyList<ReportingNode> nodes = await hub.ListAsync(default);
        Assert.Equal([("HUB1", false, "CN=hub"), ("HUB2", false, null), ("edge1", true, "CN=one")], nodes.Select(one => (one.Name, one.IsEdge, NameIn(one))).OrderBy(one => one.IsEdge));

        // Not looked at again at once; after that, news are carried, and the same is not written again for hours.
        name = "CN=two";
        await edge.PublishAsync(default);
        Assert.Equal(1, taken);
        clock.Advance(CertificateReporting.Interval);
        await edge.PublishAsync(default);
        await hub.CarryAsync(session, "edge1", default);
        Assert.Equal("CN=two", NameIn((await hub.ListAsync(default)).Single(one => one.IsEdge)));
        DateTimeOffset written = TimeOf((await hub.ListAsync(default)).Single(one => one.IsEdge));
        clock.Advance(CertificateReporting.Interval);
        await edge.PublishAsync(default);
        await hub.CarryAsync(session, "edge1", default);
        Assert.Equal(written, TimeOf((await hub.ListAsync(default)).Single(one => one.IsEdge)));
        clock.Advance(CertificateReporting.Refresh);
        await edge.PublishAsync(default);
        await hub.CarryAsync(session, "edge1", default);
        Assert.Equal(clock.GetUtcNow(), TimeOf((await hub.ListAsync(default)).Single(one => one.IsEdge)));
    }

    [Fact]
    public async Task Hub_cannot_write_the_report_of_an_edge_and_what_is_no_report_is_not_kept()
    {
        await using RotationBench bench = await RotationBench.StartAsync();
        await using LdapConnection session = await bench.First.Subscriptions.OpenAsync(await bench.SubscriptionAsync(), default);
        ModifyRequest forged = new(EdgeLayout.Subscription, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.CertificateReport, "{}")));

        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await session.ModifyAsync(forged, default)).Code);

        (await bench.Edge.Engine.As(Principal.System).ModifyAsync(forged, default)).ThrowIfFailed("write");
        CertificateReporting hub = CertificateReporting.OfHub(bench.Organization, bench.First.Name, () => Report("CN=hub", default), TimeProvider.System, NullLoggerFactory.Instance);
        await hub.CarryAsync(session, "edge1", default);
        Assert.All(await hub.ListAsync(default), one => Assert.Null(one.Report));
    }

    private static string? NameIn(ReportingNode node) => node.Report is { } octets ? CertificateReport.TryRead(octets.Span)!.Certificates[0].Name : null;

    private static DateTimeOffset TimeOf(ReportingNode node) => CertificateReport.TryRead(node.Report!.Value.Span)!.TakenUtc;

    private static CertificateReport Report(string name, DateTimeOffset taken) => new(
        CertificateReport.CurrentVersion, taken, [new WatchedCertificate(WatchedKind.Service, name, "AA", "bb", "CN=CA", ["smtp"], null, null, CertificateStatus.Valid, null)], 0);
}

using Postern.Certificates;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Rotation;

namespace Postern.Operations.Certificates;

/// <summary>What a hub knows of the certificates of all nodes.</summary>
/// <param name="name">Of this hub.</param>
public sealed class HubCertificateWatch(string name, CertificateReporting reporting, HubServers servers, HubIdentity hub)
{
    public async Task<NodeReportList> ListAsync(CancellationToken cancellationToken) => await Failures.TranslateAsync(async () => new NodeReportList(name, await NodesAsync(cancellationToken)));

    public async Task<IReadOnlyList<NodeReport>> NodesAsync(CancellationToken cancellationToken) =>
        [.. (await reporting.ListAsync(cancellationToken)).Select(one => new NodeReport(one.Name, one.IsEdge ? "edge" : "hub", one.Report?.ToArray()))];

    public async Task<OwnPublication> PublicationAsync(CancellationToken cancellationToken)
    {
        HubServer? self = await servers.FindAsync(name, cancellationToken);
        return new OwnPublication(
            CertificatePin.Of(hub.Certificate).ToString(), self?.Certificate is { } published ? CertificatePin.Of(published.Span).ToString() : null, CertificateKeys.CanSeal(hub.Certificate));
    }
}

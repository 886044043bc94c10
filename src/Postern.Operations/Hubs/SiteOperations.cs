using Postern.Certificates;
using Postern.EdgeSync.Enrolment;

namespace Postern.Operations.Hubs;

/// <summary>The verbs about the hubs of an organization.</summary>
/// <param name="self">The name of the hub that answers.</param>
public sealed class SiteOperations(string self, HubServers servers, HubTopology topology)
{
    public Task<HubList> ListAsync(CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => new HubList([.. (await servers.ListAsync(cancellationToken)).Select(View)]));

    /// <summary>Takes a hub out of the organization; its accounts on the edges end as soon as the hub that synchronizes them looks.</summary>
    public Task<HubView> RemoveAsync(NamedHub request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            if (string.Equals(request.Name, self, StringComparison.OrdinalIgnoreCase))
            {
                throw new OperationException(
                    FailureCategory.Conflict, "hubIsRunning", $"hub {self} is this one, and it runs",
                    "stop it and use this on another hub; a hub that has no other can simply be stopped");
            }

            if (await servers.FindAsync(request.Name, cancellationToken) is not { } server || !await servers.RemoveAsync(request.Name, cancellationToken))
            {
                throw new OperationException(FailureCategory.NotFound, "noSuchHub", $"there is no hub {request.Name}", "`postern hub list` shows those that there are");
            }

            topology.Ring();
            return View(server);
        });

    private HubView View(HubServer one) => new(
        one.Name, one.Fqdn, one.Site, one.Version, string.Equals(one.Name, self, StringComparison.OrdinalIgnoreCase),
        one.Certificate is { } der ? CertificatePin.Of(der.Span).ToString() : null, one.Edges);
}

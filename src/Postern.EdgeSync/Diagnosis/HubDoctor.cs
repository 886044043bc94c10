using Postern.Certificates;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>Walks everything that a hub depends on, from the inside out: its directory, its certificate, its sources, then each edge.
/// Changes nothing that a cycle would not change too.</summary>
/// <param name="identity">Null: the hub takes no part in enrolment (tests).</param>
public sealed class HubDoctor(
    HubSubscriptions subscriptions, HubSynchronizer synchronizer, IDirectory organization, HubServers servers, HubIdentity? identity, HubSettings settings, TimeProvider time)
{
    /// <summary>For the first answer of a source. Ours.</summary>
    private static readonly TimeSpan SourcePatience = TimeSpan.FromSeconds(30);

    /// <summary>For a name, a port, a handshake: as long as a session is given in all. Default 15 s.</summary>
    public TimeSpan StepPatience { get; init; } = TimeSpan.FromSeconds(15);

    /// <param name="edge">Null: all.</param>
    /// <exception cref="SubscriptionException">The edge asked for is not subscribed.</exception>
    public async Task<IReadOnlyList<Finding>> RunAsync(string? edge, CancellationToken cancellationToken = default)
    {
        List<Finding> findings = [];
        EdgeOwner? owner;
        IReadOnlyList<HubSubscription> edges;
        try
        {
            edges = await subscriptions.SelectAsync(edge, cancellationToken);
            owner = await EdgeOwner.OfAsync(organization, settings.Site, cancellationToken);
            findings.Add(Finding.Good("organization", "", settings.Organization is { } shared ? $"{string.Join(", ", shared.Urls)} answers" : "this hub's own, it answers"));
        }
        catch (LdapException e)
        {
            findings.Add(Finding.Failed("organization", "", FindingCodes.OrganizationUnreachable, e.Message));
            findings.AddRange(await Task.WhenAll(synchronizer.SourcesOf(SyncType.Recipients).Select(source => ExamineAsync(source, cancellationToken))));
            return findings;
        }

        findings.AddRange(await ExamineIdentityAsync(cancellationToken));
        findings.AddRange(await Task.WhenAll(synchronizer.SourcesOf(SyncType.Recipients).Select(source => ExamineAsync(source, cancellationToken))));
        if (edges.Count == 0)
        {
            findings.Add(Finding.Warning("subscription", "", FindingCodes.NotSubscribed, "this hub's site has no edge"));
        }

        foreach (IReadOnlyList<Finding> one in await Task.WhenAll(edges.Select(each => ExamineAsync(each, owner, cancellationToken))))
        {
            findings.AddRange(one);
        }

        return findings;
    }

    private Task<IReadOnlyList<Finding>> ExamineAsync(HubSubscription edge, EdgeOwner? owner, CancellationToken cancellationToken) =>
        new EdgeExamination(
            edge,
            subscriptions,
            (connection, cancellation) => new SessionExamination(
                edge.Name, connection, owner, type => type == SyncType.Configuration ? settings.ConfigurationSyncInterval : settings.RecipientSyncInterval,
                synchronizer.LastResults, time).RunAsync(cancellation),
            StepPatience,
            time).RunAsync(cancellationToken);

    /// <summary>What the others know this hub by is what it has.</summary>
    private async Task<IReadOnlyList<Finding>> ExamineIdentityAsync(CancellationToken cancellationToken)
    {
        if (identity is null)
        {
            return [];
        }

        List<Finding> findings = [CertificateDates.Judge("", identity.Certificate, own: true, time.GetUtcNow())];
        HubServer? self = await servers.FindAsync(identity.Name, cancellationToken);
        CertificatePin own = CertificatePin.Of(identity.Certificate);
        findings.Add(self switch
        {
            null => Finding.Failed("published", "", FindingCodes.CertificateNotPublished, $"the organization directory has no hub {identity.Name}"),
            { Certificate: null } => Finding.Failed("published", "", FindingCodes.KeyNotUsable, $"the certificate of hub {identity.Name} in the organization directory is none that credentials can be sealed for"),
            { Certificate: { } der } when !CertificatePin.Of(der.Span).Equals(own) => Finding.Failed(
                "published", "", FindingCodes.OtherCertificatePublished, $"published: sha256:{CertificatePin.Of(der.Span)}; in use: sha256:{own}"),
            _ => Finding.Good("published", "", $"hub {identity.Name} of site {self.Site}, credentials for {(self.Edges.Count == 0 ? "no edge" : string.Join(", ", self.Edges))}"),
        });
        return findings;
    }

    private static async Task<Finding> ExamineAsync(ISource source, CancellationToken cancellationToken)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(SourcePatience);
        try
        {
            await using ISourceReading reading = await source.OpenAsync(since: null, patience.Token);
            return Finding.Good("source", source.Name, "it answers");
        }
        catch (SourceException e)
        {
            return Finding.Failed("source", source.Name, FindingCodes.SourceUnreachable, $"{e.Cause}. {e.Hint}");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.Failed("source", source.Name, FindingCodes.SourceUnreachable, $"no answer within {SourcePatience.TotalSeconds:0} s");
        }
    }
}

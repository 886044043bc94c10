using Postern.Certificates;
using Postern.Transport.Selection;

namespace Postern.Operations.Certificates;

/// <summary>The verb that judges certificates: what one is worth, which one a connector shows, what ends soon. On the files of a node.</summary>
public sealed class CertificateChecks(CertificatePlace place, TimeProvider time)
{
    private readonly LocalCertificateStore _store = place.Open(time);

    public CertificateReport Inventory(RevocationCheck revocation = RevocationCheck.Offline) =>
        new CertificateInventory(_store, place.Trust, place.NodeCertificates, time).Take(revocation);

    /// <param name="identity">As of <see cref="LocalCertificateStore.Find"/>.</param>
    /// <param name="names">That it shall stand for.</param>
    public CertificateExaminationView Examine(string identity, IReadOnlyList<string> names, RevocationCheck revocation, ExpiryThresholds thresholds)
    {
        StoredCertificate stored = _store.Find(identity);
        CertificateExamination found = Examiner().Examine(stored, new ExaminationOptions(revocation) { Names = names });
        CertificateVerdict? verdict = Inventory(RevocationCheck.None).Certificates.FirstOrDefault(one => one.Kind == WatchedKind.Service && one.Sha256 == stored.Sha256) is { } watched
            ? CertificateVerdict.Of(watched with { Status = found.Status, Reason = found.Reason }, thresholds, time.GetUtcNow()) : null;
        return new CertificateExaminationView(
            stored.Thumbprint, stored.Sha256, stored.Certificate?.Subject ?? "", Words.CamelCase(found.Status), found.Reason, Words.CamelCase(found.RootCaType),
            [.. found.Links.Select(one => new CertificateLinkView(
                one.Certificate.Subject, CertificatePin.Of(one.Certificate).ToString(), Words.CamelCase(one.Origin),
                new DateTimeOffset(one.Certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(one.Certificate.NotAfter.ToUniversalTime())))],
            [.. found.Problems.Select(one => $"{Words.CamelCase(one.Status)}: {one.Text}")], found.Notes, Words.CamelCase(verdict?.Level ?? WatchLevel.Ok), verdict?.Text);
    }

    /// <param name="kind">send or receive; null: a name was asked for.</param>
    /// <param name="serverFqdn">For connectors without a name.</param>
    public CertificateSelectionView Explain(CertificateWanted wanted, string? kind, string serverFqdn)
    {
        CertificateSelection found = new ConnectorCertificateSelection(serverFqdn, time).Explain(wanted, Candidates());
        return new CertificateSelectionView(
            wanted.Name, kind, found.Wanted, Words.CamelCase(found.Outcome), EventOf(found.Outcome), found.Chosen?.Thumbprint, found.Chosen?.Certificate.Subject, found.Chosen?.NotAfter, found.Steps,
            [.. found.Rejected.Select(one => new RejectedCertificateView(one.Candidate.Thumbprint, one.Candidate.Certificate.Subject, one.Reason))]);
    }

    /// <summary>What connectors may choose from.</summary>
    public IReadOnlyList<SelectionCandidate> Candidates()
    {
        CertificateExaminer examiner = Examiner();
        return [.. _store.All().Where(one => one.Certificate is not null).Select(one => new SelectionCandidate(one.Certificate!, one.HasPrivateKey, one.Metadata.Services, examiner.Examine(one)))];
    }

    private CertificateExaminer Examiner() => new(TrustFolder.Read(place.Trust), time);

    private static int? EventOf(SelectionOutcome outcome) => outcome switch
    {
        SelectionOutcome.NoneFound => 12014,
        SelectionOutcome.Expired => 12016,
        _ => null,
    };
}

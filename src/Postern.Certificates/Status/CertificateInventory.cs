using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Everything of a node that ends one day: the certificates of its store, its own, and what lies in its trust folder.</summary>
/// <param name="trustFolder">See <see cref="TrustFolder"/>.</param>
/// <param name="own">Folders and names of the node's own certificates.</param>
public sealed class CertificateInventory(LocalCertificateStore store, string trustFolder, IReadOnlyList<(string Folder, string Name, MailServices Services)> own, TimeProvider time)
{
    /// <summary>Characters of a name or a reason in a report; longer ones are cut. Ours.</summary>
    public const int MaxText = 400;

    /// <param name="revocation">Of the certificates of the store.</param>
    public CertificateReport Take(RevocationCheck revocation = RevocationCheck.Offline)
    {
        TrustFolder trust = TrustFolder.Read(trustFolder);
        CertificateExaminer examiner = new(trust, time);
        IReadOnlyList<StoredCertificate> sets = store.All(out IReadOnlyList<CertificateStoreException> damaged);
        WatchedCertificate[] all =
        [
            .. own.SelectMany(node => Own(examiner, node)),
            .. sets.Where(one => !one.IsPending).Select(one => Of(one, examiner.Examine(one, new ExaminationOptions(revocation)))),
            .. damaged.Select(one => Fault(one.Message)), .. trust.Faults.Select(Fault),
            .. trust.OwnRoots.Concat(trust.Intermediates).Select(one => OfIssuer(one, examiner)),
            .. trust.Lists.Select(one => OfList(one, time.GetUtcNow())),
        ];
        WatchedCertificate[] kept = [.. all.OrderBy(one => one.IsInUse ? 0 : 1).Take(CertificateReport.MaxCertificates)];
        return new CertificateReport(CertificateReport.CurrentVersion, time.GetUtcNow(), kept, all.Length - kept.Length);
    }

    /// <summary>The current one: the previous one has done its work, and the next one is watched when it is in use.</summary>
    private static WatchedCertificate[] Own(CertificateExaminer examiner, (string Folder, string Name, MailServices Services) node)
    {
        try
        {
            return StoredPublicCertificate.Read(node.Folder, node.Name) is { } one
                ? [Of(WatchedKind.Node, one, node.Services, examiner.Examine(one, [], new ExaminationOptions { IsPinned = true }))] : [];
        }
        catch (PrivateFileException e)
        {
            return [Fault(e.Message) with { Services = MailServicesText.ToWords(node.Services) }];
        }
    }

    private static WatchedCertificate Of(StoredCertificate one, CertificateExamination found) => Of(WatchedKind.Service, one.Certificate!, one.Metadata.Services, found);

    /// <summary>Pinned, as it were: who put it there trusts it.</summary>
    private static WatchedCertificate OfIssuer(X509Certificate2 one, CertificateExaminer examiner) =>
        Of(WatchedKind.Issuer, one, MailServices.None, examiner.Examine(one, [], new ExaminationOptions { IsPinned = true }));

    private static WatchedCertificate Of(WatchedKind kind, X509Certificate2 one, MailServices services, CertificateExamination found)
    {
        // Roots end without being sent: who has them decides. The others go with the certificate.
        DateTimeOffset ends = found.Links.Where(link => !ChainPaths.IsRoot(link)).Select(link => End(link.Certificate)).Append(End(one)).Min();
        return new WatchedCertificate(
            kind, Cut(one.Subject), one.Thumbprint, CertificatePin.Of(one).ToString(), Cut(one.Issuer), MailServicesText.ToWords(services), new DateTimeOffset(one.NotBefore.ToUniversalTime()), ends,
            found.Status, found.Reason is { } reason ? Cut(reason) : null)
        {
            IsSelfSigned = CertificateKeys.IsSelfIssued(one),
        };
    }

    private static WatchedCertificate OfList(RevocationList one, DateTimeOffset now) => new(
        WatchedKind.RevocationList, Cut($"{one.Issuer.Name} ({Path.GetFileName(one.File)})"), null, null, Cut(one.Issuer.Name), [], one.ThisUpdate, one.NextUpdate,
        one.NextUpdate < now ? CertificateStatus.Expired : CertificateStatus.Valid, one.Unusable);

    private static WatchedCertificate Fault(string text) => new(WatchedKind.Fault, Cut(text), null, null, null, [], null, null, CertificateStatus.Untrusted, null);

    private static DateTimeOffset End(X509Certificate2 one) => new(one.NotAfter.ToUniversalTime());

    private static string Cut(string text) => text.Length <= MaxText ? text : text[..MaxText];
}

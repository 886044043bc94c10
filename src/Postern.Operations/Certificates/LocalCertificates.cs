using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.Operations.Certificates;

/// <summary>The verbs that look at the certificates of a node and take them away. They work on its files: a daemon may run on them or not.</summary>
public sealed class LocalCertificates(CertificatePlace place, TimeProvider time)
{
    private readonly CertificateDetails _details = new(place, time);
    private readonly LocalCertificateStore _store = place.Open(time);

    /// <param name="domain">Only those that are for this name, the best first: issued by others before self-signed, then the newest (fact
    /// sheet 7.2, 7.5). Null: all.</param>
    /// <param name="services">Only those that are bound to one of these.</param>
    public CertificateList List(string? domain, MailServices services)
    {
        IReadOnlyList<StoredCertificate> all = _store.All(out IReadOnlyList<CertificateStoreException> damaged);
        IEnumerable<(X509Certificate2? Certificate, CertificateDetail Detail)> wanted =
            [.. _details.OfNode(), .. all.Select(one => (one.Certificate, _details.Of(one)))];
        if (services != MailServices.None)
        {
            IReadOnlyList<string> words = MailServicesText.ToWords(services);
            wanted = wanted.Where(one => one.Detail.Services.Any(words.Contains));
        }

        if (domain is not null)
        {
            wanted = wanted.Where(one => one.Certificate is { } certificate && CertificateExaminer.Covers(certificate, domain))
                .OrderBy(one => one.Detail.IsSelfSigned).ThenByDescending(one => one.Detail.NotBefore);
        }

        return new CertificateList([.. wanted.Select(one => one.Detail)], [.. damaged.Select(one => one.Message)]);
    }

    /// <param name="identity">As <see cref="LocalCertificateStore.Find"/> takes it; the node's own certificates are found, too.</param>
    public CertificateDetail Show(string identity)
    {
        try
        {
            return _details.Of(_store.Find(identity));
        }
        catch (CertificateStoreException e) when (e.Code == "notFound" && _details.OfNode() is var own
            && own.Where(one => LocalCertificateStore.Fits(identity, one.Detail.Thumbprint, one.Detail.Sha256)).ToArray() is [(_, var found)])
        {
            return found;
        }
    }

    /// <summary>Refuses one that is in use.</summary>
    public async Task<CertificateRemoved> RemoveAsync(string identity, CancellationToken cancellationToken)
    {
        using (await _store.LockAsync(cancellationToken))
        {
            StoredCertificate stored = _store.Find(identity);
            if (stored.Metadata.Services != MailServices.None)
            {
                string services = string.Join(",", MailServicesText.ToWords(stored.Metadata.Services));
                throw new OperationException(FailureCategory.Conflict, "inUse", $"{stored.Thumbprint} ('{stored.Certificate?.Subject}') is bound to {services}",
                    $"bind another one to it first (`postern certificate enable THUMBPRINT --services {services}`), or take this one away from it (`postern certificate disable {stored.Thumbprint} --services {services}`)");
            }

            string subject = _details.Of(stored).Subject;
            _store.Remove(stored);
            return new CertificateRemoved(stored.Thumbprint, subject);
        }
    }
}

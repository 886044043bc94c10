using Postern.Certificates;

namespace Postern.Operations.Certificates;

/// <summary>Takes in what ACME clients renew: a new certificate of a lineage takes over the services of the one before, which is bound to nothing
/// then. What cannot be bound stays in the store and is tried again; the one before goes on.</summary>
public sealed class AcmeWatch(CertificatePlace place, CertificateServices services, TimeProvider time)
{
    /// <summary>Files that do not fit together for so long are no renewal in progress. Ours.</summary>
    public static readonly TimeSpan LongestWriting = TimeSpan.FromMinutes(10);

    /// <summary>A predecessor that expired so long ago is removed with its key. Ours.</summary>
    public static readonly TimeSpan KeepExpired = TimeSpan.FromDays(30);

    private readonly LocalCertificateStore _store = place.Open(time);

    private WatchedFolders Folders => new(_store);

    public async Task<WatchList> AddAsync(string folder, CancellationToken cancellationToken)
    {
        if (!System.IO.Directory.Exists(folder))
        {
            throw new OperationException(FailureCategory.NotFound, "fileNotFound", $"there is no folder {folder}", "give the folder of certbot (/etc/letsencrypt) or lego (.lego)");
        }

        using (await _store.LockAsync(cancellationToken))
        {
            Folders.Add(folder);
        }

        return List();
    }

    public async Task<WatchList> RemoveAsync(string folder, CancellationToken cancellationToken)
    {
        using (await _store.LockAsync(cancellationToken))
        {
            Folders.Remove(folder);
        }

        return List();
    }

    public WatchList List()
    {
        IReadOnlyList<StoredCertificate> all = _store.All();
        return new WatchList([.. Folders.All().Select(folder =>
        {
            IReadOnlyList<AcmeLineage> lineages = Lineages(folder, out string? problem);
            return new WatchedFolderView(folder, problem, [.. lineages.Select(one => View(one, all))]);
        })]);
    }

    /// <summary>Whether a look would find something to do; cheap enough for every minute.</summary>
    public bool IsSomethingNew()
    {
        IReadOnlyList<StoredCertificate> all = _store.All();
        return Folders.All().SelectMany(folder => Lineages(folder, out _)).Any(one => !View(one, all).IsCurrent);
    }

    /// <summary>What the folders have now: the same text means the same certificates.</summary>
    public string Signature() => string.Join('\n', Folders.All().SelectMany(folder => Lineages(folder, out _)).Select(one => $"{one.Path} {AcmeReading.Glance(one)} {LastWritten(one):O}"));

    public async Task<WatchRun> RunAsync(CancellationToken cancellationToken)
    {
        List<WatchedRenewal> renewals = [];
        foreach (string folder in Folders.All())
        {
            IReadOnlyList<AcmeLineage> lineages = Lineages(folder, out string? problem);
            foreach (AcmeLineage lineage in lineages)
            {
                renewals.Add(await TakeAsync(lineage, cancellationToken));
            }

            if (problem is not null)
            {
                renewals.Add(new WatchedRenewal(folder, "failed", null, problem, null));
            }
        }

        return new WatchRun(renewals, await RemoveExpiredAsync(cancellationToken));
    }

    private static IReadOnlyList<AcmeLineage> Lineages(string folder, out string? problem)
    {
        try
        {
            problem = null;
            return AcmeLineage.In(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
            return [];
        }
    }

    private static WatchedLineageView View(AcmeLineage lineage, IReadOnlyList<StoredCertificate> all)
    {
        string? newest = AcmeReading.Glance(lineage);
        StoredCertificate? stored = all.FirstOrDefault(one => one.Sha256 == newest);
        StoredCertificate? shown = stored ?? Taken(lineage, all).MaxBy(one => one.Certificate!.NotBefore);
        return new WatchedLineageView(lineage.Path, shown?.Thumbprint, shown is null ? null : new DateTimeOffset(shown.Certificate!.NotAfter.ToUniversalTime()),
            MailServicesText.ToWords(shown?.Metadata.Services ?? MailServices.None), stored is { HasPrivateKey: true, Metadata.WatchedAs: not null } && Predecessor(lineage, stored, all) is null);
    }

    private static IEnumerable<StoredCertificate> Taken(AcmeLineage lineage, IReadOnlyList<StoredCertificate> all) =>
        all.Where(one => one.Certificate is not null && one.Metadata.WatchedAs == lineage.Path);

    /// <summary>The one of the same lineage that still serves. An administrator who went back to it on purpose is let be: the newer one has
    /// replaced it before.</summary>
    private static StoredCertificate? Predecessor(AcmeLineage lineage, StoredCertificate current, IReadOnlyList<StoredCertificate> all) => Taken(lineage, all)
        .Where(one => one.Sha256 != current.Sha256 && one.Metadata.Services != MailServices.None && current.Metadata.Replaces != one.Sha256
            && one.Certificate!.NotBefore <= current.Certificate!.NotBefore)
        .MaxBy(one => one.Certificate!.NotBefore);

    private static DateTimeOffset LastWritten(AcmeLineage lineage) => lineage.Files.Max(file => new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero));

    private async Task<WatchedRenewal> TakeAsync(AcmeLineage lineage, CancellationToken cancellationToken)
    {
        string? newest = AcmeReading.Glance(lineage);
        StoredCertificate? current = _store.All().FirstOrDefault(one => one.Sha256 == newest && one.HasPrivateKey);
        bool isNew = current?.Metadata.WatchedAs is null;
        try
        {
            if (current is null)
            {
                (CertificateBundle? bundle, string? waitsFor) = await AcmeReading.ReadAsync(lineage, time, cancellationToken);
                using (bundle)
                {
                    if (bundle is null)
                    {
                        bool isWriting = time.GetUtcNow() - LastWritten(lineage) < LongestWriting;
                        return new WatchedRenewal(lineage.Path, isWriting ? "waiting" : "failed", null, waitsFor, null);
                    }

                    current = await AddAsync(lineage, bundle, cancellationToken);
                }
            }
            else if (isNew)
            {
                using (await _store.LockAsync(cancellationToken))
                {
                    current = LocalCertificateStore.Update(current, current.Metadata with { WatchedAs = lineage.Path });
                }
            }

            if (Predecessor(lineage, current, _store.All()) is { } before)
            {
                CertificateBound bound = await services.TakeOverAsync(before.Sha256, current.Sha256, cancellationToken);
                return new WatchedRenewal(lineage.Path, "takenOver", current.Thumbprint, null, bound);
            }

            return new WatchedRenewal(lineage.Path, isNew ? "takenIn" : "unchanged", current.Thumbprint, null, null);
        }
        catch (Exception e) when (e is OperationException || Failures.From(e) is not null || e is IOException or UnauthorizedAccessException)
        {
            // One lineage stops no other.
            return new WatchedRenewal(lineage.Path, "failed", current?.Thumbprint, e.Message, null);
        }
    }

    private async Task<StoredCertificate> AddAsync(AcmeLineage lineage, CertificateBundle bundle, CancellationToken cancellationToken)
    {
        using (await _store.LockAsync(cancellationToken))
        {
            return _store.Add(bundle, new CertificateMetadata { Origin = CertificateOrigin.Watched, WatchedAs = lineage.Path, FriendlyName = Path.GetFileName(lineage.Path) is { Length: <= CertificateIssuing.MaxFriendlyName } name ? name : null });
        }
    }

    /// <summary>The client has them in its archive; a short life would fill the store in a few years.</summary>
    private async Task<IReadOnlyList<string>> RemoveExpiredAsync(CancellationToken cancellationToken)
    {
        DateTime limit = (time.GetUtcNow() - KeepExpired).UtcDateTime;
        bool IsOld(StoredCertificate one) => one is { Certificate: not null, Metadata: { Origin: CertificateOrigin.Watched, Services: MailServices.None } } && one.Certificate.NotAfter.ToUniversalTime() < limit;
        if (!_store.All().Any(IsOld))
        {
            return [];
        }

        List<string> removed = [];
        using (await _store.LockAsync(cancellationToken))
        {
            IReadOnlyList<StoredCertificate> all = _store.All();
            foreach (StoredCertificate old in all.Where(IsOld).Where(old => all.Any(one => one.Metadata.WatchedAs == old.Metadata.WatchedAs && one.Certificate?.NotBefore > old.Certificate!.NotBefore)))
            {
                _store.Remove(old);
                removed.Add(old.Thumbprint);
            }
        }

        return removed;
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Certificates;
using Postern.Transport.Services;

namespace Postern.Operations.Certificates;

/// <summary>The verbs that bind certificates to services and take them away again (fact sheet 7.4, 12 rows 22 and 25). What the store says
/// afterwards is what a client has seen; when a program does not serve it, nothing is changed.</summary>
/// <param name="announce">For ldaps and edgesync.</param>
public sealed class CertificateServices(CertificatePlace place, ServiceBinder binder, AnnounceCertificate announce, TimeProvider time)
{
    /// <summary>What the daemon binds, by announcing it to its peers.</summary>
    private const MailServices OfNode = MailServices.Ldaps | MailServices.EdgeSync;

    private readonly CertificateDetails _details = new(place, time);
    private readonly LocalCertificateStore _store = place.Open(time);

    /// <summary>Has the connectors that name the old certificate follow, and says what became of them; null: there are none here.</summary>
    public Func<X509Certificate2, X509Certificate2, CancellationToken, Task<IReadOnlyList<string>>>? Follow { get; init; }

    /// <summary>Whether binding this one would take the default for SMTP away from another one.</summary>
    public DefaultSmtpQuestion? Question(string identity, MailServices services)
    {
        StoredCertificate wanted = Usable(_store.Find(identity));
        return services.HasFlag(MailServices.Smtp) && DefaultOf(_store.All()) is { } current && current.Sha256 != wanted.Sha256
            ? new DefaultSmtpQuestion(_details.Of(current), _details.Of(wanted))
            : null;
    }

    /// <param name="asDefault">What SMTP clients see that ask for no name. Null: only where no other one is it.</param>
    public async Task<CertificateBound> EnableAsync(string identity, MailServices services, bool? asDefault, CancellationToken cancellationToken)
    {
        using (await _store.LockAsync(cancellationToken))
        {
            IReadOnlyList<StoredCertificate> all = _store.All();
            StoredCertificate wanted = Usable(_store.Find(identity));
            StoredCertificate? current = DefaultOf(all);
            bool takes = services.HasFlag(MailServices.Smtp) && (asDefault ?? (current is null || current.Sha256 == wanted.Sha256));
            Dictionary<string, CertificateMetadata> changes = new(StringComparer.Ordinal)
            {
                [wanted.Sha256] = wanted.Metadata with
                {
                    Services = wanted.Metadata.Services | services,
                    IsDefaultSmtp = takes || (wanted.Metadata.IsDefaultSmtp && !(services.HasFlag(MailServices.Smtp) && asDefault == false)),
                },
            };
            if (services.HasFlag(MailServices.Smtp) && current is not null && current.Sha256 != wanted.Sha256)
            {
                // The heir of a default that was taken away is not marked yet: without a mark the newest would be it.
                changes[current.Sha256] = current.Metadata with { IsDefaultSmtp = !takes };
            }

            foreach (StoredCertificate other in all.Where(one => one.Sha256 != wanted.Sha256 && (one.Metadata.Services & services & OfNode) != MailServices.None))
            {
                // A node has one certificate for these.
                CertificateMetadata metadata = changes.GetValueOrDefault(other.Sha256, other.Metadata);
                changes[other.Sha256] = metadata with { Services = metadata.Services & ~(services & OfNode) };
            }

            return await ChangeAsync(all, wanted, changes, services, cancellationToken);
        }
    }

    /// <summary>The certificate stays in the store; what other certificates there are serve instead, or what was there before Postern came.</summary>
    public async Task<CertificateBound> DisableAsync(string identity, MailServices services, CancellationToken cancellationToken)
    {
        using (await _store.LockAsync(cancellationToken))
        {
            StoredCertificate bound = _store.Find(identity);
            if ((services & OfNode) != MailServices.None && _details.OfNode().Select(one => one.Detail).FirstOrDefault(one => one.Sha256 == bound.Sha256 && one.Slot != "previous") is { } own)
            {
                throw new OperationException(FailureCategory.Conflict, "inUse", $"{bound.Thumbprint} is the {own.Slot} certificate by which hubs and edges know this node; there is always one",
                    "announce another one first: `postern certificate renew`, or `postern certificate enable THUMBPRINT --services edgesync`");
            }

            MailServices left = bound.Metadata.Services & ~services;
            Dictionary<string, CertificateMetadata> changes = new(StringComparer.Ordinal)
            {
                [bound.Sha256] = bound.Metadata with { Services = left, IsDefaultSmtp = bound.Metadata.IsDefaultSmtp && left.HasFlag(MailServices.Smtp) },
            };
            return await ChangeAsync(_store.All(), bound, changes, services & ~OfNode, cancellationToken);
        }
    }

    /// <summary>A renewed certificate takes over everything that the one before is bound to, which is bound to nothing then.</summary>
    public async Task<CertificateBound> TakeOverAsync(string before, string after, CancellationToken cancellationToken)
    {
        StoredCertificate old = _store.Find(before);
        StoredCertificate successor = _store.Find(after);
        CertificateBound bound = await TakeOverServicesAsync(before, after, cancellationToken);
        return Follow is not null && old.Certificate is { } previous && successor.Certificate is { } next
            ? bound with { Connectors = await Follow(previous, next, cancellationToken) }
            : bound;
    }

    private async Task<CertificateBound> TakeOverServicesAsync(string before, string after, CancellationToken cancellationToken)
    {
        using (await _store.LockAsync(cancellationToken))
        {
            StoredCertificate old = _store.Find(before);
            StoredCertificate successor = Usable(_store.Find(after));
            MailServices services = old.Metadata.Services;
            Dictionary<string, CertificateMetadata> changes = new(StringComparer.Ordinal)
            {
                [successor.Sha256] = successor.Metadata with
                {
                    Services = successor.Metadata.Services | services,
                    IsDefaultSmtp = successor.Metadata.IsDefaultSmtp || old.Metadata.IsDefaultSmtp,
                    Replaces = old.Sha256,
                },
                [old.Sha256] = old.Metadata with { Services = MailServices.None, IsDefaultSmtp = false },
            };
            return await ChangeAsync(_store.All(), successor, changes, services, cancellationToken);
        }
    }

    /// <summary>What SMTP clients see that ask for no name, marked as such or not.</summary>
    private StoredCertificate? DefaultOf(IReadOnlyList<StoredCertificate> all) => binder.Plan(all).Smtp?.Default;

    /// <exception cref="CertificateStoreException">It has no key here, or is a request.</exception>
    private static StoredCertificate Usable(StoredCertificate stored)
    {
        LocalCertificateStore.LoadWithKey(stored).Dispose();
        return stored;
    }

    private static ProgramView View(ServiceOutcome one) => new(one.Driver, Words.CamelCase(one.State), one.Steps);

    /// <summary>Programs first, then the node, then the store. The store is right even if the process dies between: it says the old binding,
    /// and the command can be given again.</summary>
    private async Task<CertificateBound> ChangeAsync(
        IReadOnlyList<StoredCertificate> all, StoredCertificate subject, Dictionary<string, CertificateMetadata> changes, MailServices touched, CancellationToken cancellationToken)
    {
        StoredCertificate[] store = [.. all.Select(one => changes.TryGetValue(one.Sha256, out CertificateMetadata? metadata) ? one with { Metadata = metadata } : one)];
        StoredCertificate after = store.First(one => one.Sha256 == subject.Sha256);
        BindingOutcome outcome = await binder.ApplyAsync(store, touched & ~OfNode, cancellationToken);
        if (outcome.Failure is { } failure)
        {
            throw Refused(outcome, failure);
        }

        List<ProgramView> programs = [.. outcome.Services.Select(View)];
        if ((touched & OfNode) != MailServices.None && after.Metadata.Services.HasFlag(touched & OfNode))
        {
            try
            {
                programs.Add(await AnnounceAsync(after, touched & OfNode, cancellationToken));
            }
            catch
            {
                // The services that were bound with it are as before, too.
                BindingOutcome back = await binder.ApplyAsync(all, touched & ~OfNode, CancellationToken.None);
                if (back.Failure is { } stuck)
                {
                    throw Refused(back, stuck);
                }

                throw;
            }
        }

        // The one that comes is bound before the one that goes is not.
        foreach (StoredCertificate one in all.OrderByDescending(one => one.Sha256 == subject.Sha256).Where(one => changes.ContainsKey(one.Sha256)))
        {
            LocalCertificateStore.Update(one, changes[one.Sha256]);
        }

        StoredCertificate? before = DefaultOf(all);
        bool isHandedOn = before is not null && after.Metadata.IsDefaultSmtp && before.Sha256 != after.Sha256;
        return new CertificateBound(after.Thumbprint, after.Certificate!.Subject, MailServicesText.ToWords(after.Metadata.Services), after.Metadata.IsDefaultSmtp,
            isHandedOn ? before!.Thumbprint : null, programs, [.. ServiceWarnings.For(after, touched, binder.Settings, programs, time), .. outcome.Notes]);
    }

    private static OperationException Refused(BindingOutcome outcome, ServiceException failure)
    {
        bool isBroken = outcome.Services.Any(one => one.State == ServiceState.Broken);
        string steps = string.Join("; ", outcome.Services.Select(one => $"{one.Driver}: {string.Join(", ", one.Steps)}"));
        return new OperationException(
            FailureCategory.Failed, isBroken ? "servicesBroken" : $"service{char.ToUpperInvariant(failure.Code[0])}{failure.Code[1..]}",
            isBroken ? $"{failure.Message}. What was there before could not be put back: {steps}" : $"{failure.Message}. Everything is as before ({steps})",
            isBroken ? $"look at the service now; its files are those from before. Then: {failure.Hint}" : failure.Hint, failure);
    }

    private async Task<ProgramView> AnnounceAsync(StoredCertificate stored, MailServices services, CancellationToken cancellationToken)
    {
        byte[] key = LocalCertificateStore.ReadKey(stored);
        try
        {
            string name = await announce(stored.Certificate!.ExportCertificatePem() + "\n" + Encoding.ASCII.GetString(key), cancellationToken);
            return services.HasFlag(MailServices.Ldaps) && name != "edge-cert"
                ? new ProgramView("postern", "applied", ["announced to the peers of this hub; a hub has no LDAPS listener, so ldaps is nothing here"])
                : new ProgramView("postern", "applied", [$"announced as the next {name}: it is used when every peer trusts it; `postern certificate show` says whom it waits for"]);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }
}

using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.EdgeSync.Subscriptions;

namespace Postern.EdgeSync.Rotation;

/// <summary>One node's own certificate, through its life: made, announced, in use, trusted for a while longer, gone. Who its peers are, and
/// how they are told, is the business of its owner.</summary>
/// <param name="fqdn">Of the node: what its own certificates are made for.</param>
/// <param name="algorithm">Of the first one.</param>
public sealed class NodeRotation(
    NodeCertificates certificates, string fqdn, KeyAlgorithm algorithm, CertificateTimetable timetable, TimeProvider time, ILogger log)
{
    public NodeCertificates Certificates => certificates;

    public CertificateTimetable Timetable => timetable;

    /// <summary>The current one, made if there is none yet.</summary>
    /// <exception cref="PrivateFileException">Its files cannot be used.</exception>
    public X509Certificate2 Ensure() => certificates.Ensure(() => Make(algorithm));

    /// <summary>Announces a successor that the node makes: of the same kind of key as the current one, or of another.</summary>
    public X509Certificate2 Renew(KeyAlgorithm? kind)
    {
        using X509Certificate2 made = Make(kind ?? CertificateKeys.AlgorithmOf(Ensure()) ?? algorithm);
        return Announce(made);
    }

    /// <summary>Announces a successor that came from elsewhere.</summary>
    /// <param name="given">With its key. Not disposed of.</param>
    /// <exception cref="CertificateException">Its key cannot be used, its time is over, or the node has it already.</exception>
    public X509Certificate2 Renew(X509Certificate2 given)
    {
        Check(given);
        Ensure();
        return Announce(given);
    }

    /// <summary>The key is known to others: a new certificate at once, and no trust in the old ones.</summary>
    /// <param name="given">Null: the node makes one.</param>
    /// <exception cref="CertificateException">The one that was given cannot be used.</exception>
    public X509Certificate2 Revoke(X509Certificate2? given)
    {
        X509Certificate2 old = Ensure();
        if (given is not null)
        {
            Check(given);
        }

        X509Certificate2 made = given ?? Make(CertificateKeys.AlgorithmOf(old) ?? algorithm);
        try
        {
            X509Certificate2 current = certificates.Supersede(made);
            CertificateLog.Revoked(log, certificates.Name, CertificatePin.Of(old).ToString(), CertificatePin.Of(current).ToString());
            return current;
        }
        catch (ArgumentException e)
        {
            throw InUse(e);
        }
        finally
        {
            if (given is null)
            {
                made.Dispose();
            }
        }
    }

    /// <param name="isAcknowledged">All peers trust the next one, and what is sealed for this node is sealed for that.</param>
    /// <param name="isPreviousFree">Nothing is sealed for the previous one any more.</param>
    internal NodeStep NextStep(bool isAcknowledged, bool isPreviousFree)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (certificates.Next is not null)
        {
            // The slot of the previous one is needed, and with it would go a key that something is sealed for.
            return isAcknowledged && isPreviousFree ? NodeStep.Switch : NodeStep.None;
        }

        if (IsDue(Ensure(), now))
        {
            return NodeStep.Announce;
        }

        return certificates.Previous is not null && isPreviousFree && now - certificates.Switched >= timetable.PreviousStays ? NodeStep.DropPrevious : NodeStep.None;
    }

    internal void Take(NodeStep step)
    {
        switch (step)
        {
            case NodeStep.Announce:
                Renew(kind: null);
                break;
            case NodeStep.Switch:
                certificates.Switch();
                CertificateLog.Switched(log, certificates.Name, CertificatePin.Of(certificates.Current!).ToString(), CertificateDates.NotAfter(certificates.Current!));
                break;
            case NodeStep.DropPrevious:
                string gone = CertificatePin.Of(certificates.Previous!).ToString();
                certificates.DropPrevious();
                CertificateLog.Dropped(log, certificates.Name, gone);
                break;
        }
    }

    /// <summary>One that somebody else issued is not replaced by one of ours unasked: whoever chose the issuer had a reason. Its end is reported, and
    /// does no harm between peers that pin it.</summary>
    internal bool IsDue(X509Certificate2 current, DateTimeOffset now) => CertificateKeys.IsSelfIssued(current) && now >= DueAt(current);

    internal DateTimeOffset DueAt(X509Certificate2 current)
    {
        DateTimeOffset begin = CertificateDates.NotBefore(current);
        return begin + ((CertificateDates.NotAfter(current) - begin) * timetable.RenewAfter);
    }

    private X509Certificate2 Announce(X509Certificate2 certificate)
    {
        try
        {
            X509Certificate2 next = certificates.Announce(certificate);
            CertificateLog.Announced(log, certificates.Name, CertificatePin.Of(next).ToString(), CertificateDates.NotAfter(next));
            return next;
        }
        catch (ArgumentException e)
        {
            throw InUse(e);
        }
    }

    private X509Certificate2 Make(KeyAlgorithm kind) =>
        SelfSignedCertificate.Create(new SelfSignedRequest(EdgeNames.ShortName(fqdn), [fqdn], kind, timetable.Lifetime), time);

    private void Check(X509Certificate2 given)
    {
        if (!given.HasPrivateKey)
        {
            throw new CertificateException("the certificate came without its key", "Give the key, in PEM form, with --key FILE.");
        }

        if (!CertificateKeys.CanSeal(given))
        {
            throw new CertificateException(
                $"{CertificateKeys.Describe(given)} is no key that credentials can be sealed for", $"Use EC P-256, P-384 or P-521, or RSA with {CertificateKeys.LeastRsaBits} bits at least.");
        }

        if (CertificateDates.NotAfter(given) <= time.GetUtcNow())
        {
            throw new CertificateException($"the certificate expired at {CertificateDates.NotAfter(given):u}", "Have a new one issued; if the date looks right, check this machine's clock.");
        }
    }

    private static CertificateException InUse(ArgumentException e) =>
        new("this node has that certificate already", "`postern certificate show` lists what it has.", e);
}

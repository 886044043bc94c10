using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.Mail;

namespace Postern.Transport.Selection;

/// <summary>
/// Which certificate a connector shows (fact sheet 7.5): by issuer and subject where the connector names them, else by its FQDN, else by the
/// server's. Of those that may serve, the newest that an authority issued and that is valid; else the newest self-signed one; else the newest.
/// </summary>
/// <param name="serverFqdn">For connectors without a name of their own.</param>
public sealed class ConnectorCertificateSelection(string serverFqdn, TimeProvider time)
{
    /// <summary>X.509 v3: older ones have no alternative names.</summary>
    private const int LeastVersion = 3;

    public CertificateSelection Explain(CertificateWanted request, IReadOnlyList<SelectionCandidate> candidates)
    {
        string name = request.Fqdn ?? serverFqdn;
        string wanted = request.CertificateName?.ToString() ?? name;
        List<string> steps = [];
        if (!request.OffersTls)
        {
            steps.Add($"{request} uses no TLS: nothing is shown");
            return new CertificateSelection(request, wanted, SelectionOutcome.NoTls, null, steps, []);
        }

        steps.Add(request.CertificateName is { } by ? $"{request} names issuer and subject, which decides: {by}"
            : request.Fqdn is null ? $"{request} has no name: that of the server counts, {serverFqdn}" : $"the name is {name}");
        List<RejectedCandidate> rejected = [];
        List<SelectionCandidate> matching = Keep(candidates, rejected, one => Mismatch(one, request.CertificateName, name));
        steps.Add(Count(matching.Count, candidates.Count, request.CertificateName is null ? "have the name" : "have that issuer and subject"));
        List<SelectionCandidate> eligible = Keep(matching, rejected, Ineligible);
        steps.Add(Count(eligible.Count, matching.Count, "may serve it: version 3, its key is here, bound to smtp"));
        if (eligible.Count == 0)
        {
            steps.Add("none is left: STARTTLS is not offered (event 12014)");
            return new CertificateSelection(request, wanted, SelectionOutcome.NoneFound, null, steps, rejected);
        }

        SelectionCandidate[] newest = [.. eligible.OrderByDescending(one => one.NotBefore).ThenByDescending(one => one.NotAfter)];
        SelectionCandidate chosen = Best(newest, steps);
        rejected.AddRange(newest.Where(one => one != chosen).Select(one => new RejectedCandidate(one, Beaten(one, chosen))));
        bool isExpired = chosen.NotAfter < time.GetUtcNow();
        if (isExpired)
        {
            steps.Add($"it expired at {chosen.NotAfter:u}, and is shown all the same (event 12016)");
        }
        else if (chosen.Examination is { Status: not CertificateStatus.Valid, Reason: { } reason } && !chosen.IsSelfSigned)
        {
            steps.Add($"clients that look at it may refuse it: {reason}");
        }

        return new CertificateSelection(request, wanted, isExpired ? SelectionOutcome.Expired : SelectionOutcome.Chosen, chosen, steps, rejected);
    }

    /// <summary>Whether a certificate is the one that a connector names (fact sheet 7.7): the strings as they are shown; blanks and letter case do not count.</summary>
    public static bool Fits(TlsCertificateName name, X509Certificate2 certificate) => SameName(name.Issuer, certificate.IssuerName) && SameName(name.Subject, certificate.SubjectName);

    private static bool SameName(string text, X500DistinguishedName name)
    {
        if (Plain(text).Equals(Plain(name.Name), StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        try
        {
            // Another way to write the same: order of quotes, separators.
            return Plain(new X500DistinguishedName(text).Name).Equals(Plain(name.Name), StringComparison.OrdinalIgnoreCase);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static string Plain(string text) => string.Join(' ', text.Replace(",", ", ", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string? Mismatch(SelectionCandidate one, TlsCertificateName? by, string name) => by is null
        ? CertifiedNames.Domains(one.Certificate).Contains(name, StringComparer.OrdinalIgnoreCase) || CertificateExaminer.Covers(one.Certificate, name) ? null
            : $"has not the name {name}, but {string.Join(", ", CertifiedNames.Domains(one.Certificate))}"
        : Fits(by, one.Certificate) ? null : $"is <I>{one.Certificate.Issuer}<S>{one.Certificate.Subject}";

    private static string? Ineligible(SelectionCandidate one) =>
        one.Certificate.Version < LeastVersion ? $"is of version {one.Certificate.Version}"
        : !one.HasPrivateKey ? "its private key is not on this node"
        : !one.Services.HasFlag(MailServices.Smtp) ? $"is not bound to smtp: `postern certificate enable {one.Thumbprint} --services smtp`" : null;

    private SelectionCandidate Best(SelectionCandidate[] newest, List<string> steps)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (newest.FirstOrDefault(one => !one.IsSelfSigned && IsGood(one)) is { } issued)
        {
            steps.Add($"the newest that an authority issued and that is valid: {issued.Thumbprint}, from {issued.NotBefore:u}");
            return issued;
        }

        bool IsInTime(SelectionCandidate one) => one.NotBefore <= now && now <= one.NotAfter;
        if ((newest.FirstOrDefault(one => one.IsSelfSigned && IsInTime(one)) ?? newest.FirstOrDefault(one => one.IsSelfSigned)) is { } own)
        {
            steps.Add($"no valid one of an authority; the newest self-signed one: {own.Thumbprint}, from {own.NotBefore:u}");
            return own;
        }

        SelectionCandidate last = newest.FirstOrDefault(IsInTime) ?? newest[0];
        steps.Add($"none is valid, none self-signed; the newest: {last.Thumbprint}, from {last.NotBefore:u}");
        return last;
    }

    /// <summary>What a list could not be had for, or is weak, is shown as long as its dates and its chain hold.</summary>
    private static bool IsGood(SelectionCandidate one) => one.Examination.Status is CertificateStatus.Valid or CertificateStatus.Weak or CertificateStatus.RevocationUnknown or CertificateStatus.NameMismatch;

    private static string Beaten(SelectionCandidate one, SelectionCandidate chosen) =>
        one.IsSelfSigned && !chosen.IsSelfSigned ? "is self-signed"
        : IsGood(chosen) && !IsGood(one) ? $"is {Word(one)}: {one.Examination.Reason}"
        : string.Create(CultureInfo.InvariantCulture, $"is good from {one.NotBefore:u} on, the chosen one from {chosen.NotBefore:u}");

    private static string Word(SelectionCandidate one) => char.ToLowerInvariant(one.Examination.Status.ToString()[0]) + one.Examination.Status.ToString()[1..];

    private static List<SelectionCandidate> Keep(IEnumerable<SelectionCandidate> from, List<RejectedCandidate> rejected, Func<SelectionCandidate, string?> fault)
    {
        List<SelectionCandidate> kept = [];
        foreach (SelectionCandidate one in from)
        {
            if (fault(one) is { } reason)
            {
                rejected.Add(new RejectedCandidate(one, reason));
            }
            else
            {
                kept.Add(one);
            }
        }

        return kept;
    }

    private static string Count(int kept, int of, string what) => string.Create(CultureInfo.InvariantCulture, $"{kept} of {of} certificates {what}");
}

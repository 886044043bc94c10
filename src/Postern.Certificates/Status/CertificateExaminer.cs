using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

// RFC 6125 (partial): DNS names, wildcards as the whole first label, addresses; common names only where there are no alternative names; no SRV or URI names

/// <summary>Says what a certificate is worth: by its chain to the roots of a <see cref="TrustFolder"/>, its dates, its strength, and the names it shall stand for.</summary>
/// <param name="trust">As it was when it was read.</param>
public sealed class CertificateExaminer(TrustFolder trust, TimeProvider time)
{
    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    public CertificateExamination Examine(StoredCertificate stored, ExaminationOptions? options = null) =>
        stored.Certificate is { } certificate ? Examine(certificate, stored.Chain, options) : CertificateExamination.Pending;

    /// <param name="chain">Issuers that a server would send with it, in any order.</param>
    public CertificateExamination Examine(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> chain, ExaminationOptions? options = null)
    {
        options ??= new ExaminationOptions();
        if (options.IsPending)
        {
            return CertificateExamination.Pending;
        }

        ChainJudge judge = new(trust, time.GetUtcNow(), options);
        (IReadOnlyList<CertificateLink> Path, IReadOnlyList<CertificateProblem> Problems, List<string> Notes)? best = null;
        foreach (IReadOnlyList<CertificateLink> path in options.IsPinned ? [[new CertificateLink(certificate, LinkOrigin.Subject)]] : new ChainPaths(trust, chain).From(certificate))
        {
            List<string> notes = [];
            IReadOnlyList<CertificateProblem> problems = judge.Judge(path, notes);
            if (best is null || Gravity(problems) > Gravity(best.Value.Problems))
            {
                best = (path, problems, notes);
            }

            if (problems.Count == 0)
            {
                break;
            }
        }

        (IReadOnlyList<CertificateLink> links, IReadOnlyList<CertificateProblem> found, List<string> said) = best!.Value;
        CertificateProblem[] all = [.. found.Concat(Names(certificate, options)).OrderBy(one => one.Status).ThenBy(one => one.Link)];
        if (links.FirstOrDefault(one => one.Origin == LinkOrigin.Intermediates) is { } unsent)
        {
            said.Add($"'{unsent.Certificate.Subject}' is in the trust folder only: a server does not send it, and clients that lack it do not trust the certificate");
        }

        return new CertificateExamination(
            all.Length > 0 ? all[0].Status : CertificateStatus.Valid, all.Length > 0 ? all[0].Text : null, links, all, RootOf(links), [.. said.Distinct()]);
    }

    /// <summary>
    /// Whether a certificate stands for a host (RFC 6125 section 6.4, RFC 9525): a wildcard is the whole first label and stands for one; addresses
    /// as such; the common name counts only where there are no alternative DNS names.
    /// </summary>
    public static bool Covers(X509Certificate2 certificate, string host)
    {
        try
        {
            string ascii = host.Trim().TrimEnd('.');
            if (!System.Net.IPAddress.TryParse(ascii, out _))
            {
                ascii = Idn.GetAscii(ascii);
            }

            return certificate.MatchesHostname(ascii, allowWildcards: true, allowCommonName: true);
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            // No name, or a certificate whose names nobody can read.
            return false;
        }
    }

    /// <summary>Larger is better.</summary>
    private static CertificateStatus Gravity(IReadOnlyList<CertificateProblem> problems) => problems.Count == 0 ? CertificateStatus.Valid
        : problems.Any(one => one.Status == CertificateStatus.Untrusted) ? CertificateStatus.PendingRequest : problems.Min(one => one.Status);

    private static IEnumerable<CertificateProblem> Names(X509Certificate2 certificate, ExaminationOptions options) =>
        options.IsPinned ? [] : options.Names.Where(name => !Covers(certificate, name)).Select(name => new CertificateProblem(
            CertificateStatus.NameMismatch, 0, $"the certificate does not stand for '{name}', but for {(CertifiedNames.Domains(certificate) is { Count: > 0 } names ? string.Join(", ", names) : "no name")}"));

    private static RootCaType RootOf(IReadOnlyList<CertificateLink> links) => links[^1].Origin switch
    {
        LinkOrigin.OwnRoots => links.Count == 1 ? RootCaType.Registry : RootCaType.Enterprise,
        LinkOrigin.SystemRoots => links.Count == 1 ? RootCaType.Registry : RootCaType.ThirdParty,
        _ when links.Count == 1 && CertificateKeys.IsSelfIssued(links[0].Certificate) => RootCaType.None,
        _ => RootCaType.Unknown,
    };
}

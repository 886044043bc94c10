using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Whom a certificate is for.</summary>
public static class CertifiedNames
{
    /// <summary>Common name first, then the subject alternative names (DNS names and IP addresses), each once (fact sheet 7.2).</summary>
    public static IReadOnlyList<string> Domains(X509Certificate2 certificate)
    {
        string[] common = CertificateSubject.CommonName(certificate.SubjectName) is { } name ? [name] : [];
        return [.. common.Concat(Alternatives(certificate)).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The names that a successor has to have: the subject alternative names, or the common name where there are none.</summary>
    public static IReadOnlyList<string> Names(X509Certificate2 certificate)
    {
        IReadOnlyList<string> domains = Domains(certificate);
        List<string> alternatives = Alternatives(certificate);
        return alternatives.Count == 0 ? domains : [.. domains.Where(one => alternatives.Contains(one, StringComparer.OrdinalIgnoreCase))];
    }

    private static List<string> Alternatives(X509Certificate2 certificate)
    {
        List<string> names = [];
        try
        {
            foreach (X509SubjectAlternativeNameExtension alternatives in certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>())
            {
                names.AddRange(alternatives.EnumerateDnsNames());
                names.AddRange(alternatives.EnumerateIPAddresses().Select(one => one.ToString()));
            }
        }
        catch (CryptographicException)
        {
            // A foreign extension that nobody can read names nothing.
        }

        return names;
    }
}

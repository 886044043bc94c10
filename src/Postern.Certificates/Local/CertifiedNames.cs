using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Whom a certificate is for.</summary>
public static class CertifiedNames
{
    /// <summary>Common name first, then the subject alternative names (DNS names and IP addresses), each once (fact sheet 7.2).</summary>
    public static IReadOnlyList<string> Domains(X509Certificate2 certificate)
    {
        List<string> names = CertificateSubject.CommonName(certificate.SubjectName) is { } common ? [common] : [];
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

        return [.. names.Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    /// <summary>The names that a successor has to have: the subject alternative names, or the common name where there are none.</summary>
    public static IReadOnlyList<string> Names(X509Certificate2 certificate)
    {
        IReadOnlyList<string> domains = Domains(certificate);
        bool hasAlternatives = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Any();
        return [.. domains.Skip(hasAlternatives && CertificateSubject.CommonName(certificate.SubjectName) is { } common && !IsAlternative(certificate, common) ? 1 : 0)];
    }

    private static bool IsAlternative(X509Certificate2 certificate, string name) => certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
        .Any(one => one.EnumerateDnsNames().Contains(name, StringComparer.OrdinalIgnoreCase) || one.EnumerateIPAddresses().Any(address => address.ToString() == name));
}

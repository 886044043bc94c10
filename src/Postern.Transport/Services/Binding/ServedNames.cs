using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>The DNS names of a certificate as they may be written into the configuration of a service.</summary>
internal static class ServedNames
{
    private const string SubjectAlternativeName = "2.5.29.17";

    /// <summary>Lower case, once each; a wildcard as <c>*.example.com</c>. A certificate is foreign text: what is no DNS name (blanks, braces,
    /// line ends) is in <paramref name="refused"/>, and never reaches a file that a service reads.</summary>
    public static IReadOnlyList<string> Of(X509Certificate2 certificate, out IReadOnlyList<string> refused)
    {
        List<string> names = [];
        List<string> others = [];
        foreach (string text in Texts(certificate))
        {
            if (CertificateNames.TryRead(text, out string? name, out _) && IsDnsName(name))
            {
                if (!names.Contains(name))
                {
                    names.Add(name);
                }
            }
            else
            {
                others.Add(text);
            }
        }

        refused = others;
        return names;
    }

    /// <summary>Only what has a letter in its last label: an address is no name.</summary>
    private static bool IsDnsName(string name) => name.All(one => char.IsAsciiLetterLower(one) || char.IsAsciiDigit(one) || one is '.' or '-' or '*')
        && name.LastIndexOf('*') <= 0 && name[(name.LastIndexOf('.') + 1)..].Any(char.IsAsciiLetterLower);

    private static string[] Texts(X509Certificate2 certificate)
    {
        X509Extension? extension = certificate.Extensions.FirstOrDefault(one => one.Oid?.Value == SubjectAlternativeName);
        if (extension is not null)
        {
            try
            {
                string[] names = [.. new X509SubjectAlternativeNameExtension(extension.RawData).EnumerateDnsNames()];
                if (names.Length > 0)
                {
                    return names;
                }
            }
            catch (CryptographicException)
            {
                // It has no names that could be read; the common name stays.
            }
        }

        // RFC 6125 section 6.4.4: the common name counts where there are no names of hosts.
        string common = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return common.Contains('.', StringComparison.Ordinal) ? [common] : [];
    }
}

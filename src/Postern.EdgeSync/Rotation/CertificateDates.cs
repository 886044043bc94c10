using System.Security.Cryptography.X509Certificates;

namespace Postern.EdgeSync.Rotation;

/// <summary>The framework gives the dates of certificates in local time.</summary>
internal static class CertificateDates
{
    public static DateTimeOffset NotBefore(X509Certificate2 certificate) => new(certificate.NotBefore.ToUniversalTime());

    public static DateTimeOffset NotAfter(X509Certificate2 certificate) => new(certificate.NotAfter.ToUniversalTime());
}

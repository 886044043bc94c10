using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Windows' TLS takes no key that lives in memory only; elsewhere a certificate is ready as it is.</summary>
internal static class KeyForPlatform
{
    public static X509Certificate2 Attach(X509Certificate2 certificate)
    {
        if (!OperatingSystem.IsWindows())
        {
            return certificate;
        }

        using (certificate)
        {
            return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), password: null, X509KeyStorageFlags.Exportable);
        }
    }
}

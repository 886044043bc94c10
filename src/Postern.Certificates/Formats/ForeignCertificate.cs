using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Certificates that others made.</summary>
public static class ForeignCertificate
{
    /// <summary>Loads one and reads its fields once: the platform only reads them when they are asked for, and a date that is none shall be met
    /// here and not in the middle of what follows. Extensions may still be damaged.</summary>
    /// <exception cref="CryptographicException">It is none.</exception>
    public static X509Certificate2 Load(ReadOnlySpan<byte> der)
    {
        X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der);
        try
        {
            Check(certificate);
            return certificate;
        }
        catch
        {
            certificate.Dispose();
            throw;
        }
    }

    /// <exception cref="CryptographicException">A field cannot be read.</exception>
    public static void Check(X509Certificate2 certificate)
    {
        try
        {
            _ = (certificate.NotBefore, certificate.NotAfter, certificate.SubjectName.Name, certificate.IssuerName.Name, certificate.Extensions.Count,
                certificate.PublicKey.EncodedKeyValue, certificate.SerialNumber, certificate.SignatureAlgorithm);
        }
        catch (ArgumentException e)
        {
            // E.g. a date that no calendar has.
            throw new CryptographicException(e.Message, e);
        }
    }
}

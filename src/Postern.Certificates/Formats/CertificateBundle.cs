using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>One certificate, with or without its private key, and those of its issuers: what a file of any format comes down to.</summary>
/// <param name="certificate">With its private key if that is there. Owned by the bundle.</param>
/// <param name="chain">Issuers, the nearest first; the root last where it is given. Owned by the bundle.</param>
public sealed class CertificateBundle(X509Certificate2 certificate, IReadOnlyList<X509Certificate2> chain) : IDisposable
{
    public X509Certificate2 Certificate => certificate;

    public IReadOnlyList<X509Certificate2> Chain => chain;

    /// <summary>PKCS #9 friendlyName of a PKCS #12 file.</summary>
    public string? FriendlyName { get; init; }

    public void Dispose()
    {
        certificate.Dispose();
        foreach (X509Certificate2 one in chain)
        {
            one.Dispose();
        }
    }
}

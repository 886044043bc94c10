using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Certificates and their keys in a folder: NAME.crt.pem and NAME.key.pem (0600).</summary>
public sealed class CertificateStore(string folder)
{
    public string Folder { get; } = folder;

    public X509Certificate2? TryLoad(string name) => throw new NotImplementedException(name);

    public void Save(string name, X509Certificate2 certificate) => throw new NotImplementedException(name);
}

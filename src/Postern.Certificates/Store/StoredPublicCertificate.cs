using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>The public half of a node's current certificate, read from its files by somebody who is not the node: no key is touched, nothing
/// is tidied up.</summary>
public static class StoredPublicCertificate
{
    /// <param name="folder">Of the node's <see cref="CertificateStore"/>.</param>
    /// <param name="name">Of its <see cref="NodeCertificates"/>.</param>
    /// <returns>Null when the node has none yet.</returns>
    /// <exception cref="PrivateFileException">The files cannot be used.</exception>
    public static X509Certificate2? Read(string folder, string name)
    {
        string current = NodeCertificateSlots.Read(Path.Combine(folder, name + ".slots.json"), name).Current;
        string path = Path.Combine(folder, current + ".crt.pem");
        try
        {
            return X509Certificate2.CreateFromPem(File.ReadAllText(path));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new PrivateFileException(path, $"'{path}' is not a certificate in PEM form: {e.Message}", e);
        }
    }
}

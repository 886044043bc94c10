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
        NodeCertificateSlots slots = NodeCertificateSlots.Read(Path.Combine(folder, name + ".slots.json"), name);
        return ReadPair(folder, slots.Current);
    }

    /// <summary>Those of all slots: <c>current</c>, <c>next</c>, <c>previous</c>, and the file of each one's key.</summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<(string Slot, X509Certificate2 Certificate, string KeyFile)> ReadAll(string folder, string name)
    {
        NodeCertificateSlots slots = NodeCertificateSlots.Read(Path.Combine(folder, name + ".slots.json"), name);
        List<(string, X509Certificate2, string)> found = [];
        foreach ((string slot, string? pair) in ((string, string?)[])[("current", slots.Current), ("next", slots.Next), ("previous", slots.Previous)])
        {
            if (pair is not null && ReadPair(folder, pair) is { } certificate)
            {
                found.Add((slot, certificate, Path.Combine(folder, pair + ".key.pem")));
            }
        }

        return found;
    }

    private static X509Certificate2? ReadPair(string folder, string pair)
    {
        string path = Path.Combine(folder, pair + ".crt.pem");
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

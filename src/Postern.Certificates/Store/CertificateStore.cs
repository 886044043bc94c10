using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Postern.Certificates;

/// <summary>Certificates and their keys in a private folder: NAME.crt.pem (0644) and NAME.key.pem (PKCS#8, 0600).</summary>
/// <param name="folder">Made, 0700, when the first certificate is saved.</param>
public sealed class CertificateStore(string folder)
{
    private const UnixFileMode ReadableByAll = PrivateFile.OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private const string CertificateSuffix = ".crt.pem";

    private const string KeySuffix = ".key.pem";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    public string Folder { get; } = folder;

    /// <returns>The certificate with its private key, ready for SslStream; null when none of that name was saved.</returns>
    /// <exception cref="PrivateFileException">The key is missing or readable by others, or the two files are no pair.</exception>
    public X509Certificate2? TryLoad(string name)
    {
        (string certificatePath, string keyPath) = PathsOf(name);
        if (!File.Exists(certificatePath))
        {
            return null;
        }

        byte[] key;
        try
        {
            key = PrivateFile.Read(keyPath);
        }
        catch (FileNotFoundException e)
        {
            throw new PrivateFileException(keyPath, $"'{certificatePath}' is there, but its key '{keyPath}' is not; restore it, or remove the certificate to have both made anew", e);
        }

        try
        {
            return KeyForPlatform.Attach(X509Certificate2.CreateFromPem(File.ReadAllText(certificatePath), Encoding.UTF8.GetString(key)));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new PrivateFileException(certificatePath, $"'{certificatePath}' and '{keyPath}' are not a certificate and its key in PEM form: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>Tells two states of the stored pair apart: equal stamps, nothing was changed. Cheap: looks at no content.</summary>
    public CertificateStamp Stamp(string name)
    {
        (string certificatePath, string keyPath) = PathsOf(name);
        return new CertificateStamp(File.GetLastWriteTimeUtc(certificatePath), File.GetLastWriteTimeUtc(keyPath));
    }

    /// <summary>Saves the key, then the certificate; both are durable on return. A key is never overwritten under a certificate.</summary>
    /// <param name="certificate">With a private key that can be exported.</param>
    /// <exception cref="PrivateFileException">There is a certificate of that name.</exception>
    public void Save(string name, X509Certificate2 certificate)
    {
        (string certificatePath, string keyPath) = PathsOf(name);
        PrivateFile.CreateFolder(Folder);
        if (File.Exists(certificatePath))
        {
            throw new PrivateFileException(certificatePath, $"'{certificatePath}' exists already and is not overwritten; save under another name, or move it and its key away");
        }

        byte[] key = PrivateKeyPem.Write(certificate);
        try
        {
            // A key without a certificate is what an interrupted save left behind: nobody has seen its public half.
            PrivateFile.Replace(keyPath, key);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }

        PrivateFile.Replace(certificatePath, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n"), ReadableByAll);
    }

    /// <summary>Deletes the pair, the certificate first: a key alone is what a next save overwrites. Does nothing where there is none.</summary>
    public void Delete(string name)
    {
        (string certificatePath, string keyPath) = PathsOf(name);
        if (Directory.Exists(Folder))
        {
            File.Delete(certificatePath);
            File.Delete(keyPath);
            FolderSync.Flush(Folder);
        }
    }

    /// <summary>Names of the pairs, halves of pairs included.</summary>
    public IReadOnlyList<string> Names() => !Directory.Exists(Folder) ? [] : [.. Directory.EnumerateFiles(Folder, "*.pem")
        .Select(path => Path.GetFileName(path))
        .Select(file => file.EndsWith(CertificateSuffix, StringComparison.Ordinal) ? file[..^CertificateSuffix.Length]
            : file.EndsWith(KeySuffix, StringComparison.Ordinal) ? file[..^KeySuffix.Length] : "")
        .Where(name => name.Length > 0 && name[0] != '.')
        .Distinct()
        .Order(StringComparer.Ordinal)];

    private (string Certificate, string Key) PathsOf(string name)
    {
        if (name.Length == 0 || name[0] == '.' || name.AsSpan().ContainsAnyExcept(NameCharacters))
        {
            throw new ArgumentException($"'{name}' is no name for a certificate: letters, digits, '-', '_' and '.' are", nameof(name));
        }

        return (Path.Combine(Folder, name + CertificateSuffix), Path.Combine(Folder, name + KeySuffix));
    }
}

/// <summary>See <see cref="CertificateStore.Stamp"/>.</summary>
public readonly record struct CertificateStamp(DateTime Certificate, DateTime Key);

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>A private key out of a file, in memory only, and cleared when it is disposed of.</summary>
public sealed class PrivateKeyEntry : IDisposable
{
    private readonly byte[] _pkcs8;
    private readonly byte[]? _publicKey;

    /// <param name="pkcs8">PKCS #8, not encrypted. Owned from here on.</param>
    /// <exception cref="CryptographicException">It says RSA or EC and is no such key.</exception>
    internal PrivateKeyEntry(byte[] pkcs8, PrivateKeyHeader header)
    {
        _pkcs8 = pkcs8;
        Algorithm = header.Algorithm;
        using AsymmetricAlgorithm? key = Open();
        _publicKey = key?.ExportSubjectPublicKeyInfo();
        Bits = key?.KeySize ?? 0;
        Windows = WindowsKeyAttributes.None with { KeySpec = header.KeySpec };
    }

    /// <summary><c>RSA</c>, <c>EC</c>, the name of another algorithm or its object identifier.</summary>
    public string Algorithm { get; }

    /// <summary>0: not known.</summary>
    public int Bits { get; }

    /// <summary>Of the PKCS #12 bag.</summary>
    public string? FriendlyName { get; init; }

    /// <summary>How it was encrypted in the file, e.g. <c>PBES2 (PBKDF2-HMAC-SHA256, AES-256-CBC), 2048 iterations</c>; null: it was not, by itself.</summary>
    public string? Encryption { get; init; }

    public WindowsKeyAttributes Windows { get; init; }

    /// <returns>The key, to be disposed of; null: neither RSA nor EC, so that nothing here can use it.</returns>
    public AsymmetricAlgorithm? Open()
    {
        AsymmetricAlgorithm? key = Algorithm switch { PrivateKeyHeader.Rsa => RSA.Create(), PrivateKeyHeader.Ec => ECDsa.Create(), _ => null };
        try
        {
            key?.ImportPkcs8PrivateKey(_pkcs8, out _);
            return key;
        }
        catch
        {
            key?.Dispose();
            throw;
        }
    }

    /// <summary>Whether it is the key of this certificate.</summary>
    public bool Fits(X509Certificate2 certificate) => Fits(certificate.PublicKey);

    public bool Fits(PublicKey publicKey)
    {
        using AsymmetricAlgorithm? key = _publicKey is null ? null : CertificateKeys.TryOpen(publicKey);
        return key is not null && key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(_publicKey);
    }

    internal bool IsSameAs(PrivateKeyEntry other) => _pkcs8.AsSpan().SequenceEqual(other._pkcs8)
        || (_publicKey is not null && other._publicKey is not null && _publicKey.AsSpan().SequenceEqual(other._publicKey));

    public void Dispose() => CryptographicOperations.ZeroMemory(_pkcs8);
}

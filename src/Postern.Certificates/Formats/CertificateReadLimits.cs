namespace Postern.Certificates;

/// <summary>How much of a foreign file is read. All ours: a mail server's certificate, key and chain have a few thousand octets.</summary>
public sealed record CertificateReadLimits
{
    public static CertificateReadLimits Default { get; } = new();

    /// <summary>Octets of a whole file.</summary>
    public int MaxFileOctets { get; init; } = 1024 * 1024;

    /// <summary>Octets of one certificate or request, DER.</summary>
    public int MaxCertificateOctets { get; init; } = 64 * 1024;

    /// <summary>Octets of one private key, PKCS #8: RSA of 16384 bits has 9.3 thousand.</summary>
    public int MaxKeyOctets { get; init; } = 16 * 1024;

    /// <summary>Certificates of one file.</summary>
    public int MaxCertificates { get; init; } = 200;

    /// <summary>Private keys of one file.</summary>
    public int MaxKeys { get; init; } = 20;

    /// <summary>Blocks of a PEM file, bags of a PKCS #12 file with those in bags, or elements of a PKCS #7 file.</summary>
    public int MaxElements { get; init; } = 500;

    /// <summary>Bags within bags of PKCS #12.</summary>
    public int MaxDepth { get; init; } = 4;

    /// <summary>Rounds of one key derivation. OpenSSL writes 2048, Firefox up to 1,000,000; two million take about a second or two.</summary>
    public int MaxIterations { get; init; } = 2_000_000;

    /// <summary>Rounds of all key derivations of one file together.</summary>
    public int MaxTotalIterations { get; init; } = 5_000_000;
}

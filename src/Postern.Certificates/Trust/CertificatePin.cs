using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Direct trust: the SHA-256 of one exact certificate, over its whole DER encoding (not just its key).</summary>
public sealed class CertificatePin : IEquatable<CertificatePin>
{
    private readonly byte[] _sha256;

    private CertificatePin(byte[] sha256) => _sha256 = sha256;

    /// <summary>The 32 octets of the hash.</summary>
    public ReadOnlyMemory<byte> Sha256 => _sha256;

    public static CertificatePin Of(ReadOnlySpan<byte> der) => new(SHA256.HashData(der));

    public static CertificatePin Of(X509Certificate2 certificate) => new(SHA256.HashData(certificate.RawDataMemory.Span));

    /// <param name="hexSha256">64 hexadecimal digits; colons, blanks and case do not matter, as <c>openssl x509 -fingerprint -sha256</c> prints them.</param>
    /// <exception cref="FormatException">Not the hexadecimal form of 32 octets.</exception>
    public static CertificatePin Parse(string hexSha256)
    {
        string digits = string.Concat(hexSha256.Where(c => c is not (':' or ' ')));
        return digits.Length == SHA256.HashSizeInBytes * 2 && digits.All(char.IsAsciiHexDigit)
            ? new CertificatePin(Convert.FromHexString(digits))
            : throw new FormatException($"'{hexSha256}' is not a SHA-256 fingerprint: {SHA256.HashSizeInBytes * 2} hexadecimal digits are needed, {digits.Length} characters are there");
    }

    /// <summary>True for exactly the pinned certificate. The comparison takes the same time wherever a difference is.</summary>
    public bool Matches(X509Certificate2 certificate) => Equals(Of(certificate));

    public bool Equals([NotNullWhen(true)] CertificatePin? other) => other is not null && CryptographicOperations.FixedTimeEquals(_sha256, other._sha256);

    public override bool Equals(object? obj) => Equals(obj as CertificatePin);

    public override int GetHashCode() => BitConverter.ToInt32(_sha256);

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(_sha256);
}

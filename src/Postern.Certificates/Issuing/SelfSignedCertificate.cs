using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Makes certificates that nobody else has signed: those that are trusted by pin (Edge-Cert, TransportService-Cert), and those of services.</summary>
public static class SelfSignedCertificate
{
    /// <summary>RFC 5280 appendix A.1, ub-common-name, characters.</summary>
    public const int MaxCommonNameLength = 64;

    /// <summary>A certificate is valid from this much earlier on, so that a peer whose clock is a little slow takes it at once.</summary>
    public static readonly TimeSpan BackDating = TimeSpan.FromMinutes(5);

    // RFC 5280 section 4.1.2.2: positive and at most 20 octets. 16 with the top bit clear are 127 random bits.
    private const int SerialBytes = 16;

    /// <returns>With its private key, which exists in memory only until it is saved; usable with SslStream at once.</returns>
    /// <exception cref="ArgumentException">A name or the lifetime cannot be in a certificate.</exception>
    public static X509Certificate2 Create(SelfSignedRequest request, TimeProvider time)
    {
        using AsymmetricAlgorithm key = NewKey.Make(request.Algorithm);
        return Create(request, key, time);
    }

    /// <param name="key">In place of a new one of <see cref="SelfSignedRequest.Algorithm"/>. Not disposed of.</param>
    /// <inheritdoc cref="Create(SelfSignedRequest, TimeProvider)"/>
    public static X509Certificate2 Create(SelfSignedRequest request, AsymmetricAlgorithm key, TimeProvider time)
    {
        X500DistinguishedName subject = Check(request);
        DateTimeOffset now = time.GetUtcNow();
        CertificateRequest unsigned = CertificateTemplate.Make(subject, request.DnsNames, key);
        unsigned.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(unsigned.PublicKey, critical: false));
        X509SignatureGenerator generator = key is ECDsa ec ? X509SignatureGenerator.CreateForECDsa(ec) : X509SignatureGenerator.CreateForRSA((RSA)key, RSASignaturePadding.Pkcs1);
        using X509Certificate2 bare = unsigned.Create(unsigned.SubjectName, generator, now - BackDating, now + request.Lifetime, NewSerial());
        return KeyForPlatform.Attach(key is ECDsa own ? bare.CopyWithPrivateKey(own) : bare.CopyWithPrivateKey((RSA)key));
    }

    private static byte[] NewSerial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);

        // Positive, and never a leading zero octet, which DER would drop: every serial has the same length.
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }

    private static X500DistinguishedName Check(SelfSignedRequest request)
    {
        if (request.CommonName.Length is 0 or > MaxCommonNameLength)
        {
            throw new ArgumentException($"the common name '{request.CommonName}' has {request.CommonName.Length} characters; 1 to {MaxCommonNameLength} are allowed", nameof(request));
        }

        if (request.DnsNames.Count == 0)
        {
            throw new ArgumentException("a certificate needs at least one DNS name", nameof(request));
        }

        foreach (string name in request.DnsNames)
        {
            if (!CertificateNames.TryRead(name, out string? read, out string? error) || !read.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                throw new ArgumentException(error ?? $"'{name}' is not a DNS name (write a name of other letters in its xn-- form)", nameof(request));
            }
        }

        if (request.Lifetime <= TimeSpan.Zero)
        {
            throw new ArgumentException($"the lifetime must be positive, not {request.Lifetime}", nameof(request));
        }

        return request.Subject ?? CertificateSubject.Of(request.CommonName);
    }
}

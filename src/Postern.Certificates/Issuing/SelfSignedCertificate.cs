using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Makes certificates that are trusted by pin, not by issuer: Edge-Cert, TransportService-Cert.</summary>
public static class SelfSignedCertificate
{
    /// <summary>RFC 5280 appendix A.1, ub-common-name, characters.</summary>
    public const int MaxCommonNameLength = 64;

    /// <summary>A certificate is valid from this much earlier on, so that a peer whose clock is a little slow takes it at once.</summary>
    public static readonly TimeSpan BackDating = TimeSpan.FromMinutes(5);

    // RFC 5280 section 4.1.2.2: positive and at most 20 octets. 16 with the top bit clear are 127 random bits.
    private const int SerialBytes = 16;

    // id-kp-serverAuth and id-kp-clientAuth, RFC 5280 section 4.2.1.12.
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    /// <returns>With its private key, which exists in memory only until it is saved; usable with SslStream at once.</returns>
    /// <exception cref="ArgumentException">A name or the lifetime cannot be in a certificate.</exception>
    public static X509Certificate2 Create(SelfSignedRequest request, TimeProvider time)
    {
        Check(request);
        DateTimeOffset now = time.GetUtcNow();
        X500DistinguishedNameBuilder subject = new();
        subject.AddCommonName(request.CommonName);
        X500DistinguishedName name = subject.Build();
        switch (request.Algorithm)
        {
            case KeyAlgorithm.EcdsaP256 or KeyAlgorithm.EcdsaP384:
                {
                    bool small = request.Algorithm == KeyAlgorithm.EcdsaP256;
                    using ECDsa key = ECDsa.Create(small ? ECCurve.NamedCurves.nistP256 : ECCurve.NamedCurves.nistP384);
                    CertificateRequest unsigned = new(name, key, small ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA384);

                    // Key agreement too: credentials are sealed for this key by ECDH (RFC 5753 section 2.1, RFC 5480 section 3).
                    X509KeyUsageFlags usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement;
                    using X509Certificate2 bare = Sign(unsigned, request, X509SignatureGenerator.CreateForECDsa(key), usage, now);
                    return KeyForPlatform.Attach(bare.CopyWithPrivateKey(key));
                }

            default:
                {
                    using RSA key = RSA.Create(request.Algorithm switch
                    {
                        KeyAlgorithm.Rsa2048 => 2048,
                        KeyAlgorithm.Rsa3072 => 3072,
                        KeyAlgorithm.Rsa4096 => 4096,
                        _ => throw new ArgumentException($"no such key algorithm: {request.Algorithm}", nameof(request)),
                    });
                    CertificateRequest unsigned = new(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

                    // Key encipherment too: credentials are sealed for this key by key transport (RFC 5652 section 6.2.1).
                    X509KeyUsageFlags usage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment;
                    using X509Certificate2 bare = Sign(unsigned, request, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1), usage, now);
                    return KeyForPlatform.Attach(bare.CopyWithPrivateKey(key));
                }
        }
    }

    private static X509Certificate2 Sign(
        CertificateRequest unsigned, SelfSignedRequest request, X509SignatureGenerator generator, X509KeyUsageFlags usage, DateTimeOffset now)
    {
        SubjectAlternativeNameBuilder names = new();
        foreach (string dnsName in request.DnsNames)
        {
            if (IPAddress.TryParse(dnsName, out IPAddress? address))
            {
                names.AddIpAddress(address);
            }
            else
            {
                names.AddDnsName(dnsName);
            }
        }

        unsigned.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        unsigned.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        unsigned.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication), new Oid(ClientAuthentication)], critical: false));
        unsigned.CertificateExtensions.Add(names.Build());
        unsigned.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(unsigned.PublicKey, critical: false));
        return unsigned.Create(unsigned.SubjectName, generator, now - BackDating, now + request.Lifetime, NewSerial());
    }

    private static byte[] NewSerial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(SerialBytes);

        // Positive, and never a leading zero octet, which DER would drop: every serial has the same length.
        serial[0] = (byte)((serial[0] & 0x7F) | 0x40);
        return serial;
    }

    private static void Check(SelfSignedRequest request)
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
            bool isName = Uri.CheckHostName(name) is not UriHostNameType.Unknown and not UriHostNameType.Basic && name.All(char.IsAscii);
            if (!isName)
            {
                throw new ArgumentException($"'{name}' is not a DNS name (write a name of other letters in its xn-- form)", nameof(request));
            }
        }

        if (request.Lifetime <= TimeSpan.Zero)
        {
            throw new ArgumentException($"the lifetime must be positive, not {request.Lifetime}", nameof(request));
        }
    }
}

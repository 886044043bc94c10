using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Certificates;

/// <summary>Takes in the parts of a file as they are found, each once, within the limits.</summary>
internal sealed class CertificateFileCollector(string name, CertificateFileFormat format, string? password, CertificateReadLimits limits)
{
    private int _elements;
    private long _iterations;

    public CertificateFileContent Content { get; } = new(name, format);

    public string Name => name;

    public string? Password => password;

    public CertificateReadLimits Limits => limits;

    /// <summary>Null, and then the empty text, or the other way round: programs do not agree on which of them "no password" is.</summary>
    public IReadOnlyList<string?> Passwords => password switch { null => [null, ""], "" => ["", null], _ => [password] };

    /// <summary>Whether the last structure that was read is one.</summary>
    public bool IsPkcs7 { get; set; }

    public void Count(string what)
    {
        if (++_elements > limits.MaxElements)
        {
            throw CertificateFormatException.Limit(name, what, _elements, limits.MaxElements);
        }
    }

    /// <summary>To be called before the rounds are done.</summary>
    public void CountIterations(string where, int iterations)
    {
        if (iterations > limits.MaxIterations)
        {
            throw CertificateFormatException.Limit(where, "rounds of key derivation", iterations, limits.MaxIterations);
        }

        _iterations += iterations;
        if (_iterations > limits.MaxTotalIterations)
        {
            throw CertificateFormatException.Limit(name, "rounds of key derivation in all", _iterations, limits.MaxTotalIterations);
        }
    }

    public void Note(string where, string what) => Content.NoteList.Add($"{where}: {what}");

    public void AddCertificate(ReadOnlySpan<byte> der, string where, string? friendlyName = null)
    {
        if (der.Length > limits.MaxCertificateOctets)
        {
            throw CertificateFormatException.Limit(where, "octets of a certificate", der.Length, limits.MaxCertificateOctets);
        }

        X509Certificate2 certificate;
        try
        {
            certificate = ForeignCertificate.Load(der);
        }
        catch (CryptographicException e)
        {
            throw CertificateFormatException.Damaged(where, "it is no certificate (X.509)", e);
        }

        if (Content.CertificateList.Any(one => one.Certificate.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span)))
        {
            certificate.Dispose();
            Note(where, "the same certificate again");
            return;
        }

        Content.CertificateList.Add(new CertificateEntry(certificate, friendlyName));
        if (Content.CertificateList.Count > limits.MaxCertificates)
        {
            throw CertificateFormatException.Limit(name, "certificates", Content.CertificateList.Count, limits.MaxCertificates);
        }
    }

    /// <param name="pkcs8">Not encrypted; owned from here on.</param>
    public void AddKey(byte[] pkcs8, string where, string? encryption = null, string? friendlyName = null, WindowsKeyAttributes? windows = null)
    {
        PrivateKeyEntry key;
        try
        {
            if (pkcs8.Length > limits.MaxKeyOctets)
            {
                throw CertificateFormatException.Limit(where, "octets of a private key", pkcs8.Length, limits.MaxKeyOctets);
            }

            PrivateKeyHeader header = PrivateKeyHeader.Read(pkcs8);
            key = new PrivateKeyEntry(pkcs8, header)
            {
                Encryption = encryption,
                FriendlyName = friendlyName,
                Windows = (windows ?? WindowsKeyAttributes.None) with { KeySpec = header.KeySpec },
            };
        }
        catch (Exception e)
        {
            CryptographicOperations.ZeroMemory(pkcs8);
            throw e switch
            {
                CryptographicException or AsnContentException => CertificateFormatException.Damaged(where, "it is no private key", e),
                PlatformNotSupportedException => CertificateFormatException.UnknownCurve(where, e),
                _ => e,
            };
        }

        if (Content.KeyList.Any(one => one.IsSameAs(key)))
        {
            key.Dispose();
            Note(where, "the same private key again");
            return;
        }

        Content.KeyList.Add(key);
        if (Content.KeyList.Count > limits.MaxKeys)
        {
            throw CertificateFormatException.Limit(name, "private keys", Content.KeyList.Count, limits.MaxKeys);
        }
    }

    public void AddRequest(ReadOnlyMemory<byte> der, string where)
    {
        if (der.Length > limits.MaxCertificateOctets)
        {
            throw CertificateFormatException.Limit(where, "octets of a request", der.Length, limits.MaxCertificateOctets);
        }

        try
        {
            CertificateRequest.LoadSigningRequest(
                der.ToArray(), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.SkipSignatureValidation | CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException or ArgumentException)
        {
            throw CertificateFormatException.Damaged(where, "it is no request for a certificate (PKCS #10)", e);
        }

        Content.RequestList.Add(der.ToArray());
    }
}

using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Postern.Testing;

/// <summary>A fresh certificate authority and what it issues. Nothing with an expiry date is kept in the tree.</summary>
public sealed class Certs : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromDays(1);
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(30);
    private static readonly Oid ServerAuth = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuth = new("1.3.6.1.5.5.7.3.2");

    private Certs(X509Certificate2 authority) => Authority = authority;

    /// <summary>The CA's certificate, with its private key.</summary>
    public X509Certificate2 Authority { get; }

    public string AuthorityPem => Authority.ExportCertificatePem() + "\n";

    public static Certs Create(string name = "Postern test CA")
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return new Certs(request.CreateSelfSigned(now - Margin, now + Lifetime));
    }

    /// <summary>A server (and client) certificate for <c>localhost</c> and 127.0.0.1, with its private key, usable with SslStream.</summary>
    /// <param name="hosts">Names and addresses, instead of <c>localhost</c>.</param>
    public X509Certificate2 IssueServer(params string[] hosts)
    {
        string[] names = hosts.Length > 0 ? hosts : ["localhost"];
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={names[0]}", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address))
            {
                alternatives.AddIpAddress(address);
            }
            else
            {
                alternatives.AddDnsName(name);
            }
        }

        alternatives.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([ServerAuth, ClientAuth], false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 bare = request.Create(
            Authority, now - (Margin / 2), now + (Lifetime / 2), RandomNumberGenerator.GetBytes(16));
        using X509Certificate2 withKey = bare.CopyWithPrivateKey(key);

        // Through PKCS#12 once: a key that lives in memory only is refused by some TLS stacks.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>Writes <c>ca.pem</c>, <c>server.pem</c> and <c>server.key</c> into a folder, as servers other than ours want them.</summary>
    /// <param name="hosts">As of <see cref="IssueServer"/>.</param>
    public CertificateFiles WriteServerFiles(string folder, params string[] hosts)
    {
        var files = new CertificateFiles(Path.Combine(folder, "ca.pem"), Path.Combine(folder, "server.pem"), Path.Combine(folder, "server.key"));
        using X509Certificate2 server = IssueServer(hosts);
        using ECDsa key = server.GetECDsaPrivateKey()!;
        File.WriteAllText(files.Authority, AuthorityPem);
        File.WriteAllText(files.Certificate, server.ExportCertificatePem() + "\n");
        File.WriteAllText(files.Key, key.ExportPkcs8PrivateKeyPem() + "\n");
        return files;
    }

    public void Dispose() => Authority.Dispose();
}

/// <summary>Paths of PEM files.</summary>
public sealed record CertificateFiles(string Authority, string Certificate, string Key);

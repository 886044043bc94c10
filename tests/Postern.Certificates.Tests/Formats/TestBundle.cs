using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Testing;

namespace Postern.Certificates.Tests.Formats;

/// <summary>A certificate with its key, its issuer and its root, made anew in each run.</summary>
internal sealed class TestBundle : IDisposable
{
    private TestBundle(X509Certificate2 root, X509Certificate2 issuer, X509Certificate2 leaf)
    {
        Root = root;
        Issuer = issuer;
        Leaf = leaf;
        Bundle = new CertificateBundle(leaf, [issuer, root]) { FriendlyName = "Mail, 2nd floor: büro" };
    }

    public X509Certificate2 Root { get; }

    public X509Certificate2 Issuer { get; }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Leaf { get; }

    public CertificateBundle Bundle { get; }

    public string KeyPem => ((AsymmetricAlgorithm?)Leaf.GetRSAPrivateKey() ?? Leaf.GetECDsaPrivateKey()!).ExportPkcs8PrivateKeyPem() + "\n";

    public string LeafPem => Leaf.ExportCertificatePem() + "\n";

    public string IssuerPem => Issuer.ExportCertificatePem() + "\n";

    public string RootPem => Root.ExportCertificatePem() + "\n";

    public static TestBundle Rsa() => new(RSA.Create(2048));

    public static TestBundle Ec() => new(ECDsa.Create(ECCurve.NamedCurves.nistP256));

    private TestBundle(AsymmetricAlgorithm key)
        : this(key, Authority("CN=Test root", null))
    {
    }

    private TestBundle(AsymmetricAlgorithm key, X509Certificate2 root)
        : this(key, root, Authority("CN=Test issuer", root))
    {
    }

    private TestBundle(AsymmetricAlgorithm key, X509Certificate2 root, X509Certificate2 issuer)
        : this(root, issuer, Issue(key, issuer))
    {
        key.Dispose();
    }

    /// <param name="issuer">Null: a root.</param>
    public static X509Certificate2 Authority(string name, X509Certificate2? issuer)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return issuer is null
            ? request.CreateSelfSigned(now.AddDays(-3), now.AddDays(30))
            : request.Create(issuer, now.AddDays(-2), now.AddDays(20), RandomNumberGenerator.GetBytes(16)).CopyWithPrivateKey(key);
    }

    public static X509Certificate2 Issue(AsymmetricAlgorithm key, X509Certificate2 issuer, string name = "CN=mail.example.com")
    {
        CertificateRequest request = key is RSA rsa
            ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(name, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        X509SignatureGenerator generator = X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!);
        using X509Certificate2 bare = request.Create(issuer.SubjectName, generator, now.AddDays(-1), now.AddDays(10), RandomNumberGenerator.GetBytes(16));
        return key is RSA own ? bare.CopyWithPrivateKey(own) : bare.CopyWithPrivateKey((ECDsa)key);
    }

    public static async Task<string> OpenSslAsync(params string[] arguments)
    {
        CommandResult result = await ChildProcess.RunAsync("openssl", arguments);
        Assert.True(result.ExitCode == 0, $"openssl {string.Join(' ', arguments)}: {result.Error}");
        return result.Output;
    }

    /// <summary>leaf.pem, key.pem, chain.pem (issuer and root).</summary>
    public void Save(TestFolder folder)
    {
        File.WriteAllText(folder["leaf.pem"], LeafPem);
        File.WriteAllText(folder["key.pem"], KeyPem);
        File.WriteAllText(folder["chain.pem"], IssuerPem + RootPem);
    }

    /// <summary>Same certificate, same key, same chain.</summary>
    public void MustBe(CertificateBundle bundle)
    {
        Assert.Equal(Leaf.Thumbprint, bundle.Certificate.Thumbprint);
        Assert.True(bundle.Certificate.HasPrivateKey);
        Assert.Equal(KeyPem, System.Text.Encoding.ASCII.GetString(PrivateKeyPem.Write(bundle.Certificate)));
        Assert.Equal([Issuer.Thumbprint, Root.Thumbprint], bundle.Chain.Select(one => one.Thumbprint));
    }

    public void Dispose()
    {
        Bundle.Dispose();
    }
}

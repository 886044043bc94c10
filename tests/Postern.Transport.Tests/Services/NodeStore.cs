using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Testing;
using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

/// <summary>A data folder with a certificate store, and an authority that fills it.</summary>
internal sealed class NodeStore : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Certs _authority = Certs.Create();

    public NodeStore() => Store = new LocalCertificateStore(_folder["certificates"], TimeProvider.System);

    public LocalCertificateStore Store { get; }

    public string DataFolder => _folder.Path;

    public string ServicesFolder => _folder["services"];

    public StoredCertificate Add(MailServices services, params string[] names) => Add(services, false, names);

    public StoredCertificate Add(MailServices services, bool isDefault, params string[] names)
    {
        using X509Certificate2 issued = _authority.IssueServer(names);
        using CertificateBundle bundle = new(X509CertificateLoader.LoadPkcs12(issued.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable), [X509CertificateLoader.LoadCertificate(_authority.Authority.RawData)]);
        return Store.Add(bundle, new CertificateMetadata { Services = services, IsDefaultSmtp = isDefault });
    }

    /// <summary>With any octets as its dNSNames, also those that no authority would sign.</summary>
    public StoredCertificate AddRaw(MailServices services, params string[] names)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=strange", key, HashAlgorithmName.SHA256);
        AsnWriter writer = new(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (string name in names)
            {
                // RFC 5280 section 4.2.1.6: dNSName is [2] IA5String.
                writer.WriteCharacterString(UniversalTagNumber.IA5String, name, new Asn1Tag(TagClass.ContextSpecific, 2));
            }
        }

        request.CertificateExtensions.Add(new X509Extension("2.5.29.17", writer.Encode(), false));
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using CertificateBundle bundle = new(request.CreateSelfSigned(now.AddDays(-1), now.AddDays(90)), []);
        return Store.Add(bundle, new CertificateMetadata { Services = services });
    }

    /// <summary>Self-signed, valid for 90 days.</summary>
    public StoredCertificate AddStrange(MailServices services, DateTimeOffset notBefore, params string[] names)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=strange", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
        {
            alternatives.AddDnsName(name);
        }

        request.CertificateExtensions.Add(alternatives.Build());
        using CertificateBundle bundle = new(request.CreateSelfSigned(notBefore, notBefore.AddDays(90)), []);
        return Store.Add(bundle, new CertificateMetadata { Services = services });
    }

    public CertificateFiles OldFiles() => _authority.WriteServerFiles(_folder.CreateFolder("old-" + Path.GetRandomFileName()), "old.example.com");

    public static ServiceBinder Binder(ServiceSettings settings, params IServiceDriver[] drivers) => new(drivers, settings, TimeProvider.System, NullLogger.Instance);

    public static ProbeAddress At(int port, bool isImplicit = false) => new() { Address = $"127.0.0.1:{port}", Implicit = isImplicit };

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }
}

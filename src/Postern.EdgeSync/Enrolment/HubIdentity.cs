using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync.Subscriptions;

namespace Postern.EdgeSync.Enrolment;

/// <summary>Who a hub is to the others of its site: its name, and TransportService-Cert, which its credentials are sealed for (fact sheet
/// 2.5, 3.3). Its key never leaves the hub.</summary>
public sealed class HubIdentity : IDisposable
{
    /// <summary>Of its files in the keys folder.</summary>
    public const string CertificateName = "transport-service-cert";

    /// <summary>As of Exchange's self-signed certificates, 5 years (fact sheet 7.1). Trusted by the entry it stands in, not by its dates.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(5 * 365);

    private HubIdentity(string fqdn, string site, string version, X509Certificate2 certificate) =>
        (Fqdn, Site, Version, Certificate) = (fqdn, site, version, certificate);

    public string Name => EdgeNames.ShortName(Fqdn);

    public string Fqdn { get; }

    public string Site { get; }

    public string Version { get; }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Everything that may have been sealed for this hub opens with one of these.</summary>
    public IReadOnlyList<X509Certificate2> Keys => [Certificate];

    /// <summary>Makes the certificate if there is none yet.</summary>
    /// <exception cref="PrivateFileException">Its files cannot be used.</exception>
    public static HubIdentity Open(HubPaths paths, string fqdn, string site, string version, TimeProvider time)
    {
        CertificateStore store = new(paths.KeysFolder);
        if (store.TryLoad(CertificateName) is { } there)
        {
            return new HubIdentity(fqdn, site, version, there);
        }

        PrivateFile.CreateFolder(paths.KeysFolder);
        using (X509Certificate2 made = SelfSignedCertificate.Create(
            new SelfSignedRequest(EdgeNames.ShortName(fqdn), [fqdn], KeyAlgorithm.EcdsaP256, Lifetime), time))
        {
            store.Save(CertificateName, made);
        }

        return new HubIdentity(fqdn, site, version, store.TryLoad(CertificateName) ?? throw new CryptographicException($"{CertificateName} was saved and is not there"));
    }

    public void Dispose() => Certificate.Dispose();
}

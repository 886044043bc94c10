using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Subscriptions;

namespace Postern.EdgeSync.Enrolment;

/// <summary>Who a hub is to the others of its site: its name, and TransportService-Cert, which its credentials are sealed for (fact sheet
/// 2.5, 3.3). Its key never leaves the hub. Trusted by the entry that it stands in, not by its dates.</summary>
public sealed class HubIdentity : IDisposable
{
    /// <summary>Of its files in the keys folder.</summary>
    public const string CertificateName = "transport-service-cert";

    private HubIdentity(string fqdn, string site, string version, NodeRotation rotation) =>
        (Fqdn, Site, Version, Rotation) = (fqdn, site, version, rotation);

    public string Name => EdgeNames.ShortName(Fqdn);

    public string Fqdn { get; }

    public string Site { get; }

    public string Version { get; }

    /// <summary>Renews TransportService-Cert.</summary>
    public NodeRotation Rotation { get; }

    /// <summary>The one in use, with its private key.</summary>
    public X509Certificate2 Certificate => Rotation.Ensure();

    /// <summary>Everything that may have been sealed for this hub opens with one of these.</summary>
    public IReadOnlyList<X509Certificate2> Keys => Rotation.Certificates.All;

    /// <summary>Makes the certificate if there is none yet.</summary>
    /// <exception cref="PrivateFileException">Its files cannot be used.</exception>
    public static HubIdentity Open(HubPaths paths, string fqdn, string site, string version, TimeProvider time, CertificateTimetable? timetable = null, ILogger? log = null)
    {
        PrivateFile.CreateFolder(paths.KeysFolder);
        log ??= NullLogger.Instance;
        NodeCertificates certificates = CertificateLog.Follow(new NodeCertificates(new CertificateStore(paths.KeysFolder), CertificateName, time), log);
        HubIdentity identity = new(fqdn, site, version, new NodeRotation(certificates, fqdn, KeyAlgorithm.EcdsaP256, timetable ?? new CertificateTimetable(), time, log));
        identity.Rotation.Ensure();
        return identity;
    }

    /// <summary>At the end of the hub: its keys leave memory.</summary>
    public void Dispose()
    {
        foreach (X509Certificate2 one in Keys)
        {
            one.Dispose();
        }
    }
}

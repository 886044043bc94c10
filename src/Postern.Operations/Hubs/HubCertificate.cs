using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;
using Postern.EdgeSync;
using Postern.EdgeSync.Enrolment;

namespace Postern.Operations.Hubs;

/// <summary>A hub's TransportService-Cert, without its key.</summary>
/// <param name="Pem">What <c>subscription new --for-hub</c> takes on an edge.</param>
public sealed record HubCertificateView(string Name, string Sha256, DateTimeOffset NotAfterUtc, string KeyAlgorithm, string Pem)
{
    /// <summary>From the hub's files, whether its daemon runs or not.</summary>
    /// <exception cref="OperationException">No hub has been here yet.</exception>
    public static HubCertificateView Read(string dataFolder)
    {
        HubPaths paths = new(Path.GetFullPath(dataFolder));
        using X509Certificate2 certificate = StoredPublicCertificate.Read(paths.KeysFolder, HubIdentity.CertificateName) ?? throw new OperationException(
            FailureCategory.NotFound, "noIdentity", $"there is no hub's certificate in {paths.KeysFolder}", "give --data the hub's folder; the hub makes its certificate when it is first started");
        return new HubCertificateView(
            certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false), CertificatePin.Of(certificate).ToString(), certificate.NotAfter.ToUniversalTime(),
            Algorithm(certificate), certificate.ExportCertificatePem());
    }

    private static string Algorithm(X509Certificate2 certificate)
    {
        using System.Security.Cryptography.ECDsa? ec = certificate.GetECDsaPublicKey();
        using System.Security.Cryptography.RSA? rsa = certificate.GetRSAPublicKey();
        return ec is not null ? $"EC {ec.KeySize}" : rsa is not null ? $"RSA {rsa.KeySize}" : certificate.PublicKey.Oid.Value ?? "";
    }
}

using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>The dates of a certificate, in the words of events 12015 to 12019.</summary>
internal static class CertificateDates
{
    /// <summary>A certificate renews itself long before (at two thirds of its life); who sees this many days left knows that it did not. Ours.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromDays(30);

    /// <param name="own">Of the node itself, or of a peer: a peer's dates are its own affair until they are over.</param>
    public static Finding Judge(string about, X509Certificate2 certificate, bool own, DateTimeOffset now)
    {
        DateTimeOffset end = certificate.NotAfter.ToUniversalTime();
        string evidence = string.Create(
            CultureInfo.InvariantCulture,
            $"sha256:{CertificatePin.Of(certificate)}, {certificate.PublicKey.Oid.FriendlyName ?? certificate.PublicKey.Oid.Value}, good until {end:u}");
        return now >= end ? Finding.Warning("certificate", about, own ? FindingCodes.CertificateExpired : FindingCodes.PeerCertificateExpired, evidence)
            : own && end - now < Soon ? Finding.Warning(
                "certificate", about, FindingCodes.CertificateExpiresSoon, string.Create(CultureInfo.InvariantCulture, $"{evidence}, {(end - now).TotalHours:0} hours remaining"))
            : Finding.Good("certificate", about, evidence);
    }
}

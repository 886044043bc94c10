using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.Transport.Services;

/// <summary>Which of several certificates is shown (fact sheet 7.5, "best"): one that is in its dates before one that is not, one that an
/// authority issued before a self-signed one, then the one that became valid last.</summary>
internal static class CertificateRanking
{
    public static IEnumerable<StoredCertificate> Rank(IEnumerable<StoredCertificate> candidates, DateTimeOffset now) => candidates
        .OrderByDescending(one => IsInDates(one.Certificate!, now))
        .ThenByDescending(one => one.Certificate!.SubjectName.RawData.AsSpan().SequenceEqual(one.Certificate.IssuerName.RawData) ? 0 : 1)
        .ThenByDescending(one => one.Certificate!.NotBefore)
        .ThenByDescending(one => one.Metadata.AddedUtc)
        .ThenBy(one => one.Sha256, StringComparer.Ordinal);

    private static bool IsInDates(X509Certificate2 one, DateTimeOffset now) => one.NotBefore.ToUniversalTime() <= now.UtcDateTime && now.UtcDateTime <= one.NotAfter.ToUniversalTime();
}

using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;

namespace Postern.EdgeSync.Rotation;

/// <summary>Reports certificates that have expired or soon will, each once a day. Nothing is refused for it: pins have no dates.</summary>
internal sealed class CertificateAlarms(CertificateTimetable timetable, TimeProvider time, ILogger log)
{
    private readonly ConcurrentDictionary<(string About, string Sha256), DateTimeOffset> _reported = new();

    public void LookAtOwn(string name, X509Certificate2 certificate)
    {
        DateTimeOffset now = time.GetUtcNow();
        DateTimeOffset end = CertificateDates.NotAfter(certificate);
        string sha256 = CertificatePin.Of(certificate).ToString();
        if (end - now >= timetable.ExpiresSoon || !IsNew(name, sha256, now))
        {
            return;
        }

        if (end <= now)
        {
            CertificateLog.InternalTransportCertificateExpired(log, name, sha256, end);
        }
        else
        {
            CertificateLog.InternalTransportCertificateExpiresSoon(log, name, sha256, (long)(end - now).TotalHours);
        }
    }

    /// <param name="trusted">Those that it may show, DER: reported is the one that lasts longest. Others wrote them: what is no certificate is passed over.</param>
    public void LookAtPeer(string peer, IReadOnlyList<ReadOnlyMemory<byte>> trusted)
    {
        (DateTimeOffset End, string Sha256)? last = null;
        foreach (ReadOnlyMemory<byte> der in trusted)
        {
            try
            {
                using X509Certificate2 certificate = X509CertificateLoader.LoadCertificate(der.Span);
                if (last is null || CertificateDates.NotAfter(certificate) > last.Value.End)
                {
                    last = (CertificateDates.NotAfter(certificate), CertificatePin.Of(der.Span).ToString());
                }
            }
            catch (CryptographicException)
            {
            }
        }

        DateTimeOffset now = time.GetUtcNow();
        if (last is { } one && one.End <= now && IsNew(peer, one.Sha256, now))
        {
            CertificateLog.RemoteInternalTransportCertificateExpired(log, peer, one.Sha256, one.End);
        }
    }

    /// <summary>An edge shows what it has put away.</summary>
    public void ShowsPrevious(string edge, string sha256, DateTimeOffset until)
    {
        if (IsNew($"{edge} (previous)", sha256, time.GetUtcNow()))
        {
            CertificateLog.ShownPrevious(log, edge, sha256, until);
        }
    }

    private bool IsNew(string about, string sha256, DateTimeOffset now)
    {
        bool isNew = !_reported.TryGetValue((about, sha256), out DateTimeOffset last) || now - last >= timetable.RepeatReport || now < last;
        if (isNew)
        {
            _reported[(about, sha256)] = now;
        }

        return isNew;
    }
}

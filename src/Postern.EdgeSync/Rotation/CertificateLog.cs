using Microsoft.Extensions.Logging;
using Postern.Certificates;

namespace Postern.EdgeSync.Rotation;

/// <summary>Numbers from 10000 on and their meanings are Exchange's, sources MSExchangeTransport and MSExchange EdgeSync (fact sheet 9.1, 9.2).</summary>
internal static partial class CertificateLog
{
    /// <summary>Has replacements by hand logged.</summary>
    public static NodeCertificates Follow(NodeCertificates certificates, ILogger log)
    {
        certificates.Replaced = one => Replaced(log, certificates.Name, CertificatePin.Of(one).ToString(), CertificateDates.NotAfter(one));
        certificates.Kept = why => Kept(log, certificates.Name, why);
        return certificates;
    }

    [LoggerMessage(3310, LogLevel.Information, "Certificate {Name} was replaced by hand: {Sha256}, good until {NotAfter:u}; new handshakes use it. Peers that pin the one before do not know it")]
    private static partial void Replaced(ILogger log, string name, string sha256, DateTimeOffset notAfter);

    [LoggerMessage(3311, LogLevel.Warning, "Certificate {Name} was changed and cannot be used, the last good one stays: {Reason}")]
    private static partial void Kept(ILogger log, string name, string reason);

    [LoggerMessage(3540, LogLevel.Information, "Certificate {Name}: the next one, {Sha256}, good until {NotAfter:u}, is told to the peers; it is used when they all trust it")]
    public static partial void Announced(ILogger log, string name, string sha256, DateTimeOffset notAfter);

    [LoggerMessage(3541, LogLevel.Information, "Certificate {Name}: {Sha256}, good until {NotAfter:u}, is in use; the one before is trusted for a while")]
    public static partial void Switched(ILogger log, string name, string sha256, DateTimeOffset notAfter);

    [LoggerMessage(3542, LogLevel.Information, "Certificate {Name}: the previous one, {Sha256}, and its key are deleted")]
    public static partial void Dropped(ILogger log, string name, string sha256);

    [LoggerMessage(3543, LogLevel.Warning, "Certificate {Name}: {Old} was revoked and {Sha256} is in use; peers that trusted the old one do not know it")]
    public static partial void Revoked(ILogger log, string name, string old, string sha256);

    [LoggerMessage(3544, LogLevel.Information, "Edge {Edge}: its next certificate {Sha256} is trusted, and credentials are sealed for it")]
    public static partial void NextPinned(ILogger log, string edge, string sha256);

    [LoggerMessage(3545, LogLevel.Information, "Edge {Edge}: it has changed over to certificate {Sha256}; {Previous} is trusted until {Until:u}")]
    public static partial void PinMoved(ILogger log, string edge, string sha256, string previous, DateTimeOffset until);

    [LoggerMessage(3546, LogLevel.Information, "Edge {Edge}: its previous certificate {Sha256} is no longer trusted")]
    public static partial void PinDropped(ILogger log, string edge, string sha256);

    [LoggerMessage(3547, LogLevel.Warning, "Edge {Edge}: it shows its previous certificate {Sha256} again, as one set back to a backup does, or somebody who has its old key; it is trusted until {Until:u}, and what it announces is not taken. Subscribe it anew")]
    public static partial void ShownPrevious(ILogger log, string edge, string sha256, DateTimeOffset until);

    [LoggerMessage(3548, LogLevel.Warning, "Certificates of this node could not be looked after: {Reason}; tried again at {Next:u}")]
    public static partial void LookFailed(ILogger log, string reason, DateTimeOffset next);

    [LoggerMessage(3549, LogLevel.Warning, "The report of certificates for {Entry} could not be brought there: {Reason}. Only the watch over certificates misses it; an organization directory on slapd needs the schema of this version")]
    public static partial void NoReport(ILogger log, string entry, string reason);

    [LoggerMessage(10104, LogLevel.Warning, "Edge {Edge} at {Address} does not show a certificate that it is trusted by; the session was closed: {Reason}")]
    public static partial void FailedDirectTrustMatch(ILogger log, string edge, string address, string reason);

    [LoggerMessage(12015, LogLevel.Warning, "Certificate {Name} of this node, {Sha256}, expired at {NotAfter:u}. Sessions go on, since peers pin it; 'postern certificate show' says what its successor waits for")]
    public static partial void InternalTransportCertificateExpired(ILogger log, string name, string sha256, DateTimeOffset notAfter);

    [LoggerMessage(12017, LogLevel.Warning, "Certificate {Name} of this node, {Sha256}, expires in {Hours} hours; 'postern certificate show' says what its successor waits for")]
    public static partial void InternalTransportCertificateExpiresSoon(ILogger log, string name, string sha256, long hours);

    [LoggerMessage(12019, LogLevel.Warning, "The certificate of {Peer}, {Sha256}, expired at {NotAfter:u}. Sessions go on, since it is pinned; 'postern certificate show' there says what its successor waits for")]
    public static partial void RemoteInternalTransportCertificateExpired(ILogger log, string peer, string sha256, DateTimeOffset notAfter);
}

using Microsoft.Extensions.Logging;

namespace Postern.Operations.Certificates;

/// <summary>Numbers from 1000 to 1999 and from 12000 on, and their meanings, are Exchange's: sources MSExchange EdgeSync and MSExchangeTransport (fact sheet 9.1, 9.2).</summary>
internal static partial class CertificateWatchLog
{
    [LoggerMessage(1035, LogLevel.Error, "The certificate of this node, {Sha256}, has a key that credentials cannot be sealed for: neither RSA of 2048 bits or more nor EC P-256, P-384 or P-521; 'postern certificate renew' mends it")]
    public static partial void KeyNotUsable(ILogger log, string sha256);

    [LoggerMessage(1037, LogLevel.Warning, "This node uses certificate {Sha256}, and the organization directory has {Published} of it: another machine runs as this hub, or its folder of keys is an old one")]
    public static partial void OtherPublished(ILogger log, string sha256, string published);

    [LoggerMessage(12012, LogLevel.Error, "The certificate of this node, {Sha256}, is not published in the organization directory: nobody can seal anything for it")]
    public static partial void NotPublished(ILogger log, string sha256);

    [LoggerMessage(12013, LogLevel.Error, "The certificate of this node for {Services} cannot be loaded: {Reason}. A daemon that has loaded it goes on with it, and does not start again")]
    public static partial void CannotLoadInternalTransportCertificateFromStore(ILogger log, string services, string reason);

    [LoggerMessage(12014, LogLevel.Error, "Connector {Connector}: no certificate for {Name} may serve it, so STARTTLS cannot be had with it; 'postern certificate check --connector' says why")]
    public static partial void NoCertificateForConnector(ILogger log, string connector, string name);

    [LoggerMessage(12016, LogLevel.Error, "Certificate {Subject}, {Thumbprint}, of {Services} expired at {NotAfter:u}, and is shown all the same; renew it")]
    public static partial void StartTlsCertificateExpired(ILogger log, string subject, string thumbprint, string services, DateTimeOffset notAfter);

    [LoggerMessage(12018, LogLevel.Warning, "Certificate {Subject}, {Thumbprint}, of {Services} expires in {Hours} hours; renew it")]
    public static partial void StartTlsCertificateExpiresSoon(ILogger log, string subject, string thumbprint, string services, long hours);

    [LoggerMessage(4130, LogLevel.Error, "Certificate {Subject}, {Thumbprint}, for {Services} is past its end, {NotAfter:u}; 'postern certificate check' lists all")]
    public static partial void Expired(ILogger log, string subject, string thumbprint, string services, DateTimeOffset notAfter);

    [LoggerMessage(4131, LogLevel.Warning, "Certificate {Subject}, {Thumbprint}, for {Services} ends in {Hours} hours; 'postern certificate check' lists all")]
    public static partial void ExpiresSoon(ILogger log, string subject, string thumbprint, string services, long hours);

    [LoggerMessage(4132, LogLevel.Warning, "Certificate {Subject}, for {Services}: {Reason}; 'postern certificate check' says more")]
    public static partial void AtFault(ILogger log, string subject, string services, string reason);

    [LoggerMessage(4133, LogLevel.Warning, "The certificates of this node could not be looked at: {Reason}; tried again at {Next:u}")]
    public static partial void LookFailed(ILogger log, string reason, DateTimeOffset next);
}

using Microsoft.Extensions.Logging;

namespace Postern.Transport.Services;

/// <summary>Events of certificates and the services that show them, 5020 to 5039.</summary>
internal static partial class ServiceLog
{
    [LoggerMessage(EventId = 5020, Level = LogLevel.Information, Message = "Certificates: {Service} serves {Sha256}, as a client sees it")]
    public static partial void Served(this ILogger logger, string service, string sha256);

    [LoggerMessage(EventId = 5021, Level = LogLevel.Error, Message = "Certificates: {Service} does not serve what it must; what was there is put back: {Reason}")]
    public static partial void NotServed(this ILogger logger, string service, string reason);

    [LoggerMessage(EventId = 5022, Level = LogLevel.Critical, Message = "Certificates: what {Service} served before could not be put back: {Reason}")]
    public static partial void NotRolledBack(this ILogger logger, string service, string reason);
}

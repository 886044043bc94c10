using Microsoft.Extensions.Logging;

namespace Postern.Transport;

/// <summary>Events of the socketmap server, 5000 to 5019. No event carries an address.</summary>
internal static partial class SocketmapLog
{
    [LoggerMessage(EventId = 5000, Level = LogLevel.Information, Message = "Socketmap: listening on {EndPoint}")]
    public static partial void Listening(this ILogger logger, SocketmapEndpoint endPoint);

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "Socketmap: stopped listening on {EndPoint}")]
    public static partial void Stopped(this ILogger logger, SocketmapEndpoint endPoint);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Warning, Message = "Socketmap: {EndPoint} is reached from other machines; the protocol has no authentication, so anyone there can test addresses. Listen on loopback or a Unix socket")]
    public static partial void NotLoopback(this ILogger logger, SocketmapEndpoint endPoint);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Warning, Message = "Socketmap: {Limit} connections are open, more are refused until some end (MaxConnections)")]
    public static partial void TooManyConnections(this ILogger logger, int limit);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Error, Message = "Socketmap: lookups fail, so Postfix defers mail")]
    public static partial void LookupsFail(this ILogger logger, Exception cause);

    [LoggerMessage(EventId = 5005, Level = LogLevel.Warning, Message = "Socketmap: not ready, so Postfix defers mail: {Reason}")]
    public static partial void NotReady(this ILogger logger, string reason);

    [LoggerMessage(EventId = 5006, Level = LogLevel.Information, Message = "Socketmap: lookups are answered again")]
    public static partial void Answering(this ILogger logger);

    [LoggerMessage(EventId = 5007, Level = LogLevel.Warning, Message = "Socketmap: a client was cut off: {Reason}")]
    public static partial void BadRequest(this ILogger logger, string reason);

    [LoggerMessage(EventId = 5008, Level = LogLevel.Error, Message = "Socketmap: accepting on {EndPoint} failed; it is tried again")]
    public static partial void AcceptFailed(this ILogger logger, SocketmapEndpoint endPoint, Exception cause);

    [LoggerMessage(EventId = 5009, Level = LogLevel.Debug, Message = "Socketmap: a connection was lost: {Reason}")]
    public static partial void ConnectionLost(this ILogger logger, string reason);
}

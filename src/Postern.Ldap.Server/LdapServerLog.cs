using System.Net;
using Microsoft.Extensions.Logging;

namespace Postern.Ldap.Server;

/// <summary>All that the server writes to the log. Names and addresses, never credentials or values.</summary>
internal static partial class LdapServerLog
{
    [LoggerMessage(EventId = 3000, Level = LogLevel.Information, Message = "Listening on {EndPoint}, {Protocol}")]
    public static partial void Listening(this ILogger logger, EndPoint endPoint, string protocol);

    [LoggerMessage(EventId = 3001, Level = LogLevel.Information, Message = "Stopping: {Connections} connections are open")]
    public static partial void Stopping(this ILogger logger, int connections);

    [LoggerMessage(EventId = 3002, Level = LogLevel.Warning, Message = "Operations still in flight after {Grace}: they are cancelled")]
    public static partial void GraceIsOver(this ILogger logger, TimeSpan grace);

    [LoggerMessage(EventId = 3003, Level = LogLevel.Error, Message = "Accepting on {EndPoint} failed; no more connections are taken there")]
    public static partial void AcceptFailed(this ILogger logger, Exception exception, EndPoint endPoint);

    [LoggerMessage(EventId = 3004, Level = LogLevel.Error, Message = "No more connections can be taken on {EndPoint} for now: {Reason}; tried again every {Pause}")]
    public static partial void CannotAccept(this ILogger logger, EndPoint endPoint, string reason, TimeSpan pause);

    [LoggerMessage(EventId = 3005, Level = LogLevel.Warning, Message = "Connections are taken on {EndPoint} again")]
    public static partial void AcceptingAgain(this ILogger logger, EndPoint endPoint);

    [LoggerMessage(EventId = 3010, Level = LogLevel.Warning, Message = "{Peer} refused: {Reason}")]
    public static partial void ConnectionRefused(this ILogger logger, EndPoint? peer, string reason);

    [LoggerMessage(EventId = 3011, Level = LogLevel.Information, Message = "{Peer} TLS handshake: {Reason}")]
    public static partial void HandshakeFailed(this ILogger logger, EndPoint? peer, string reason);

    [LoggerMessage(EventId = 3012, Level = LogLevel.Error, Message = "No certificate for a TLS handshake")]
    public static partial void NoCertificate(this ILogger logger, Exception exception);

    [LoggerMessage(EventId = 3013, Level = LogLevel.Information, Message = "{Peer} disconnected by the server: {Code}, {Reason}")]
    public static partial void Disconnected(this ILogger logger, EndPoint? peer, LdapResultCode code, string reason);

    [LoggerMessage(EventId = 3014, Level = LogLevel.Warning, Message = "{Peer} cut off: {Reason}")]
    public static partial void CutOff(this ILogger logger, EndPoint? peer, string reason);

    [LoggerMessage(EventId = 3015, Level = LogLevel.Debug, Message = "{Peer} connection lost: {Reason}")]
    public static partial void ConnectionLost(this ILogger logger, EndPoint? peer, string reason);

    [LoggerMessage(EventId = 3016, Level = LogLevel.Error, Message = "{Peer} session ended by a fault of the server")]
    public static partial void SessionFailed(this ILogger logger, Exception exception, EndPoint? peer);

    [LoggerMessage(EventId = 3020, Level = LogLevel.Information, Message = "{Peer} bound as {Identity}")]
    public static partial void Bound(this ILogger logger, EndPoint? peer, string identity);

    [LoggerMessage(EventId = 3021, Level = LogLevel.Warning, Message = "{Peer} bind as {Name}: {Code}")]
    public static partial void BindFailed(this ILogger logger, EndPoint? peer, string name, LdapResultCode code);

    [LoggerMessage(EventId = 3022, Level = LogLevel.Error, Message = "{Peer} {Operation} failed by a fault of the server or its store")]
    public static partial void OperationFailed(this ILogger logger, Exception exception, EndPoint? peer, string operation);
}

using Microsoft.Extensions.Logging;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

internal static partial class ActiveDirectoryLog
{
    [LoggerMessage(3710, LogLevel.Warning, "Source {Source}: {Controller} is read from now on, {Before} does not answer")]
    public static partial void OtherController(ILogger log, string source, string controller, string before);

    [LoggerMessage(3711, LogLevel.Warning, "Source {Source}: {Controller} does not answer the cookie any more, everything is read: {Reason}")]
    public static partial void CookieRefused(ILogger log, string source, string controller, string reason);

    [LoggerMessage(3712, LogLevel.Information, "Source {Source}: {Controller} refuses DirSync, changes are asked for by uSNChanged; the right \"Replicating Directory Changes\" would allow it: {Reason}")]
    public static partial void NoDirSync(ILogger log, string source, string controller, string reason);

    [LoggerMessage(3713, LogLevel.Warning, "Source {Source}: no change feed from {Controller}: grant the account \"Replicating Directory Changes\" on the domain, or List Contents and Read Property on its Deleted Objects container")]
    public static partial void NoFeed(ILogger log, string source, string controller);

    [LoggerMessage(3714, LogLevel.Information, "Source {Source}: {Controller} notifies of changes")]
    public static partial void BellReady(ILogger log, string source, string controller);

    [LoggerMessage(3715, LogLevel.Information, "Source {Source}: {Controller} refuses change notification and is asked every second instead: {Reason}")]
    public static partial void BellPolls(ILogger log, string source, string controller, string reason);

    [LoggerMessage(3716, LogLevel.Warning, "Source {Source}: no word of changes for now, next attempt in {Delay}: {Reason}")]
    public static partial void BellLost(ILogger log, string source, TimeSpan delay, string reason);
}

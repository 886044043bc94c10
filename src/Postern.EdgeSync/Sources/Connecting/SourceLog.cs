using Microsoft.Extensions.Logging;

namespace Postern.EdgeSync.Sources.Connecting;

internal static partial class SourceLog
{
    [LoggerMessage(3701, LogLevel.Warning, "Source {Source}: others than the owner may read the password file {File}; chmod 600 it")]
    public static partial void PasswordReadable(ILogger log, string source, string file);

    [LoggerMessage(3702, LogLevel.Warning, "Source {Source}: its bell is lost, changes wait for the schedule until it is back; tried again in {Pause}: {Reason}")]
    public static partial void BellLost(ILogger log, string source, string reason, TimeSpan pause);

    [LoggerMessage(3703, LogLevel.Information, "Source {Source}: its bell is back")]
    public static partial void BellBack(ILogger log, string source);

    [LoggerMessage(3704, LogLevel.Error, "Source {Source}: waiting for changes failed")]
    public static partial void BellFailed(ILogger log, Exception exception, string source);

    [LoggerMessage(3705, LogLevel.Warning, "Source {Source}: {Server} does not answer, {Next} is asked: {Reason}")]
    public static partial void NextServer(ILogger log, string source, string server, string next, string reason);

    [LoggerMessage(3706, LogLevel.Warning, "Source {Source}: the containers below the base cannot be listed, so that one that is moved is noticed by the next full compare only: {Reason}")]
    public static partial void NoContainers(ILogger log, string source, string reason);
}

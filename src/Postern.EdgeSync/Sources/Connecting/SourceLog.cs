using Microsoft.Extensions.Logging;

namespace Postern.EdgeSync.Sources.Connecting;

internal static partial class SourceLog
{
    [LoggerMessage(3001, LogLevel.Warning, "Source {Source}: others than the owner may read the password file {File}; chmod 600 it")]
    public static partial void PasswordReadable(ILogger log, string source, string file);
}

using Microsoft.Extensions.Logging;

namespace Postern.EdgeSync.Credentials;

internal static partial class CredentialLog
{
    /// <summary>Number and meaning as in Exchange, source MSExchange EdgeSync (fact sheet 9.1).</summary>
    [LoggerMessage(1004, LogLevel.Warning, "Edge {Edge}: the next replication account {Account} cannot log on yet: {Reason}; {Current} goes on")]
    public static partial void NextRefused(ILogger log, string edge, string account, string reason, string current);

    /// <summary>Number and meaning as in Exchange, source MSExchange Message Security (fact sheet 9.1).</summary>
    [LoggerMessage(1006, LogLevel.Error, "Credential {Credential} cannot be installed: {Reason}")]
    public static partial void NotInstalled(ILogger log, string credential, string reason);

    [LoggerMessage(3520, LogLevel.Information, "Edge {Edge}: made account {Account}, good from {Effective} to {Expires}")]
    public static partial void Made(ILogger log, string edge, string account, DateTimeOffset effective, DateTimeOffset expires);

    [LoggerMessage(3521, LogLevel.Warning, "Edge {Edge}: credential {Credential} in the organization directory cannot be opened: {Reason}; it stays until another one works")]
    public static partial void NotOpened(ILogger log, string edge, string credential, string reason);

    [LoggerMessage(3527, LogLevel.Information, "Account {Account} installed, good from {Effective} to {Expires}")]
    public static partial void Installed(ILogger log, string account, DateTimeOffset effective, DateTimeOffset? expires);

    [LoggerMessage(3528, LogLevel.Information, "Account {Account} removed: {Why}")]
    public static partial void Removed(ILogger log, string account, string why);

    [LoggerMessage(3529, LogLevel.Error, "The Credential Service failed and tries again in {Delay}: {Reason}")]
    public static partial void ServiceFailed(ILogger log, TimeSpan delay, string reason);

    [LoggerMessage(3532, LogLevel.Error, "There are more than {Most} entries below {Container}; the others are not looked at")]
    public static partial void TooMany(ILogger log, string container, int most);

    [LoggerMessage(3530, LogLevel.Warning, "Edge {Edge}: no account worked ({Reason}); account {Account} was put there anew over the pinned certificates")]
    public static partial void Healed(ILogger log, string edge, string reason, string account);
}

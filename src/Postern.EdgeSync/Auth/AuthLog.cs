using Microsoft.Extensions.Logging;

namespace Postern.EdgeSync.Auth;

internal static partial class AuthLog
{
    [LoggerMessage(3570, LogLevel.Information, "The organization has auth certificate {Sha256}, which signs tokens of {Issuer} until {Until}")]
    public static partial void Made(ILogger log, string sha256, string issuer, DateTimeOffset until);

    [LoggerMessage(3571, LogLevel.Information, "Auth certificate {Next} has taken the place of {Current}, which is trusted until it is cleared")]
    public static partial void Rolled(ILogger log, string next, string current);

    [LoggerMessage(3572, LogLevel.Information, "The key of auth certificate {Sha256} was sealed for hub {Hub}")]
    public static partial void Shared(ILogger log, string sha256, string hub);

    [LoggerMessage(3573, LogLevel.Warning, "This hub cannot sign with auth certificate {Sha256}: {Reason}; it gets the key from another hub, or `postern auth monitor --apply` makes a new one")]
    public static partial void NoKey(ILogger log, string sha256, string reason);

    [LoggerMessage(3574, LogLevel.Warning, "The auth configuration cannot be kept: {Reason}")]
    public static partial void Failed(ILogger log, string reason);

    [LoggerMessage(3575, LogLevel.Information, "Auth certificate {Sha256} takes over at {Effective}")]
    public static partial void Staged(ILogger log, string sha256, DateTimeOffset effective);

    [LoggerMessage(3576, LogLevel.Warning, "Auth certificate {Sha256} is the current one at once: tokens of the ones before count for nothing")]
    public static partial void Replaced(ILogger log, string sha256);

    [LoggerMessage(3577, LogLevel.Information, "Token {Id} for {Subject}, {Role}, until {Until}")]
    public static partial void Issued(ILogger log, string id, string subject, string role, DateTimeOffset until);
}

using Postern.EdgeSync.Settings;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.Connecting;

/// <summary>What a directory's refusals mean for a source, and what an administrator can do about each.</summary>
internal static class SourceFailures
{
    /// <param name="where">The server and what was under way there.</param>
    /// <exception cref="ArgumentException">Another kind of failure: not of the directory's making.</exception>
    public static SourceException Explain(SourceSettings settings, Exception failure, string where) => failure switch
    {
        LdapException refusal => new SourceException(settings.Name, $"{where}: {refusal.Message}", Hint(settings, refusal.Code), refusal),
        LdapConnectionException lost => new SourceException(settings.Name, Join(where, lost.Message), lost.Hint, lost),
        LdapProtocolException broken => new SourceException(
            settings.Name,
            $"{where}: the server sent what is not as its RFC has it: {broken.Message}",
            "Please report it with the server's product and version.",
            broken),
        _ => throw new ArgumentException($"{failure.GetType().Name} is no failure of a directory", nameof(failure), failure),
    };

    public static bool IsOfDirectory(Exception failure) => failure is LdapException or LdapConnectionException or LdapProtocolException;

    /// <summary>A lost connection says itself which server it was with.</summary>
    private static string Join(string where, string message)
    {
        string server = where.Split(',')[0];
        return message.StartsWith(server + ": ", StringComparison.Ordinal) ? where + message[server.Length..] : $"{where}: {message}";
    }

    private static string Hint(SourceSettings settings, LdapResultCode code)
    {
        string account = settings.BindDn ?? "anonymous";
        return code switch
        {
            LdapResultCode.NoSuchObject => $"Check baseDn \"{settings.BaseDn}\": the source has no such entry, or hides it from {account}.",
            LdapResultCode.SizeLimitExceeded or LdapResultCode.AdminLimitExceeded or LdapResultCode.TimeLimitExceeded =>
                $"The source limits what {account} may read at once; lift that limit for it (OpenLDAP: limits dn.exact=\"{account}\" size=unlimited time=unlimited), or read less with filter.",
            LdapResultCode.InsufficientAccessRights or LdapResultCode.InappropriateAuthentication or LdapResultCode.OperationsError or LdapResultCode.StrongerAuthRequired =>
                "Give bindDn and passwordFile of an account that may read the subtree.",
            LdapResultCode.Referral => "The subtree is on another server; name that server in url.",
            LdapResultCode.Busy or LdapResultCode.Unavailable => "The source is overloaded or stopping; the next cycle tries again.",
            _ => "Look into the log of the source directory.",
        };
    }
}

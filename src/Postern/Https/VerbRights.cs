using Postern.Control;
using Postern.EdgeSync.Auth;

namespace Postern.Https;

/// <summary>What the bearer of a token must be for a verb. A verb that nobody thought of here is the administrators'.</summary>
public static class VerbRights
{
    /// <summary>Last words of verbs that only look.</summary>
    private static readonly HashSet<string> Looks = new(StringComparer.Ordinal) { "list", "show", "status", "test", "lookup", "explain", "verify", "preview", "doctor", "reports" };

    /// <summary>First words of what is operators' to change: mail flow, nothing of trust.</summary>
    private static readonly HashSet<string> OperatorsOwn = new(StringComparer.Ordinal) { "sync", "domain", "connector", "transport", "classification" };

    /// <summary>What nobody may from elsewhere: a token that makes tokens would never end.</summary>
    public static bool IsLocalOnly(string route) => route == ControlRoutes.AuthToken;

    /// <param name="route">Of <see cref="ControlRoutes"/>.</param>
    public static TokenRole Needed(string route)
    {
        if (!route.StartsWith(ControlRoutes.Prefix, StringComparison.Ordinal))
        {
            return TokenRole.Admin;
        }

        string[] words = route[ControlRoutes.Prefix.Length..].Split('/');
        return Looks.Contains(words[^1]) ? TokenRole.Reader : OperatorsOwn.Contains(words[0]) ? TokenRole.Operator : TokenRole.Admin;
    }
}

using Postern.Certificates;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Diagnosis;

/// <summary>Why a hub does not get a session with an edge that it reaches: one cause for what Exchange answered with "the supplied credential
/// is invalid" (fact sheet 9.4).</summary>
internal static class LogonDiagnosis
{
    // What an edge says to who knows the password (EdgeAuthenticator).
    private const string Expired = "expired at";
    private const string NotYet = "takes effect at";
    private const string Used = "works once";
    private const string Closed = "was closed after";

    /// <summary>Of the names of replication accounts, which no bootstrap account's has (<see cref="EdgeNames"/>).</summary>
    private const string Replication = "ESRA.edge.";

    /// <param name="skew">How far the edge's clock is ahead of ours; null: not known.</param>
    /// <returns>Null when it is no failure of a logon.</returns>
    public static FindingCode? Explain(Exception failure, TimeSpan? skew) => failure switch
    {
        LdapConnectionException { Kind: LdapFailureKind.PinMismatch } => FindingCodes.PinMismatch,
        LdapConnectionException => FindingCodes.SessionLost,
        SubscriptionException { InnerException: LdapException e } => OfRefusal(e, isBootstrap: !failure.Message.Contains(Replication, StringComparison.Ordinal), skew),
        SubscriptionException { InnerException: PrivateFileException or IOException or UnauthorizedAccessException or System.Text.Json.JsonException or System.Security.Cryptography.CryptographicException } => FindingCodes.CredentialUnreadable,
        SubscriptionException { InnerException: null } => failure.Message.Contains("no credentials", StringComparison.Ordinal) ? FindingCodes.NoCredential : FindingCodes.HubBarred,
        LdapException e => OfRefusal(e, isBootstrap: false, skew),
        _ => null,
    };

    private static FindingCode OfRefusal(LdapException refusal, bool isBootstrap, TimeSpan? skew)
    {
        string words = refusal.Message;
        bool clocksDiffer = skew is { } apart && apart.Duration() > ClockComparison.Tolerated;
        return refusal.Code switch
        {
            LdapResultCode.InvalidCredentials when words.Contains(Used, StringComparison.Ordinal) => FindingCodes.BootstrapUsed,
            LdapResultCode.InvalidCredentials when words.Contains(Closed, StringComparison.Ordinal) => FindingCodes.BootstrapClosed,
            LdapResultCode.InvalidCredentials when words.Contains(NotYet, StringComparison.Ordinal) => clocksDiffer ? FindingCodes.ClockSkew : FindingCodes.AccountNotYetEffective,
            LdapResultCode.InvalidCredentials when words.Contains(Expired, StringComparison.Ordinal) => clocksDiffer ? FindingCodes.ClockSkew : isBootstrap ? FindingCodes.BootstrapExpired : FindingCodes.AccountExpired,
            LdapResultCode.InvalidCredentials => FindingCodes.AccountUnknown,
            LdapResultCode.Busy when words.Contains("failed logins", StringComparison.Ordinal) => FindingCodes.LoginThrottled,
            LdapResultCode.InsufficientAccessRights => FindingCodes.RightsMissing,
            _ => FindingCodes.EdgeRefuses,
        };
    }
}

namespace Postern.Ldap;

/// <summary>LDAPResult, RFC 4511 section 4.1.9.</summary>
/// <param name="MatchedDn">The last entry found on the way to the name, or empty.</param>
/// <param name="DiagnosticMessage">What was wrong and with what; meant for people, never a secret.</param>
/// <param name="Referrals">LDAP URLs; empty unless <paramref name="Code"/> is <see cref="LdapResultCode.Referral"/>.</param>
public sealed record LdapResult(LdapResultCode Code, string MatchedDn, string DiagnosticMessage, IReadOnlyList<string> Referrals)
{
    public LdapResult(LdapResultCode code, string diagnosticMessage = "", string matchedDn = "")
        : this(code, matchedDn, diagnosticMessage, [])
    {
    }

    public static LdapResult Success { get; } = new(LdapResultCode.Success);

    public bool IsSuccess => Code == LdapResultCode.Success;

    /// <exception cref="LdapException">The code is not success.</exception>
    public LdapResult ThrowIfFailed(string what) => IsSuccess ? this : throw new LdapException(this, what);
}

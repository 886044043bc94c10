using System.Net;

namespace Postern.Ldap.Client;

/// <summary>Simple binds that this client does not send, whatever the server would say to them.</summary>
internal static class BindRules
{
    /// <param name="peer">Where the connection leads; null when that is unknown.</param>
    /// <exception cref="LdapException">Nothing was sent.</exception>
    public static void Check(string dn, string password, bool isTls, IPAddress? peer, LdapClientOptions options)
    {
        if (dn.Length > 0 && password.Length == 0)
        {
            // RFC 4513 section 5.1.2: servers answer success and the session is anonymous. A trap, not a login.
            throw new LdapException(LdapResultCode.InappropriateAuthentication, $"bind as '{dn}': the password is empty");
        }

        bool isLoopback = peer is not null && IPAddress.IsLoopback(peer);
        if (password.Length > 0 && !isTls && !isLoopback && !options.AllowPlaintextBind)
        {
            throw new LdapException(
                LdapResultCode.ConfidentialityRequired,
                $"bind as '{dn}': the password would cross the network in clear to {options.Endpoint}; use ldaps:// or StartTLS, or allow a bind in clear");
        }
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Postern.Ldap.Client;

/// <summary>Where a directory listens, and whether TLS begins with the first octet.</summary>
/// <param name="Host">A DNS name or an address literal (IPv6 without brackets).</param>
public sealed record LdapEndpoint(string Host, int Port, bool Ldaps)
{
    /// <summary>RFC 4516 section 2.</summary>
    public const int DefaultLdapPort = 389;

    /// <summary>IANA service name ldaps.</summary>
    public const int DefaultLdapsPort = 636;

    /// <summary>Reads <c>ldap://host[:port]</c> or <c>ldaps://host[:port]</c>; IPv6 addresses stand in brackets.</summary>
    /// <exception cref="FormatException">The message names the URL and what is wrong with it.</exception>
    public static LdapEndpoint Parse(string url) =>
        TryParse(url, out LdapEndpoint? endpoint, out string? error) ? endpoint : throw new FormatException(error);

    public static bool TryParse(string url, [NotNullWhen(true)] out LdapEndpoint? endpoint, [NotNullWhen(false)] out string? error)
    {
        endpoint = null;
        error = null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("ldap" or "ldaps"))
        {
            error = $"'{url}' is not an LDAP URL: ldap://HOST[:PORT] or ldaps://HOST[:PORT] is expected";
        }
        else if (uri.Host.Length == 0)
        {
            error = $"'{url}' names no host";
        }
        else if (uri.UserInfo.Length > 0 || uri.AbsolutePath is not ("" or "/") || uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            // A base DN or a filter here would be ignored silently; they have settings of their own.
            error = $"'{url}' has more than a host and a port";
        }
        else
        {
            bool ldaps = uri.Scheme == "ldaps";
            int port = uri.Port > 0 ? uri.Port : ldaps ? DefaultLdapsPort : DefaultLdapPort;
            endpoint = new LdapEndpoint(uri.IdnHost.Trim('[', ']'), port, ldaps);
            return true;
        }

        return false;
    }

    /// <summary>The URL form.</summary>
    public override string ToString() => $"{(Ldaps ? "ldaps" : "ldap")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}";
}

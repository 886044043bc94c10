using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Postern.Ldap;

// RFC 4516 (complete): reading and writing; no extension is known

/// <summary>LDAP URL, RFC 4516. Parts are held without percent-encoding.</summary>
/// <param name="Scheme"><c>ldap</c>, <c>ldaps</c> or <c>ldapi</c> (whose host is the path of a socket).</param>
/// <param name="Host">Null: the client's own choice of server. IPv6 addresses without brackets.</param>
/// <param name="Port">Null: the scheme's own, 389 or 636.</param>
/// <param name="Dn">Empty: the root.</param>
/// <param name="Filter">Null: <c>(objectClass=*)</c>.</param>
public sealed record LdapUrl(
    string Scheme, string? Host, int? Port, string Dn, IReadOnlyList<string> Attributes, SearchScope Scope, Filter? Filter, IReadOnlyList<LdapUrlExtension> Extensions)
{
    public LdapUrl(string scheme, string? host, int? port, string dn)
        : this(scheme, host, port, dn, [], SearchScope.BaseObject, null, [])
    {
    }

    /// <exception cref="FormatException">No LDAP URL; says what is wrong.</exception>
    public static LdapUrl Parse(string text) => TryParse(text, out LdapUrl? url, out string error) ? url : throw new FormatException(error);

    /// <param name="error">Empty, or what is wrong.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out LdapUrl? url, out string error) => LdapUrlParser.TryParse(text, out url, out error);

    /// <summary>With every character percent-encoded that is not allowed to stand for itself (section 2.1).</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append(Scheme).Append("://");
        if (Host is not null)
        {
            text.Append(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : LdapUrlEncoding.Encode(Host, ""));
        }

        if (Port is { } port)
        {
            text.Append(CultureInfo.InvariantCulture, $":{port}");
        }

        string[] parts =
        [
            LdapUrlEncoding.Encode(Dn, LdapUrlEncoding.DnChars),
            string.Join(',', Attributes.Select(a => LdapUrlEncoding.Encode(a, LdapUrlEncoding.AttributeChars))),
            Scope switch { SearchScope.SingleLevel => "one", SearchScope.WholeSubtree => "sub", _ => "" },
            Filter is null ? "" : LdapUrlEncoding.Encode(Filter.ToString(), LdapUrlEncoding.FilterChars),
            string.Join(',', Extensions.Select(e => e.ToString())),
        ];
        int last = Array.FindLastIndex(parts, p => p.Length > 0);
        for (int i = 0; i <= last; i++)
        {
            text.Append(i == 0 ? '/' : '?').Append(parts[i]);
        }

        return text.ToString();
    }
}

/// <summary>One extension of an LDAP URL, RFC 4516 section 2. A critical one that is not understood forbids the use of the URL.</summary>
public sealed record LdapUrlExtension(string Type, string? Value, bool Critical)
{
    public override string ToString() =>
        (Critical ? "!" : "") + LdapUrlEncoding.Encode(Type, "") + (Value is null ? "" : "=" + LdapUrlEncoding.Encode(Value, LdapUrlEncoding.ExtensionChars));
}

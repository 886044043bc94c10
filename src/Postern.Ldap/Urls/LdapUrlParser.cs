using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Ldap;

/// <summary>Reads <c>scheme://[host[:port]][/dn[?attributes[?scope[?filter[?extensions]]]]]</c>, RFC 4516 section 2.</summary>
internal static class LdapUrlParser
{
    /// <summary>dn, attributes, scope, filter, extensions.</summary>
    private const int MaxParts = 5;

    private static readonly SearchValues<char> NotInHosts = SearchValues.Create(" []?#@\0\t\r\n");
    private static readonly string[] Schemes = ["ldap", "ldaps", "ldapi"];

    public static bool TryParse(string text, [NotNullWhen(true)] out LdapUrl? url, out string error)
    {
        try
        {
            url = Parse(text, LdapLimits.Default);
            error = "";
            return true;
        }
        catch (FormatException e)
        {
            url = null;
            error = e.Message;
            return false;
        }
    }

    private static LdapUrl Parse(string text, LdapLimits limits)
    {
        if (text.Length > limits.MaxUrlChars)
        {
            throw new FormatException($"LDAP URL: longer than {limits.MaxUrlChars} characters");
        }

        int colon = text.IndexOf("://", StringComparison.Ordinal);
        string scheme = colon < 0 ? "" : text[..colon].ToLowerInvariant();
        if (!Schemes.Contains(scheme))
        {
            throw new FormatException("LDAP URL: it begins with none of ldap://, ldaps://, ldapi://");
        }

        string rest = text[(colon + 3)..];
        int end = rest.IndexOfAny(['/', '?']);
        (string? host, int? port) = ParseHost(end < 0 ? rest : rest[..end]);
        if (end >= 0 && rest[end] == '?')
        {
            throw new FormatException("LDAP URL: \"/\" belongs between host and \"?\"");
        }

        string[] parts = end < 0 ? [] : rest[(end + 1)..].Split('?');
        if (parts.Length > MaxParts)
        {
            throw new FormatException("LDAP URL: more than four \"?\"");
        }

        string Part(int index) => index < parts.Length ? parts[index] : "";
        string dn = Decode(Part(0), "name");
        if (!DistinguishedName.TryParse(dn, out _, out string dnError))
        {
            throw new FormatException($"LDAP URL: {dnError}");
        }

        return new LdapUrl(scheme, host, port, dn, ParseAttributes(Part(1)), ParseScope(Part(2)), ParseFilter(Part(3)), ParseExtensions(Part(4)));
    }

    private static (string? Host, int? Port) ParseHost(string text)
    {
        string host = text;
        string? port = null;
        if (text.StartsWith('['))
        {
            int close = text.IndexOf(']', StringComparison.Ordinal);
            host = close < 0 ? "" : text[1..close];
            string after = close < 0 ? "" : text[(close + 1)..];
            if (Uri.CheckHostName(host) != UriHostNameType.IPv6 || host.Contains('[', StringComparison.Ordinal) || (after.Length > 0 && after[0] != ':'))
            {
                throw new FormatException("LDAP URL: [ ] hold no IPv6 address");
            }

            port = after.Length > 0 ? after[1..] : null;
        }
        else
        {
            int colon = text.IndexOf(':', StringComparison.Ordinal);
            port = colon < 0 ? null : text[(colon + 1)..];
            host = Decode(colon < 0 ? text : text[..colon], "host");
        }

        if (host.AsSpan().ContainsAny(NotInHosts) || (host.Length == 0 && port is not null))
        {
            throw new FormatException("LDAP URL: the host is none");
        }

        return (host.Length == 0 ? null : host, string.IsNullOrEmpty(port) ? null : ParsePort(port));
    }

    private static int ParsePort(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? port
            : throw new FormatException("LDAP URL: the port is no number from 0 to 65535");

    private static string[] ParseAttributes(string text)
    {
        string[] attributes = text.Length == 0 ? [] : text.Split(',');
        for (int i = 0; i < attributes.Length; i++)
        {
            attributes[i] = Decode(attributes[i], "attributes");
            if (attributes[i] is not ("*" or "+" or "1.1") && !AttributeDescription.IsValid(attributes[i]))
            {
                throw new FormatException($"LDAP URL: \"{attributes[i]}\" is no attribute selector");
            }
        }

        return attributes;
    }

    private static SearchScope ParseScope(string text) => text.ToLowerInvariant() switch
    {
        "" or "base" => SearchScope.BaseObject,
        "one" => SearchScope.SingleLevel,
        "sub" => SearchScope.WholeSubtree,
        _ => throw new FormatException("LDAP URL: the scope is none of base, one, sub"),
    };

    private static Filter? ParseFilter(string text)
    {
        if (text.Length == 0)
        {
            return null;
        }

        // A filter without its parentheses is not in the RFC's grammar, but in its examples before 2006 and in use.
        string filter = Decode(text, "filter");
        return FilterParser.TryParse(filter.StartsWith('(') ? filter : $"({filter})", out Filter? parsed, out string error)
            ? parsed
            : throw new FormatException($"LDAP URL: {error}");
    }

    private static List<LdapUrlExtension> ParseExtensions(string text)
    {
        List<LdapUrlExtension> extensions = [];
        foreach (string item in text.Length == 0 ? [] : text.Split(','))
        {
            bool critical = item.StartsWith('!');
            string named = critical ? item[1..] : item;
            int equals = named.IndexOf('=', StringComparison.Ordinal);
            string type = Decode(equals < 0 ? named : named[..equals], "extension");
            if (type.Contains(';', StringComparison.Ordinal) || !AttributeDescription.IsValid(type))
            {
                throw new FormatException($"LDAP URL: \"{type}\" is no type of an extension");
            }

            extensions.Add(new LdapUrlExtension(type, equals < 0 ? null : Decode(named[(equals + 1)..], "extension"), critical));
        }

        return extensions;
    }

    private static string Decode(string text, string part) =>
        LdapUrlEncoding.Decode(text) ?? throw new FormatException($"LDAP URL, {part}: after % belong two hexadecimal digits, and all of them must be UTF-8");
}

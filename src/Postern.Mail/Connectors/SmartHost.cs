using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Postern.Mail;

/// <summary>Where a connector hands mail to: a host name, an address in brackets, or <c>--</c>.</summary>
/// <param name="Text">Normal form: lower-case A-labels, <c>[192.0.2.1]</c>, <c>[IPv6:2001:db8::1]</c> (RFC 5321 section 4.1.3), <c>--</c>.</param>
public sealed record SmartHost(string Text)
{
    /// <summary>All servers of the site that take mail (fact sheet 2.6); the edge puts them in when it uses the connector.</summary>
    public const string SiteServers = "--";

    private const string V6Tag = "IPv6:";

    private const int V6Octets = 16;

    public bool IsSiteServers => Text == SiteServers;

    /// <param name="text">An address may also come without brackets.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out SmartHost? host, [NotNullWhen(false)] out string? error)
    {
        host = null;
        error = null;
        string rest = text.Trim();
        if (rest == SiteServers)
        {
            host = new SmartHost(rest);
            return true;
        }

        bool bracketed = rest.StartsWith('[') && rest.EndsWith(']');
        string bare = bracketed ? rest[1..^1] : rest;
        bare = bare.StartsWith(V6Tag, StringComparison.OrdinalIgnoreCase) ? bare[V6Tag.Length..] : bare;
        if ((bare.Contains(':', StringComparison.Ordinal) || bare.Split('.').Length == 4) && IPAddress.TryParse(bare, out IPAddress? address))
        {
            host = new SmartHost(address.GetAddressBytes().Length == V6Octets ? $"[{V6Tag}{address}]" : $"[{address}]");
            return true;
        }

        if (bracketed || rest.StartsWith('*') || !MailDomain.TryNormalize(rest, out string name, out error)
            || name.Split('.')[^1].All(char.IsAsciiDigit))
        {
            error = $"smart host '{text}' is neither a host name, nor an address like [192.0.2.1], nor {SiteServers}";
            return false;
        }

        host = new SmartHost(name);
        return true;
    }

    public override string ToString() => Text;
}

namespace Postern.Ldap;

/// <summary>The attribute types that every implementation must know in names, RFC 4514 section 3, with their OIDs and long names
/// (RFC 4519). All other types are the same only when written the same.</summary>
internal static class AttributeShortNames
{
    private static readonly Dictionary<string, string> Shorts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["commonName"] = "cn",
        ["2.5.4.3"] = "cn",
        ["localityName"] = "l",
        ["2.5.4.7"] = "l",
        ["stateOrProvinceName"] = "st",
        ["2.5.4.8"] = "st",
        ["organizationName"] = "o",
        ["2.5.4.10"] = "o",
        ["organizationalUnitName"] = "ou",
        ["2.5.4.11"] = "ou",
        ["countryName"] = "c",
        ["2.5.4.6"] = "c",
        ["streetAddress"] = "street",
        ["2.5.4.9"] = "street",
        ["domainComponent"] = "dc",
        ["0.9.2342.19200300.100.1.25"] = "dc",
        ["userid"] = "uid",
        ["0.9.2342.19200300.100.1.1"] = "uid",
    };

    /// <summary>Long forms have at least this many characters; most types in names are shorter and need no look-up.</summary>
    private const int ShortestLongForm = 6;

    public static string Canonical(string type) =>
        type.Length >= ShortestLongForm && Shorts.TryGetValue(type, out string? name) ? name : type.ToLowerInvariant();
}

using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Organization;

/// <summary>Names of the organization directory as the layout writes them, and as they are on a server that keeps it below another name.</summary>
internal sealed class SuffixMap(string baseDn)
{
    private static readonly DistinguishedName Layout = DistinguishedName.Parse(OrganizationLayout.Suffix);

    private readonly DistinguishedName _base = DistinguishedName.Parse(baseDn);

    public DistinguishedName Base => _base;

    public static bool IsBase(string layoutDn) => DistinguishedName.Parse(layoutDn).Equals(Layout);

    /// <exception cref="ArgumentException">Not below the layout's suffix.</exception>
    public string ToServer(string layoutDn) => Move(layoutDn, Layout, _base);

    /// <exception cref="ArgumentException">Not below the server's base: it answered a search with what was not asked for.</exception>
    public string ToLayout(string serverDn) => Move(serverDn, _base, Layout);

    private static string Move(string dn, DistinguishedName from, DistinguishedName to)
    {
        DistinguishedName name = DistinguishedName.Parse(dn);
        if (!name.Equals(from) && !name.IsWithin(from))
        {
            throw new ArgumentException($"{dn} is not below {from}", nameof(dn));
        }

        return string.Join(',', [.. name.Rdns.Take(name.Depth - from.Depth).Select(rdn => rdn.ToString()), to.ToString()]);
    }
}

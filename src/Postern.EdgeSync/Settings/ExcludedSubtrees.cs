using Postern.Ldap;

namespace Postern.EdgeSync.Settings;

/// <summary>The subtrees that the settings of a source leave out.</summary>
internal sealed class ExcludedSubtrees(SourceSettings settings)
{
    private readonly DistinguishedName[] _bases = [.. settings.ExcludedSubtrees.Select(DistinguishedName.Parse)];

    /// <summary>Whether the entry lies in one of them.</summary>
    public bool Contains(LdapEntry entry) =>
        _bases.Length > 0 && DistinguishedName.TryParse(entry.Dn, out DistinguishedName? dn, out _) && Array.Exists(_bases, dn.IsWithin);
}

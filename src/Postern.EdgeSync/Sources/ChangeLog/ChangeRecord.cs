using System.Globalization;
using Postern.Ldap;

namespace Postern.EdgeSync.Sources.ChangeLog;

/// <summary>An entry of the retro changelog (draft-good-ldap-changelog-04 section 3) as far as it tells which entry changed.</summary>
/// <param name="TargetId">targetUniqueId (nsUniqueId of the target), or null where the server does not record it.</param>
/// <param name="Stamp">Tells a record from one of the same number in a changelog that began anew.</param>
internal sealed record ChangeRecord(long Number, string TargetDn, string ChangeType, string? TargetId, string? NewRdn, string? NewSuperior, string Stamp)
{
    public const string NumberAttribute = "changeNumber";
    private const string Dn = "targetDn";
    private const string Type = "changeType";
    private const string Id = "targetUniqueId";
    private const string Rdn = "newRDN";
    private const string Superior = "newSuperior";
    private const string Time = "changeTime";

    public static IReadOnlyList<string> Attributes { get; } = [NumberAttribute, Dn, Type, Id, Rdn, Superior, Time];

    public bool IsDelete => string.Equals(ChangeType, "delete", StringComparison.OrdinalIgnoreCase);

    public bool IsMove => string.Equals(ChangeType, "modrdn", StringComparison.OrdinalIgnoreCase) || string.Equals(ChangeType, "moddn", StringComparison.OrdinalIgnoreCase);

    /// <returns>Null: no number, so no record.</returns>
    public static ChangeRecord? Read(LdapEntry entry)
    {
        if (!long.TryParse(entry.FirstString(NumberAttribute), NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return null;
        }

        string? id = entry.FirstString(Id);
        return new ChangeRecord(
            number, entry.FirstString(Dn) ?? "", entry.FirstString(Type) ?? "", id, entry.FirstString(Rdn), entry.FirstString(Superior), $"{entry.FirstString(Time)}/{id}");
    }

    /// <summary>Where the record touches a subtree. What cannot be read counts as touching it.</summary>
    public ChangePlace PlaceIn(DistinguishedName subtree)
    {
        if (!DistinguishedName.TryParse(TargetDn, out DistinguishedName? before, out _))
        {
            return ChangePlace.Inside;
        }

        bool was = before.IsWithin(subtree);
        if (!IsMove)
        {
            return was ? ChangePlace.Inside : ChangePlace.Outside;
        }

        string to = $"{NewRdn},{NewSuperior ?? before.Parent.ToString()}";
        bool isNow = !DistinguishedName.TryParse(to, out DistinguishedName? after, out _) || after.IsWithin(subtree);
        return was != isNow ? ChangePlace.Crossing : was ? ChangePlace.Inside : ChangePlace.Outside;
    }
}

internal enum ChangePlace
{
    Outside,
    Inside,

    /// <summary>Moved in or out, and what is below it as well, without records of its own.</summary>
    Crossing,
}

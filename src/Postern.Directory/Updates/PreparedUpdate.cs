using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Updates;

/// <summary>An update after everything that can be checked without the store, done on the caller's thread.</summary>
internal abstract record PreparedUpdate(DistinguishedName Dn)
{
    /// <summary>Null when the caller asks for nothing but the update.</summary>
    public UpdateControls? Controls { get; init; }
}

/// <param name="Attributes">BER AttributeList, checked against the schema, naming values included.</param>
internal sealed record PreparedAdd(DistinguishedName Dn, Guid Uuid, byte[] Attributes, EntryKeys Keys) : PreparedUpdate(Dn);

/// <param name="Changes">Known attributes, passwords hashed.</param>
internal sealed record PreparedModify(DistinguishedName Dn, IReadOnlyList<Modification> Changes) : PreparedUpdate(Dn);

/// <param name="Tree">For a tree delete: whether the caller may delete this entry too; null for one entry alone.</param>
internal sealed record PreparedDelete(DistinguishedName Dn, Func<TreeNode, bool>? Tree) : PreparedUpdate(Dn);

/// <param name="NewDn">The whole new name.</param>
internal sealed record PreparedRename(DistinguishedName Dn, DistinguishedName NewDn, bool DeleteOldRdn) : PreparedUpdate(Dn);

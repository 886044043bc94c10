using Postern.Ldap;

namespace Postern.Directory;

/// <summary>
/// The access rules of one directory. Asked for every principal but <see cref="DirectoryRole.System"/>, which may do everything;
/// called from many threads at once, for every entry of a search: quick and without side effects.
/// </summary>
/// <remarks><c>userPassword</c> is never readable, whatever the policy says.</remarks>
public interface IAccessPolicy
{
    /// <param name="normalizedDn"><see cref="DistinguishedName.Normalized"/>; empty for the root DSE.</param>
    bool MayRead(Principal principal, string normalizedDn);

    /// <param name="normalizedDn">The entry; for a ModifyDN the policy is asked for the old and for the new name.</param>
    bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation);

    /// <summary>Password modify, RFC 3062.</summary>
    /// <param name="own">The caller's own password, whose old form has been shown; else another's.</param>
    bool MayChangePassword(Principal principal, string normalizedDn, bool own) =>
        MayWrite(principal, normalizedDn, new ModifyRequest(normalizedDn, new Modification(ModificationType.Replace, new LdapAttribute(SchemaWords.UserPassword))));

    /// <param name="attribute">The attribute type without options, as the entry has it.</param>
    bool MayReadAttribute(Principal principal, string attribute);
}

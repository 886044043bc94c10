using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Credentials;

/// <summary>The values of posternEdgeSyncCredential on an entry of the organization directory.</summary>
internal static class CredentialValues
{
    public static IReadOnlyList<StoredCredential> Read(LdapEntry entry) =>
        [.. (entry.Find(PosternAttributes.EdgeSyncCredential)?.Values ?? []).Select(value => new StoredCredential(value.ToArray(), CredentialRecord.Read(value.Span)))];

    /// <summary>Takes some away and adds others, at once. Others' values stay as they are: hubs write to one entry at the same time.</summary>
    /// <exception cref="LdapException">The directory refused, or what goes is not there any more.</exception>
    public static async Task ChangeAsync(
        IDirectory organization, string dn, IReadOnlyList<StoredCredential> gone, IReadOnlyList<CredentialRecord> added, string what, CancellationToken cancellationToken)
    {
        Modification[] changes =
        [
            .. gone.Select(one => new Modification(ModificationType.Delete, new LdapAttribute(PosternAttributes.EdgeSyncCredential, [one.Octets]))),
            .. added.Select(one => new Modification(ModificationType.Add, new LdapAttribute(PosternAttributes.EdgeSyncCredential, [one.ToOctets()]))),
        ];
        if (changes.Length > 0)
        {
            (await organization.ModifyAsync(new ModifyRequest(dn, changes), cancellationToken)).ThrowIfFailed(what);
        }
    }
}

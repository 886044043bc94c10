using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Credentials;

/// <summary>A credential as a hub brings it to an edge (posternCredential below ou=credentials), named as its account: sealed for the edge.</summary>
internal static class CredentialEntry
{
    public static string Dn(string account) => $"cn={account},{EdgeLayout.Credentials}";

    /// <param name="createdBy">The bootstrap account that brings it; null: a hub does.</param>
    public static AddRequest ToAdd(CredentialRecord record, string? createdBy = null)
    {
        List<LdapAttribute> attributes =
        [
            new("objectClass", PosternClasses.Credential),
            new("cn", record.UserName),
            new(PosternAttributes.EdgeSyncCredential, [record.ToOctets()]),
        ];
        if (createdBy is not null)
        {
            attributes.Add(new LdapAttribute(PosternAttributes.CreatedBy, createdBy));
        }

        return new AddRequest(Dn(record.UserName), attributes);
    }

    public static ModifyRequest ToReplace(CredentialRecord record) => new(
        Dn(record.UserName), new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.EdgeSyncCredential, [record.ToOctets()])));

    /// <summary>Puts it there, whatever is there.</summary>
    /// <exception cref="LdapException">The edge refused.</exception>
    public static async Task PutAsync(IDirectory edge, CredentialRecord record, string? createdBy, CancellationToken cancellationToken)
    {
        LdapResult result = await edge.AddAsync(ToAdd(record, createdBy), cancellationToken);
        if (result.Code == LdapResultCode.EntryAlreadyExists)
        {
            result = await edge.ModifyAsync(ToReplace(record), cancellationToken);
        }

        result.ThrowIfFailed($"put credential {record.UserName}");
    }
}

using Postern.EdgeSync.Leases;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync;

/// <summary>The fixed entries that the layouts name.</summary>
internal static class DirectoryStructure
{
    public static async Task EnsureEdgeAsync(IDirectory directory, CancellationToken cancellationToken)
    {
        await EnsureAsync(
            directory,
            [EdgeLayout.Suffix, EdgeLayout.Recipients, EdgeLayout.Configuration, .. ConfigurationClasses.All.Select(kind => kind.EdgeDn), EdgeLayout.Credentials, EdgeLayout.Accounts, EdgeLayout.Synchronization, EdgeLayout.Held],
            cancellationToken);
        await LeaseEntry.EnsureAsync(directory, cancellationToken);
    }

    public static Task EnsureOrganizationAsync(IDirectory directory, CancellationToken cancellationToken) => EnsureAsync(
        directory,
        [OrganizationLayout.Suffix, OrganizationLayout.Configuration, .. ConfigurationClasses.All.Select(kind => kind.OrganizationDn), OrganizationLayout.Subscriptions],
        cancellationToken);

    /// <param name="names">Parents before children.</param>
    private static async Task EnsureAsync(IDirectory directory, string[] names, CancellationToken cancellationToken)
    {
        foreach (string name in names)
        {
            (string type, string value) = DistinguishedName.Parse(name).Rdn.Parts[0];
            bool organization = type.Equals("o", StringComparison.OrdinalIgnoreCase);
            LdapResult result = await directory.AddAsync(
                new AddRequest(name, new LdapAttribute("objectClass", organization ? "organization" : "organizationalUnit"), new LdapAttribute(organization ? "o" : "ou", value)),
                cancellationToken);
            if (result.Code != LdapResultCode.EntryAlreadyExists)
            {
                result.ThrowIfFailed($"add {name}");
            }
        }
    }
}

using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Subscriptions;

/// <summary>
/// Whose edge it is: the organization directory and the site that may synchronize it, written on the edge by the first import (posternLease).
/// The hubs of two organizations would each take the accounts and the recipients of the other for what is left over, and delete them.
/// </summary>
/// <param name="Organization">The id of the entry that the organization directory stands on: the same for all hubs that share it.</param>
internal sealed record EdgeOwner(EntryId Organization, string Site)
{
    private static readonly EntryIdReader Ids = new("organization", ["entryUUID", EntryIdReader.NsUniqueId, "objectGUID"]);

    /// <returns>Null when the server gives its entries no ids: then edges are not claimed.</returns>
    public static async Task<EdgeOwner?> OfAsync(IDirectory organization, string site, CancellationToken cancellationToken)
    {
        await foreach (LdapEntry entry in organization.SearchAsync(SearchRequest.ReadEntry(OrganizationLayout.Suffix, [.. Ids.Attributes]), cancellationToken))
        {
            if (Ids.TryRead(entry, out EntryId id))
            {
                return new EdgeOwner(id, site);
            }
        }

        return null;
    }

    /// <summary>Makes the edge ours, if it is nobody's.</summary>
    /// <returns>Who has it, when that is somebody else; null when it is ours.</returns>
    /// <exception cref="LdapException">The edge refused.</exception>
    public async Task<string?> ClaimAsync(IDirectory edge, CancellationToken cancellationToken)
    {
        // Adding to attributes that have one value at most: of two that come at once, one is refused.
        LdapResult claimed = await edge.ModifyAsync(
            new ModifyRequest(
                EdgeLayout.Lease,
                new Modification(ModificationType.Add, new LdapAttribute(PosternAttributes.Organization, Organization.ToString())),
                new Modification(ModificationType.Add, new LdapAttribute(PosternAttributes.Site, Site))),
            cancellationToken);
        if (claimed.IsSuccess)
        {
            return null;
        }

        await foreach (LdapEntry entry in edge.SearchAsync(SearchRequest.ReadEntry(EdgeLayout.Lease, PosternAttributes.Organization, PosternAttributes.Site), cancellationToken))
        {
            if (entry.FirstString(PosternAttributes.Organization) is { } organization)
            {
                string site = entry.FirstString(PosternAttributes.Site) ?? "";
                return !string.Equals(organization, Organization.ToString(), StringComparison.OrdinalIgnoreCase)
                    ? $"site {site} of another organization ({organization})"
                    : string.Equals(site, Site, StringComparison.OrdinalIgnoreCase) ? null : $"site {site} of this organization";
            }
        }

        throw new LdapException(claimed, $"claim {EdgeLayout.Lease}");
    }

    /// <summary>It is nobody's from now on.</summary>
    public static ModifyRequest ToRelease() => new(
        EdgeLayout.Lease,
        new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Organization, Array.Empty<ReadOnlyMemory<byte>>())),
        new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Site, Array.Empty<ReadOnlyMemory<byte>>())));
}

using System.Globalization;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>Changes by update sequence number, for accounts without the right to replicate: every object whose uSNChanged is above the number,
/// tombstones included.</summary>
/// <param name="pageSize">Objects of one page.</param>
internal sealed class UsnFeed(int pageSize)
{
    private const string UsnChanged = "uSNChanged";
    private const string DeletedObjects = "CN=Deleted Objects";

    /// <summary>Whether the account sees tombstones. Who does not is shown the bare name of their container at most, and would never learn of a delete.</summary>
    public static async Task<bool> CanSeeDeletedAsync(DomainSession session, CancellationToken cancellationToken)
    {
        SearchRequest request = SearchRequest.ReadEntry($"{DeletedObjects},{session.Facts.NamingContext}", ActiveDirectoryNames.ObjectClass);
        bool readable = false;
        await foreach (LdapMessage message in session.Connection.SearchAsync(request, [ShowControl(session)], SearchSilence.Fails, cancellationToken))
        {
            readable |= message.Operation is SearchResultEntry { Entry: var entry } && entry.FirstString(ActiveDirectoryNames.ObjectClass) is not null;
        }

        return readable;
    }

    /// <summary>The number of now.</summary>
    public static ReadOnlyMemory<byte> Position(long usn) => System.Text.Encoding.ASCII.GetBytes(usn.ToString(CultureInfo.InvariantCulture));

    /// <returns>The number to go on from: taken before the search, so that what happens during it comes again.</returns>
    /// <exception cref="TooManyChangesException">More than <paramref name="limit"/>.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(DomainSession session, long since, ChangedObjects changes, int limit, CancellationToken cancellationToken)
    {
        long next = session.Facts.HighestUsn;
        if (next <= since)
        {
            return Position(since);
        }

        // One indexed attribute and nothing else: with a second one beside it, the server scans.
        Filter filter = new GreaterOrEqualFilter(UsnChanged, Position(since + 1));
        SearchRequest request = new(
            session.Facts.NamingContext.ToString(), SearchScope.WholeSubtree, filter, [ActiveDirectoryNames.ObjectGuid, ActiveDirectoryNames.IsDeletedAttribute]);
        await foreach (LdapEntry entry in PagedSearch.ReadAsync(session.Connection, request, pageSize, [ShowControl(session)], cancellationToken))
        {
            changes.Note(ActiveDirectoryNames.IdOf(entry), ActiveDirectoryNames.IsDeleted(entry));
            if (changes.Count > limit)
            {
                throw new TooManyChangesException(limit);
            }
        }

        return Position(next);
    }

    private static LdapControl ShowControl(DomainSession session) =>
        session.Facts.Controls.Contains(LdapOids.ShowRecycled) ? ActiveDirectoryControls.ShowRecycled : ActiveDirectoryControls.ShowDeleted;
}

using System.Runtime.CompilerServices;
using Postern.EdgeSync.Settings;
using Postern.Ldap;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>Everything that the filter lets through, page by page.</summary>
internal sealed class WholeSearch(DomainSession session, SourceSettings settings, Filter filter, IReadOnlyList<string> attributes)
{
    private readonly EntryIdReader _ids = EntryIdReader.For(settings);

    public async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SearchRequest request = new(settings.BaseDn!, SearchScope.WholeSubtree, filter, attributes);

        // The rest of long attributes is fetched afterwards: a search inside this one could wait for it forever.
        List<(EntryId Id, LdapEntry Entry)> partial = [];
        await foreach (LdapEntry entry in PagedSearch.ReadAsync(session.Connection, request, settings.PageSize, [], cancellationToken))
        {
            if (!_ids.TryRead(entry, out EntryId id))
            {
                throw new SourceException(
                    settings.Name,
                    $"entry {entry.Dn} has no {string.Join(" or ", _ids.Attributes)}",
                    "Let the bind account read that attribute, or name another one in idAttribute.");
            }

            if (RangedAttributes.Has(entry))
            {
                partial.Add((id, entry));
                continue;
            }

            yield return new SourceChange(id, entry);
        }

        foreach ((EntryId id, LdapEntry entry) in partial)
        {
            // Gone meanwhile: the next changes say so. By GUID, since its name may have changed as well.
            if (await RangedAttributes.CompleteAsync(session.Connection, NameOf(entry), entry, cancellationToken) is { } complete)
            {
                yield return new SourceChange(id, complete);
            }
        }
    }

    private static string NameOf(LdapEntry entry) => entry.Find(ActiveDirectoryNames.ObjectGuid) is { Values.Count: > 0 }
        ? ActiveDirectoryNames.DnOf(ActiveDirectoryNames.IdOf(entry))
        : entry.Dn;
}

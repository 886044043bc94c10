using System.Runtime.CompilerServices;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>Reads objects that a feed named, by their GUIDs, many requests in flight: each is now a recipient of the source, or it is not.</summary>
internal sealed class ObjectReader(DomainSession session, Filter filter, IReadOnlyList<string> attributes, int pageSize)
{
    /// <summary>Requests under way at once: enough to hide the way there and back, too few for any server's limits.</summary>
    private const int InFlight = 64;

    /// <summary>Recipients, and what recipients live below.</summary>
    private readonly Filter _filterOrContainer = new OrFilter(
        [filter, .. ActiveDirectoryNames.ContainerClasses.Select(name => Filter.Equal(ActiveDirectoryNames.ObjectClass, name))]);

    private readonly IReadOnlyList<string> _attributes = [.. attributes, ActiveDirectoryNames.ObjectClass];

    /// <exception cref="LdapException">A search failed for another reason than that the object is not there.</exception>
    public async IAsyncEnumerable<SourceChange> ReadAsync(ChangedObjects changes, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Queue<(EntryId Id, Task<LdapEntry?> Reading)> reading = new();
        List<(EntryId Id, LdapEntry Entry)> containers = [];
        foreach ((EntryId id, bool deleted) in changes.All)
        {
            reading.Enqueue((id, deleted ? Task.FromResult<LdapEntry?>(null) : FindAsync(id, _filterOrContainer, cancellationToken)));
            if (reading.Count >= InFlight)
            {
                yield return await NextAsync();
            }
        }

        while (reading.Count > 0)
        {
            yield return await NextAsync();
        }

        // After everything else: what moved with its container may also have changed by itself, and the last word counts.
        foreach ((EntryId id, LdapEntry entry) in containers)
        {
            if (await FindAsync(id, filter, cancellationToken) is { } itself && InBase(itself))
            {
                yield return new SourceChange(id, itself);
            }

            await foreach (SourceChange below in BelowAsync(id, entry, cancellationToken))
            {
                yield return below;
            }
        }

        async ValueTask<SourceChange> NextAsync()
        {
            (EntryId id, Task<LdapEntry?> next) = reading.Dequeue();
            LdapEntry? entry = await next;
            if (entry is not null && ActiveDirectoryNames.IsContainer(entry))
            {
                containers.Add((id, entry));
                entry = null;
            }

            return new SourceChange(id, entry is not null && InBase(entry) ? entry : null);
        }
    }

    private async Task<LdapEntry?> FindAsync(EntryId id, Filter passes, CancellationToken cancellationToken)
    {
        string dn = ActiveDirectoryNames.DnOf(id);
        LdapEntry? entry = null;
        SearchRequest request = new(dn, SearchScope.BaseObject, passes, _attributes);
        await foreach (LdapMessage message in session.Connection.SearchAsync(request, [], SearchSilence.Fails, cancellationToken))
        {
            switch (message.Operation)
            {
                case SearchResultEntry found:
                    entry = found.Entry;
                    break;
                case SearchResultDone { Result: var result } when result.Code is not (LdapResultCode.NoSuchObject or LdapResultCode.Referral):
                    result.ThrowIfFailed($"search of {dn}");
                    break;
            }
        }

        return entry is not null && RangedAttributes.Has(entry)
            ? await RangedAttributes.CompleteAsync(session.Connection, dn, entry, cancellationToken)
            : entry;
    }

    /// <summary>A container that may have been renamed or moved: what is below it came into the base, or has left it.</summary>
    private async IAsyncEnumerable<SourceChange> BelowAsync(EntryId id, LdapEntry container, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!DistinguishedName.TryParse(container.Dn, out DistinguishedName dn, out _) || session.Facts.BaseDn.IsWithin(dn))
        {
            yield break; // above the base, which is still where it was
        }

        bool inside = dn.IsWithin(session.Facts.BaseDn);
        SearchRequest request = new(
            ActiveDirectoryNames.DnOf(id), SearchScope.WholeSubtree, inside ? filter : Filter.Anything, inside ? _attributes : [ActiveDirectoryNames.ObjectGuid]);
        List<LdapEntry> partial = [];
        await foreach (LdapEntry entry in PagedSearch.ReadAsync(session.Connection, request, pageSize, [], cancellationToken))
        {
            if (RangedAttributes.Has(entry))
            {
                partial.Add(entry);
                continue;
            }

            yield return new SourceChange(ActiveDirectoryNames.IdOf(entry), inside ? entry : null);
        }

        foreach (LdapEntry entry in partial)
        {
            EntryId below = ActiveDirectoryNames.IdOf(entry);
            yield return new SourceChange(below, await RangedAttributes.CompleteAsync(session.Connection, ActiveDirectoryNames.DnOf(below), entry, cancellationToken));
        }
    }

    private bool InBase(LdapEntry entry) => DistinguishedName.TryParse(entry.Dn, out DistinguishedName dn, out _)
        ? dn.IsWithin(session.Facts.BaseDn)
        : throw new LdapProtocolException($"\"{entry.Dn}\" is no distinguished name");
}

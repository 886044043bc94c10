using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ChangeLog;

/// <summary>The retro changelog of 389 Directory Server and its relatives (draft-good-ldap-changelog-04): the records tell which entries
/// changed, and those are read as they are now. The bell is the newest number, asked for in the root DSE.</summary>
internal sealed class ChangeLogFeed(FeedContext context) : ISourceFeed
{
    /// <summary>Entries that one search asks for by their ids.</summary>
    private const int EntriesPerSearch = 100;

    // One entry that the server makes from memory.
    private static readonly TimeSpan DefaultPoll = TimeSpan.FromMilliseconds(500);

    public async Task<ISourceReading?> OpenAsync(LdapConnection connection, ServerOffer offer, SourceCookie? since, CancellationToken cancellationToken)
    {
        // Whoever may not read the changelog sees an empty one: only a record in hand proves the right.
        ChangeRecord? newest = offer.LastChange == 0 ? null : await FindAsync(connection, offer, offer.LastChange, cancellationToken);
        if (offer.LastChange > 0 && newest is null)
        {
            return null;
        }

        ChangeLogCookie now = new(offer.LastChange, newest?.Stamp ?? "");
        string because = WholeReading.NoCookie;
        if (since is not null)
        {
            if (!ChangeLogCookie.TryRead(since, out ChangeLogCookie cookie))
            {
                because = FeedCookie.OtherKind;
            }
            else if (cookie == now)
            {
                await connection.DisposeAsync();
                return new GatheredReading([], since);
            }
            else
            {
                ChangeLogReading changes = new(context, connection, offer, cookie);
                if (await changes.GatherAsync(cancellationToken) is { } gathered)
                {
                    await connection.DisposeAsync();
                    return gathered;
                }

                because = changes.WholeBecause;
            }
        }

        return new WholeReading(because, token => ReadAsync(connection, offer, token), () => now.Write(), connection);
    }

    public async Task WatchAsync(LdapConnection connection, ServerOffer offer, Action healthy, CancellationToken cancellationToken)
    {
        long known = offer.LastChange;
        while (true)
        {
            await Task.Delay(context.Settings.PollInterval ?? DefaultPoll, context.Time, cancellationToken);
            ServerOffer now = await ServerOffer.ReadAsync(connection, cancellationToken);
            healthy();
            if (now.LastChange != known)
            {
                known = now.LastChange;
                context.Bell.Ring();
            }
        }
    }

    /// <summary>The record of one number, or null.</summary>
    internal static async Task<ChangeRecord?> FindAsync(LdapConnection connection, ServerOffer offer, long number, CancellationToken cancellationToken)
    {
        SearchRequest request = new(
            offer.ChangeLog!, SearchScope.SingleLevel, Filter.Equal(ChangeRecord.NumberAttribute, number.ToString(CultureInfo.InvariantCulture)), ChangeRecord.Attributes);
        ChangeRecord? found = null;
        try
        {
            await foreach (LdapEntry entry in connection.SearchAsync(request, cancellationToken))
            {
                found = ChangeRecord.Read(entry);
            }
        }
        catch (LdapException)
        {
            return null; // no right to look
        }

        return found;
    }

    private async IAsyncEnumerable<SourceChange> ReadAsync(LdapConnection connection, ServerOffer offer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (SourceEntry found in PagedReading.ReadAsync(context, connection, offer, context.Request(context.Filter), cancellationToken))
        {
            yield return new SourceChange(found.Id, found.Entry);
        }
    }

    /// <summary>Reads entries of the source by their nsUniqueId.</summary>
    internal static async Task<HashSet<EntryId>> ReadNowAsync(
        FeedContext context, LdapConnection connection, ServerOffer offer, IReadOnlyList<string> ids, Func<SourceEntry, bool> take, CancellationToken cancellationToken)
    {
        HashSet<EntryId> found = [];
        foreach (string[] chunk in ids.Chunk(EntriesPerSearch))
        {
            OrFilter any = new([.. chunk.Select(id => new EqualityFilter(EntryIdReader.NsUniqueId, Encoding.UTF8.GetBytes(id)))]);
            await foreach (SourceEntry entry in PagedReading.ReadAsync(context, connection, offer, context.Request(new AndFilter([any, context.Filter])), cancellationToken))
            {
                found.Add(entry.Id);
                if (!take(entry))
                {
                    return found;
                }
            }
        }

        return found;
    }
}

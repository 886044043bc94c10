using System.Runtime.CompilerServices;
using Postern.EdgeSync.Sources.Connecting;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.Feeds;

/// <summary>A search in pages whose failures are the source's.</summary>
internal static class PagedReading
{
    /// <summary>Entries with their ids, up to the end or an exception.</summary>
    public static async IAsyncEnumerable<SourceEntry> ReadAsync(
        FeedContext context, LdapConnection connection, ServerOffer offer, SearchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (LdapEntry entry in ReadAnyAsync(context, connection, offer, request, cancellationToken))
        {
            yield return new SourceEntry(context.IdOf(entry), entry);
        }
    }

    /// <summary>Entries, whether they have ids or not.</summary>
    public static async IAsyncEnumerable<LdapEntry> ReadAnyAsync(
        FeedContext context, LdapConnection connection, ServerOffer offer, SearchRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A server that says it can page, and then forgets to, may have sent the first page only (demand: trap 10).
        IAsyncEnumerable<LdapEntry> found = connection.SearchPagedAsync(request, context.Settings.PageSize, offer.Paging, cancellationToken);
        await using IAsyncEnumerator<LdapEntry> entries = found.GetAsyncEnumerator(cancellationToken);
        long count = 0;
        while (await MoveNextAsync())
        {
            count++;
            yield return entries.Current;
        }

        async ValueTask<bool> MoveNextAsync()
        {
            try
            {
                return await entries.MoveNextAsync();
            }
            catch (Exception e) when (SourceFailures.IsOfDirectory(e))
            {
                throw context.Connection.Explain(e, $"search under {request.BaseDn} after {count} entries");
            }
        }
    }
}

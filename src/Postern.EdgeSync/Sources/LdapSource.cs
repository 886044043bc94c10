using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources.Connecting;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources;

/// <summary>A source directory over LDAP: one paged search, only the attributes that are needed.</summary>
public sealed class LdapSource(SourceSettings settings, TimeProvider time, ILoggerFactory loggerFactory) : ISource
{
    private readonly SourceConnection _connection = new(settings, time, loggerFactory.CreateLogger<LdapSource>());

    public string Name => settings.Name;

    public Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken) =>
        Task.FromResult<ISourceReading>(new WholeReading(WholeReading.NoFeed, ReadAsync));

    public Task WaitForBellAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using LdapConnection connection = await _connection.OpenAsync(cancellationToken);
        EntryIdReader ids = EntryIdReader.For(settings);
        SearchRequest request = new(settings.BaseDn!, SearchScope.WholeSubtree, Filter.Parse(settings.Filter), settings.RequestedAttributes);
        await using IAsyncEnumerator<LdapEntry> entries = connection.SearchPagedAsync(request, settings.PageSize, cancellationToken).GetAsyncEnumerator(cancellationToken);
        long count = 0;
        while (await MoveNextAsync(entries, count))
        {
            count++;
            LdapEntry entry = entries.Current;
            if (!ids.TryRead(entry, out EntryId id))
            {
                throw new SourceException(
                    Name,
                    $"entry {entry.Dn} has no {string.Join(" or ", ids.Attributes)}",
                    "Let the bind account read that attribute, or name another one in idAttribute.");
            }

            yield return new SourceChange(id, entry);
        }
    }

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<LdapEntry> entries, long count)
    {
        try
        {
            return await entries.MoveNextAsync();
        }
        catch (Exception e) when (SourceFailures.IsOfDirectory(e))
        {
            throw _connection.Explain(e, $"search under {settings.BaseDn} after {count} entries");
        }
    }
}

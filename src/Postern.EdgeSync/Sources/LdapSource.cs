using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources.ChangeLog;
using Postern.EdgeSync.Sources.Connecting;
using Postern.EdgeSync.Sources.ContentSync;
using Postern.EdgeSync.Sources.Feeds;
using Postern.EdgeSync.Sources.Timestamps;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources;

/// <summary>A directory over LDAP, by the best change feed that its server offers: content synchronization (OpenLDAP with syncprov), the retro
/// changelog (389 Directory Server), modifyTimestamp, or none. A server is looked at anew for each reading.</summary>
public sealed class LdapSource : ISource
{
    private readonly FeedContext _context;
    private readonly ContentSyncFeed _sync;
    private readonly ChangeLogFeed _changeLog;
    private readonly TimestampFeed _timestamps;
    private readonly SourceWatch _watch;

    // An overlay that is loaded and set up for other databases only is offered all the same.
    private volatile bool _syncRefused;
    private volatile bool _changeLogHidden;

    public LdapSource(SourceSettings settings, TimeProvider time, ILoggerFactory loggerFactory)
    {
        ILogger log = loggerFactory.CreateLogger<LdapSource>();
        SourceConnection connection = new(settings, time, log);
        _context = new FeedContext(settings, connection, EntryIdReader.For(settings), new Bell(), time);
        _sync = new ContentSyncFeed(_context, new ChangeRing(), log);
        _changeLog = new ChangeLogFeed(_context);
        _timestamps = new TimestampFeed(_context);
        _watch = new SourceWatch(_context, FeedsOf, log);
    }

    public string Name => _context.Name;

    public async Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken)
    {
        if (since is not null && _sync.Recall(since) is { } recalled)
        {
            return recalled;
        }

        LdapConnection connection = await _context.Connection.OpenAsync(cancellationToken);
        try
        {
            ServerOffer offer = await ServerOffer.ReadAsync(connection, cancellationToken);
            foreach (ISourceFeed feed in FeedsOf(offer))
            {
                if (await feed.OpenAsync(connection, offer, since, cancellationToken) is { } reading)
                {
                    return reading;
                }

                _syncRefused |= feed == _sync;
                _changeLogHidden |= feed == _changeLog;
            }

            return new WholeReading(WholeReading.NoFeed, token => ReadAsync(connection, offer, token), owned: connection);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync();
            if (SourceFailures.IsOfDirectory(e))
            {
                throw _context.Connection.Explain(e, "opening");
            }

            throw;
        }
    }

    public Task WaitForBellAsync(CancellationToken cancellationToken)
    {
        _watch.Start();
        return _context.Bell.WaitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _watch.DisposeAsync();

    /// <summary>The best one first.</summary>
    private IEnumerable<ISourceFeed> FeedsOf(ServerOffer offer)
    {
        // The first two name entries by ids of their own; settings that want another one get no feed that would confuse the two.
        if (_context.Ids.AreServerIds)
        {
            // 389 Directory Server has both, and its refresh forgets entries that no longer pass the filter (seen with 2.3.1). Its changelog does not.
            if (offer.ContentSync && offer.ChangeLog is null && !_syncRefused)
            {
                yield return _sync;
            }

            if (offer.ChangeLog is not null && !_changeLogHidden && _context.Ids.Attributes.Contains(EntryIdReader.NsUniqueId, StringComparer.OrdinalIgnoreCase))
            {
                yield return _changeLog;
            }
        }

        // Active Directory has no index on modifyTimestamp, and a source type of its own.
        if (!offer.ActiveDirectory)
        {
            yield return _timestamps;
        }
    }

    private async IAsyncEnumerable<SourceChange> ReadAsync(LdapConnection connection, ServerOffer offer, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (SourceEntry found in PagedReading.ReadAsync(_context, connection, offer, _context.Request(_context.Filter), cancellationToken))
        {
            yield return new SourceChange(found.Id, found.Entry);
        }
    }
}

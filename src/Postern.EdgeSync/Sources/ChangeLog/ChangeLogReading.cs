using System.Globalization;
using System.Text;
using Postern.EdgeSync.Sources.Connecting;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ChangeLog;

/// <summary>One reading of the changelog from a cookie on.</summary>
internal sealed class ChangeLogReading
{
    private readonly FeedContext _context;
    private readonly LdapConnection _connection;
    private readonly ServerOffer _offer;
    private readonly ChangeLogCookie _since;
    private readonly DistinguishedName _base;
    private readonly HashSet<string> _touched = new(StringComparer.OrdinalIgnoreCase);
    private ChangeLogCookie _last;
    private bool _sawStart;

    public ChangeLogReading(FeedContext context, LdapConnection connection, ServerOffer offer, ChangeLogCookie since)
    {
        (_context, _connection, _offer, _since, _last) = (context, connection, offer, since, since);
        _base = DistinguishedName.Parse(context.Settings.BaseDn!);
        _sawStart = since.Number == 0;
    }

    /// <summary>In words, when there is no reading of changes.</summary>
    public string WholeBecause { get; private set; } = "";

    /// <returns>Null: everything has to be read.</returns>
    public async Task<ISourceReading?> GatherAsync(CancellationToken cancellationToken)
    {
        if (_offer.LastChange < _since.Number || _offer.FirstChange > _since.Number + 1)
        {
            Refuse(string.Create(CultureInfo.InvariantCulture, $"the changelog holds {_offer.FirstChange} to {_offer.LastChange}, and was read up to {_since.Number}"));
            return null;
        }

        if (!await ReadRecordsAsync(cancellationToken))
        {
            return null;
        }

        GatheredChanges changes = new(GatheredChanges.DefaultLimit);
        HashSet<EntryId> found = await ChangeLogFeed.ReadNowAsync(
            _context, _connection, _offer, [.. _touched], entry => changes.TryAdd(entry.Id, entry.Entry), cancellationToken);
        foreach (string id in _touched)
        {
            EntryId gone = _context.Ids.Read(EntryIdReader.NsUniqueId, Encoding.UTF8.GetBytes(id));
            if (!found.Contains(gone))
            {
                changes.TryAdd(gone, null);
            }
        }

        return new GatheredReading(changes.Changes, _last.Write());
    }

    private async Task<bool> ReadRecordsAsync(CancellationToken cancellationToken)
    {
        GreaterOrEqualFilter from = new(ChangeRecord.NumberAttribute, Encoding.ASCII.GetBytes(_since.Number.ToString(CultureInfo.InvariantCulture)));
        SearchRequest request = new(_offer.ChangeLog!, SearchScope.SingleLevel, from, ChangeRecord.Attributes);
        try
        {
            await foreach (LdapEntry entry in _connection.SearchPagedAsync(request, _context.Settings.PageSize, _offer.Paging, cancellationToken))
            {
                if (ChangeRecord.Read(entry) is { } record && !Take(record))
                {
                    return false;
                }
            }
        }
        catch (Exception e) when (SourceFailures.IsOfDirectory(e))
        {
            throw _context.Connection.Explain(e, $"changelog {_offer.ChangeLog} from {_since.Number}");
        }

        return _sawStart || Refuse(string.Create(CultureInfo.InvariantCulture, $"the changelog no longer holds number {_since.Number}"));
    }

    private bool Take(ChangeRecord record)
    {
        if (record.Number == _since.Number)
        {
            _sawStart = true;
            return record.Stamp == _since.Stamp || Refuse("the changelog began anew since the last reading");
        }

        if (record.Number > _last.Number)
        {
            _last = new ChangeLogCookie(record.Number, record.Stamp);
        }

        switch (record.PlaceIn(_base))
        {
            case ChangePlace.Outside:
                return true;
            case ChangePlace.Crossing:
                return Refuse("an entry was moved into or out of the subtree, and what is below it has no records of its own");
        }

        if (record.TargetId is not { } id)
        {
            return Refuse("the changelog does not name targetUniqueId (389 Directory Server: nsslapd-attribute: nsuniqueid:targetUniqueId in the Retro Changelog Plugin)");
        }

        _touched.Add(id);
        return _touched.Count <= GatheredChanges.DefaultLimit
            || Refuse(string.Create(CultureInfo.InvariantCulture, $"more than {GatheredChanges.DefaultLimit} entries changed"));
    }

    private bool Refuse(string because)
    {
        WholeBecause = because;
        return false;
    }
}

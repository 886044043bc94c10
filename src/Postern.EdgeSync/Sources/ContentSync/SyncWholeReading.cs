using System.Runtime.CompilerServices;
using System.Text;
using Postern.EdgeSync.Sources.Connecting;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>Everything, with the cookie that goes with it: the refresh of a consumer without one (RFC 4533 section 3.3.1).</summary>
/// <remarks>slapd leaves out what is changed while the refresh runs: it is newer than the cookie, and told with the next one. Here it would be
/// taken for deleted. So what is newer than the cookie is searched for after the refresh, plainly.</remarks>
internal sealed class SyncWholeReading : ISourceReading
{
    private readonly FeedContext _context;
    private const string EntryCsn = "entryCSN";

    private readonly LdapConnection _connection;
    private readonly ServerOffer _offer;
    private readonly string? _containers;
    private readonly Action<byte[]> _complete;
    private readonly CancellationTokenSource _end = new();
    private readonly IAsyncEnumerator<SyncEvent> _events;
    private byte[]? _cookie;

    private SyncWholeReading(FeedContext context, LdapConnection connection, ServerOffer offer, string because, string? containers, Action<byte[]> complete)
    {
        (_context, _connection, _offer, WholeBecause, _containers, _complete) = (context, connection, offer, because, containers, complete);
        _events = SyncSearch.RunAsync(context, connection, context.Request(context.Filter), SyncMode.RefreshOnly, null, _end.Token).GetAsyncEnumerator(_end.Token);
    }

    public bool IsWhole => true;

    public string WholeBecause { get; }

    public SourceCookie? NextCookie { get; private set; }

    /// <summary>Begins, and waits for the first message: it tells whether the server does this at all.</summary>
    /// <param name="containers">As they were before.</param>
    /// <param name="complete">Called after the end with the cookie.</param>
    /// <returns>Null: the server does not; the connection stays open.</returns>
    public static async Task<SyncWholeReading?> BeginAsync(
        FeedContext context, LdapConnection connection, ServerOffer offer, string because, string? containers, Action<byte[]> complete, CancellationToken cancellationToken)
    {
        SyncWholeReading reading = new(context, connection, offer, because, containers, complete);
        bool begun = false;
        try
        {
            using CancellationTokenRegistration link = cancellationToken.Register(reading._end.Cancel);
            begun = await reading._events.MoveNextAsync()
                && reading._events.Current is not (SyncEvent.Uncontrolled or SyncEvent.Ended { Result.Code: LdapResultCode.UnavailableCriticalExtension });
            return begun ? reading : null;
        }
        finally
        {
            if (!begun)
            {
                await reading.StopAsync();
            }
        }
    }

    public async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration link = cancellationToken.Register(_end.Cancel);
        long count = 0;
        string? last = null;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (_events.Current)
            {
                case SyncEvent.Changed { State: SyncEntryState.Add or SyncEntryState.Modify } found:
                    count++;
                    last = found.Entry.Dn;
                    Take(found.Cookie);
                    yield return new SourceChange(found.Id, found.Entry);
                    break;
                case SyncEvent.Changed { State: SyncEntryState.Delete } gone:
                    Take(gone.Cookie);
                    yield return new SourceChange(gone.Id, null);
                    break;
                case SyncEvent.Told { Info: SyncIdSet { RefreshDeletes: true } set }:
                    Take(set.Cookie);
                    foreach (Guid uuid in set.EntryUuids)
                    {
                        yield return new SourceChange(EntryId.FromGuid(uuid), null);
                    }

                    break;
                case SyncEvent.Told told:
                    Take(told.Info);
                    break;
                case SyncEvent.Ended end:
                    Check(end, count);
                    await foreach (SourceChange late in ReadLateAsync(last, cancellationToken))
                    {
                        yield return late;
                    }

                    Finish();
                    yield break;
                default:
                    throw Broken($"an entry without its content after {count} entries");
            }
        }
        while (await _events.MoveNextAsync());
        throw Broken($"the search has no end after {count} entries");
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _connection.DisposeAsync();
    }

    private async ValueTask StopAsync()
    {
        await _events.DisposeAsync();
        _end.Dispose();
    }

    /// <summary>What is newer than the cookie.</summary>
    /// <param name="last">An entry that was read, to see whether the account is shown change sequence numbers at all; null: there was none.</param>
    private async IAsyncEnumerable<SourceChange> ReadLateAsync(string? last, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (_cookie is not { } cookie || ContextCookie.OldestOf(cookie) is not { } oldest)
        {
            // Of another server, which leaves nothing out.
            yield break;
        }

        if (last is not null)
        {
            await RequireNumbersAsync(last, cancellationToken);
        }

        ReadOnlyMemory<byte> number = Encoding.ASCII.GetBytes(oldest);
        Filter newer = new AndFilter([_context.Filter, new GreaterOrEqualFilter(EntryCsn, number), new NotFilter(Filter.Equal(EntryCsn, number))]);
        await foreach (SourceEntry late in PagedReading.ReadAsync(_context, _connection, _offer, _context.Request(newer), cancellationToken))
        {
            yield return new SourceChange(late.Id, late.Entry);
        }
    }

    /// <exception cref="SourceException">The account does not see them: a search for them would find nothing, and prove nothing.</exception>
    private async Task RequireNumbersAsync(string dn, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LdapEntry entry in _connection.SearchAsync(SearchRequest.ReadEntry(dn, EntryCsn), cancellationToken))
            {
                if (entry.Find(EntryCsn) is null)
                {
                    throw new SourceException(
                        _context.Name,
                        $"{_context.Settings.Url}: {_context.Settings.BindDn ?? "an anonymous client"} may not read {EntryCsn} of {dn}",
                        $"Let the account read {EntryCsn}: without it, entries that are changed while everything is read cannot be told from deleted ones.");
                }
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
            // Gone or renamed meanwhile. Then it says nothing.
        }
        catch (Exception e) when (SourceFailures.IsOfDirectory(e))
        {
            throw _context.Connection.Explain(e, $"reading {dn}");
        }
    }

    private void Check(SyncEvent.Ended end, long count)
    {
        if (!end.Result.IsSuccess)
        {
            string what = $"content synchronization of {_context.Settings.BaseDn} after {count} entries";
            throw _context.Connection.Explain(new LdapException(end.Result, "search"), what);
        }

        Take((end.Done ?? throw Broken($"the search ended without a Sync Done control after {count} entries: it may be incomplete")).Cookie);
    }

    private void Finish()
    {
        if (_cookie is { } cookie)
        {
            NextCookie = new SyncPosition(_containers, cookie).Write();
            _complete(cookie);
        }
    }

    private void Take(SyncInfo info) => Take(info switch
    {
        SyncNewCookie own => own.Cookie,
        SyncRefreshDelete phase => phase.Cookie,
        SyncRefreshPresent phase => phase.Cookie,
        SyncIdSet set => set.Cookie,
        _ => null,
    });

    private void Take(ReadOnlyMemory<byte>? cookie)
    {
        if (cookie is { IsEmpty: false } octets)
        {
            _cookie = octets.ToArray();
        }
    }

    private SourceException Broken(string what) => new(
        _context.Name, $"{_context.Settings.Url}, content synchronization of {_context.Settings.BaseDn}: {what}", "Please report it with the server's product and version.");
}

using System.Runtime.CompilerServices;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>Everything, with the cookie that goes with it: the refresh of a consumer without one (RFC 4533 section 3.3.1).</summary>
internal sealed class SyncWholeReading : ISourceReading
{
    private readonly FeedContext _context;
    private readonly LdapConnection _connection;
    private readonly string? _containers;
    private readonly Action<byte[]> _complete;
    private readonly CancellationTokenSource _end = new();
    private readonly IAsyncEnumerator<SyncEvent> _events;
    private byte[]? _cookie;

    private SyncWholeReading(FeedContext context, LdapConnection connection, string because, string? containers, Action<byte[]> complete)
    {
        (_context, _connection, WholeBecause, _containers, _complete) = (context, connection, because, containers, complete);
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
        FeedContext context, LdapConnection connection, string because, string? containers, Action<byte[]> complete, CancellationToken cancellationToken)
    {
        SyncWholeReading reading = new(context, connection, because, containers, complete);
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
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (_events.Current)
            {
                case SyncEvent.Changed { State: SyncEntryState.Add or SyncEntryState.Modify } found:
                    count++;
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
                    Finish(end, count);
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

    private void Finish(SyncEvent.Ended end, long count)
    {
        if (!end.Result.IsSuccess)
        {
            string what = $"content synchronization of {_context.Settings.BaseDn} after {count} entries";
            throw _context.Connection.Explain(new LdapException(end.Result, "search"), what);
        }

        if (end.Done is not { } done)
        {
            throw Broken($"the search ended without a Sync Done control after {count} entries: it may be incomplete");
        }

        Take(done.Cookie);
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

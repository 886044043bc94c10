using Postern.Directory.Searching;
using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Synchronization;

/// <summary>What is to be told of one entry.</summary>
/// <param name="Entry">The entry as the search returns it; null when it is not, or no longer, part of the content.</param>
/// <param name="Dn">Its name, where the consumer may know it; else empty.</param>
internal readonly record struct SyncItem(Guid Uuid, LdapEntry? Entry, bool IsNew, bool IsUnchanged, string Dn);

/// <summary>
/// Reads the content of one synchronization, a bounded piece at a time, each piece in a snapshot of its own: nothing is held while
/// the consumer takes what was found. What changes between two pieces has a higher change number than the cookie, and is told later.
/// </summary>
internal sealed class SyncSession(SearchContext context, Principal principal, SearchRequest request, CancellationToken cancellationToken)
{
    /// <summary>Rows looked at in one snapshot at most; some milliseconds.</summary>
    public const int RowsPerPiece = 256;

    /// <summary>Octets of entries in one piece, from which it ends.</summary>
    private const int BytesPerPiece = 1024 * 1024;

    private readonly EntryJudge _judge = new(context, principal, request);
    private readonly DistinguishedName _base = context.Names.Parse(request.BaseDn);
    private readonly long _started = context.Time.GetTimestamp();

    /// <summary>Of a consumer who came with a cookie, only what was told since: an entry it may have is told as "add" for once, which
    /// consumers take for a new form of what they have (RFC 4533 section 3.3.2).</summary>
    private readonly KnownContent _known = new();

    private long _baseId;

    /// <exception cref="LdapException">insufficientAccessRights, or unwillingToPerform for what is not stored.</exception>
    public void Authorize()
    {
        SearchBase.Authorize(context, _judge.View, principal, request);
        if (context.Virtual.Find(_base, SearchScope.BaseObject) is not null)
        {
            throw new LdapException(LdapResultCode.UnwillingToPerform, $"sync of \"{request.BaseDn}\": what the directory makes up itself cannot be synchronized");
        }
    }

    /// <summary>While this is true, the time limit of the request applies; section 3.5.4.</summary>
    public bool IsRefreshing { get; set; } = true;

    public Task<StoreState> StateAsync() => ReadAsync(at => at.Session.Changes.State());

    public Task<HashSet<long>> MovedAfterAsync(long csn) => ReadAsync(at => at.Session.Changes.MovedAfter(csn));

    public Task<List<SyncItem>> GoneAfterAsync(long csn) => ReadAsync(at =>
        at.Session.Changes.GoneAfter(csn).ConvertAll(uuid => new SyncItem(uuid, null, IsNew: false, IsUnchanged: false, "")));

    public Task<List<long>> BelowAsync(long entry) => ReadAsync(at => at.Session.Changes.Below(entry));

    /// <summary>Entries of the content past an id, in the order of ids.</summary>
    /// <param name="knownCsn">The consumer has what was written up to here, unless it moved.</param>
    /// <returns>The items, and the id to go on from; null at the end.</returns>
    public Task<(List<SyncItem> Items, long? Next)> ContentAsync(long after, long knownCsn, HashSet<long> moved) => ReadAsync(at =>
    {
        IReadOnlyList<long>? candidates = request.Scope == SearchScope.BaseObject
            ? null
            : new IndexLookup(at.Session, context.Indexes, context.Schema).Find(request.Filter);
        ScopeRows rows = new(at.Session, at.Node, request.Scope, principal, candidates, after);
        List<SyncItem> items = [];
        int bytes = 0;
        for (int seen = 0; rows.Next() is { } row; seen++)
        {
            after = row.Id;
            if (rows.Place(row) is { } name && _judge.Judge(row, name) is { } entry)
            {
                _known.Set(row.Id, known: true);
                bool unchanged = row.Csn <= knownCsn && !IsMoved(at.Session, row, moved);
                items.Add(new SyncItem(row.Uuid, entry, IsNew: true, unchanged, name.Dn));
                bytes += row.Attributes.Length;
            }

            if (seen >= RowsPerPiece || bytes >= BytesPerPiece)
            {
                return (items, (long?)after);
            }
        }

        return (items, null);
    });

    /// <summary>Changes after one number and up to another.</summary>
    /// <param name="anyMoved">Something moved since then: what is out of sight now may have been in sight, and its end is told.</param>
    /// <returns>The items, an entry that moved with all below it (or 0) that belongs after them, and the number to go on from; null at the end.</returns>
    /// <exception cref="LdapException">syncRefreshRequired: more was deleted meanwhile than the directory remembers.</exception>
    public Task<(List<SyncItem> Items, long Moved, long? Next)> ChangesAsync(long after, long upTo, bool anyMoved) => ReadAsync(at =>
    {
        StoreState state = at.Session.Changes.State();
        if (after < state.GoneFrom || after < state.MovedFrom)
        {
            throw new LdapException(LdapResultCode.SyncRefreshRequired, "more changed than the directory remembers; synchronize anew");
        }

        List<Change> changes = at.Session.Changes.Between(after, upTo, RowsPerPiece);
        List<SyncItem> items = [];
        foreach (Change change in changes)
        {
            if (change.Kind == ChangeKind.Moved && at.Session.Entries.HasChildren(change.Entry))
            {
                // Told twice should this number's other row come after it: no harm.
                return (items, change.Entry, (long?)change.Csn);
            }

            SyncItem? item = change.Kind switch
            {
                ChangeKind.Written => Written(at, change.Entry, anyMoved),
                ChangeKind.Gone => Gone(at, change, anyMoved),
                _ => null,
            };
            if (item is not null)
            {
                items.Add(item.Value);
            }
        }

        // Fewer than asked for may only mean that a number was not torn apart.
        return (items, 0, changes.Count == 0 ? (long?)null : changes[^1].Csn);
    });

    /// <summary>Single entries, by id.</summary>
    public Task<List<SyncItem>> EntriesAsync(IReadOnlyList<long> ids) => ReadAsync(at =>
    {
        List<SyncItem> items = [];
        foreach (long id in ids)
        {
            if (Written(at, id, anyMoved: true) is { } item)
            {
                items.Add(item);
            }
        }

        return items;
    });

    private SyncItem? Written(SearchBase at, long id, bool anyMoved)
    {
        if (at.Session.Entries.Fetch(id) is not { } row)
        {
            return null; // deleted since: that has a row of its own
        }

        bool isBase = row.Id == at.Node.Id;
        ScopeRows scope = new(at.Session, at.Node, request.Scope, principal, []);
        EntryName? name = request.Scope == SearchScope.BaseObject && !isBase ? null : scope.Place(row);
        if (name is null || !_judge.View.MayRead(name.Value.Normalized))
        {
            _known.Set(id, known: false);
            return anyMoved ? new SyncItem(row.Uuid, null, IsNew: false, IsUnchanged: false, "") : null;
        }

        LdapEntry? entry = _judge.Judge(row, name.Value);
        bool wasKnown = _known.Set(id, known: entry is not null);
        return new SyncItem(row.Uuid, entry, IsNew: !wasKnown, IsUnchanged: false, name.Value.Dn);
    }

    private SyncItem? Gone(SearchBase at, Change change, bool anyMoved)
    {
        _known.Set(change.Entry, known: false);
        if (at.Session.Changes.Gone(change.Csn) is not var (uuid, text))
        {
            return null;
        }

        DistinguishedName dn = DistinguishedName.Parse(text);
        bool inScope = request.Scope switch
        {
            SearchScope.BaseObject => dn.Equals(_base),
            SearchScope.SingleLevel => dn.Parent.Equals(_base),
            _ => dn.IsWithin(_base),
        };
        return inScope && _judge.View.MayRead(dn.Normalized) ? new SyncItem(uuid, null, IsNew: false, IsUnchanged: false, text)
            : anyMoved ? new SyncItem(uuid, null, IsNew: false, IsUnchanged: false, "")
            : null;
    }

    private static bool IsMoved(ReadSession session, EntryRow row, HashSet<long> moved)
    {
        if (moved.Count == 0 || row.Parent == StoreLayout.NoParent)
        {
            return false;
        }

        for (TreeNode? node = session.Entries.Node(row.Parent, session.Places); node is not null; node = node.Parent)
        {
            if (moved.Contains(node.Id))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Section 3.5.1: when the name has become another entry's, the synchronization ends.</summary>
    private void EnsureSameBase(long id)
    {
        if (_baseId != 0 && _baseId != id)
        {
            throw new LdapException(LdapResultCode.SyncRefreshRequired, $"sync of {request.BaseDn}: it is another entry now; synchronize anew");
        }

        _baseId = id;
    }

    /// <summary>One look at the store: a connection, a snapshot, the base entry; given back before anybody waits for a consumer.</summary>
    private async Task<T> ReadAsync<T>(Func<SearchBase, T> look)
    {
        // The caller's thread may be the one that reads requests.
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        if (IsRefreshing && request.TimeLimit > 0 && context.Time.GetElapsedTime(_started) > TimeSpan.FromSeconds(request.TimeLimit))
        {
            throw new LdapException(LdapResultCode.TimeLimitExceeded, $"sync of {request.BaseDn}: the refresh was not done within {request.TimeLimit} s");
        }

        try
        {
            ReadSession session = context.Readers.TryRent(principal.Role, out ReadSession? idle)
                ? idle
                : await context.Readers.RentAsync(principal.Role, cancellationToken).ConfigureAwait(false);
            SearchBase at = SearchBase.Open(context, session, _base, _judge.View, request);
            bool healthy = true;
            try
            {
                EnsureSameBase(at.Node.Id);
                return look(at);
            }
            catch (StoreFailureException)
            {
                healthy = false;
                throw;
            }
            finally
            {
                at.Close(healthy);
            }
        }
        catch (StoreFailureException e)
        {
            Log.SearchFailed(context.Log, e.Message);
            throw new LdapException(e.ToResult(), $"sync of {request.BaseDn}");
        }
    }
}

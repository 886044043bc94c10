using System.Runtime.ExceptionServices;
using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>
/// One search, over one snapshot: entries are read as its consumer asks for them, so a slow consumer holds one row and not the result.
/// Written as a class and not as an iterator, because each entry is there at once: nothing waits for anything but a connection, and now
/// and then for the thread's other work.
/// </summary>
internal sealed class SearchRun(SearchContext context, Principal principal, SearchRequest request, SearchPlan plan, CancellationToken cancellationToken)
    : IAsyncEnumerable<LdapEntry>, IAsyncEnumerator<LdapEntry>
{
    /// <summary>What an index found, if no more than this, is read on the caller's thread: some 0.1 ms. Entries.</summary>
    private const int FewCandidates = 64;

    private readonly EntryJudge _judge = new(context, principal, request, plan.ValueFilter, plan.Sort is { NeedsOperational: true });
    private readonly int _sizeLimit = SizeLimit(context.Options, principal, request);
    private readonly SearchPace _pace = new(context, request, cancellationToken);

    private SearchBase? _base;
    private ScopeRows? _rows;
    private IReadOnlyList<long>? _candidates;
    private SortedIds? _sorting;
    private List<SortPlace>? _places;
    private int _nextPlace;
    private Queue<LdapEntry>? _virtual;
    private int _returned = plan.Returned;
    private bool _sawRow;
    private bool _turnIsOver;
    private bool _enumerating;
    private bool _ended;

    private enum Step
    {
        Found,
        End,
        Pause,
    }

    public LdapEntry Current { get; private set; } = null!;

    /// <summary>The stored entry's id; 0 for an entry that is not stored.</summary>
    public long CurrentId { get; private set; }

    /// <summary>Where the entry stands in the order; null when the search is not sorted.</summary>
    public SortPlace? CurrentPlace { get; private set; }

    /// <summary>True when there were too many entries to be sorted: they come unsorted.</summary>
    public bool SortOverflowed { get; private set; }

    public IAsyncEnumerator<LdapEntry> GetAsyncEnumerator(CancellationToken token = default)
    {
        if (!_enumerating && (!token.CanBeCanceled || token == cancellationToken))
        {
            _enumerating = true;
            return this;
        }

        return new SearchRun(context, principal, request, plan, token.CanBeCanceled ? token : cancellationToken) { _enumerating = true };
    }

    public ValueTask<bool> MoveNextAsync()
    {
        if (_ended)
        {
            return new ValueTask<bool>(false);
        }

        if (_rows is not null || _virtual is not null)
        {
            return Advance();
        }

        cancellationToken.ThrowIfCancellationRequested();
        DistinguishedName baseDn = SearchBase.Authorize(context, _judge.View, principal, request);
        if (context.Virtual.Find(baseDn, request.Scope) is { } entries)
        {
            Assert(context.Virtual.Find(baseDn, SearchScope.BaseObject)![0]);
            _virtual = new Queue<LdapEntry>(entries);
            return Advance();
        }

        ReadSession? session = null;
        return Guarded(() => context.Readers.TryRent(principal.Role, out session)) ? Start(session!, baseDn) : StartLaterAsync(baseDn);
    }

    public ValueTask DisposeAsync()
    {
        End(healthy: true);
        return ValueTask.CompletedTask;
    }

    private async ValueTask<bool> StartLaterAsync(DistinguishedName baseDn)
    {
        ReadSession session;
        try
        {
            session = await context.Readers.RentAsync(principal.Role, cancellationToken).ConfigureAwait(false);
        }
        catch (StoreFailureException e)
        {
            throw Translate(e);
        }

        return await Start(session, baseDn).ConfigureAwait(false);
    }

    private ValueTask<bool> Start(ReadSession session, DistinguishedName baseDn)
    {
        Guarded(() =>
        {
            _base = SearchBase.Open(context, session, baseDn, _judge.View, request);
            Assert(session, _base.Node);
            _candidates = request.Scope == SearchScope.BaseObject ? null
                : plan.Candidates is not null ? plan.Candidates(session)
                : new IndexLookup(session, context.Indexes, context.Schema).Find(request.Filter);
            _sorting = plan.Sort is null ? null : new SortedIds(plan.Sort, plan.SortAfter, SortCapacity);
            _rows = Rows(_candidates, plan.Sort is null ? plan.After : null);

            // Only what ends soon runs on the caller's thread, which may be the one that serves every connection.
            _turnIsOver = request.Scope != SearchScope.BaseObject && _candidates is not { Count: <= FewCandidates };
            return true;
        });
        return Advance();
    }

    private ValueTask<bool> Advance()
    {
        Step step = _turnIsOver ? Step.Pause : GuardedMoveNext();
        return step == Step.Pause ? AdvanceLaterAsync() : new ValueTask<bool>(step == Step.Found);
    }

    private async ValueTask<bool> AdvanceLaterAsync()
    {
        Step step;
        do
        {
            await Task.Yield();
            _turnIsOver = false;
            _pace.BeginTurn();
            step = GuardedMoveNext();
        }
        while (step == Step.Pause);
        return step == Step.Found;
    }

    private Step MoveNext()
    {
        if (_virtual is not null)
        {
            while (_virtual.TryDequeue(out LdapEntry? entry))
            {
                if (_judge.Judge(entry) is { } found)
                {
                    return Offer(found, 0);
                }
            }

            _ended = true;
            return Step.End;
        }

        while (_rows!.Next() is { } row)
        {
            _sawRow = true;
            _turnIsOver = _pace.Row();
            if (_rows.Place(row) is { } name && _judge.Look(row, name) is { } seen)
            {
                if (_sorting is null)
                {
                    return Offer(_judge.Present(name.Dn, seen), row.Id);
                }

                _sorting.Add(seen, row.Id);
            }

            if (_turnIsOver)
            {
                return Step.Pause;
            }
        }

        if (!_sawRow && request.Scope == SearchScope.BaseObject && plan.After is null)
        {
            // The place was remembered from a later snapshot than this one.
            throw SearchBase.NoSuchObject(context, DistinguishedName.Parse(request.BaseDn), "", request);
        }

        if (_sorting is not null)
        {
            BeginSorted(_sorting);
            return MoveNext();
        }

        End(healthy: true);
        return Step.End;
    }

    /// <summary>All entries were seen and their order is known: now they are read again, in that order.</summary>
    private void BeginSorted(SortedIds sorted)
    {
        _sorting = null;
        if (sorted.Overflowed && SortWanted > context.Options.MaxSortedEntries)
        {
            SortOverflowed = true;
            _rows!.Reset();
            _rows = Rows(_candidates, plan.After);
            return;
        }

        _places = sorted.Take();
        _rows = Rows(_places.ConvertAll(p => p.Id), after: null);
    }

    private ScopeRows Rows(IReadOnlyList<long>? candidates, long? after) =>
        new(_base!.Session, _base.Node, request.Scope, principal, candidates, after);

    /// <summary>What the sort keeps: as many as can be returned, and one more that tells there are others.</summary>
    private long SortWanted => Math.Min(
        plan.SortedEntries == 0 ? long.MaxValue : plan.SortedEntries,
        _sizeLimit == 0 ? long.MaxValue : Math.Max(0L, _sizeLimit - plan.Returned) + 1);

    private int SortCapacity => (int)Math.Min(SortWanted, context.Options.MaxSortedEntries);

    private Step Offer(LdapEntry entry, long id)
    {
        if (_sizeLimit > 0 && _returned >= _sizeLimit)
        {
            throw new LdapException(LdapResultCode.SizeLimitExceeded, $"search under {request.BaseDn}: there are more than the {_sizeLimit} entries asked for or allowed");
        }

        _returned++;
        (Current, CurrentId) = (entry, id);
        if (_places is not null)
        {
            while (_places[_nextPlace].Id != id)
            {
                _nextPlace++;
            }

            CurrentPlace = _places[_nextPlace];
        }

        return Step.Found;
    }

    private void Assert(ReadSession session, TreeNode node)
    {
        if (plan.Assertion is { } assertion
            && (session.Entries.Fetch(node.Id) is not { } row || AssertionJudge(assertion).Look(row, new EntryName(node.Dn, node.Normalized, session.Entries)) is null))
        {
            throw AssertionFailed();
        }
    }

    private void Assert(LdapEntry entry)
    {
        if (plan.Assertion is { } assertion && AssertionJudge(assertion).Judge(entry) is null)
        {
            throw AssertionFailed();
        }
    }

    private EntryJudge AssertionJudge(Filter assertion) => new(context, principal, SearchRequest.ReadEntry(request.BaseDn, "1.1") with { Filter = assertion });

    private LdapException AssertionFailed() => new(LdapResultCode.AssertionFailed, $"search under {request.BaseDn}: what the assertion control says is not true of it");

    /// <summary>Whatever goes wrong, the connection goes back and the caller gets an LDAP result.</summary>
    private bool Guarded(Func<bool> step)
    {
        try
        {
            return step();
        }
        catch (Exception e)
        {
            throw Ended(e);
        }
    }

    /// <summary>As <see cref="Guarded"/>, without a delegate for each entry.</summary>
    private Step GuardedMoveNext()
    {
        try
        {
            return MoveNext();
        }
        catch (Exception e)
        {
            throw Ended(e);
        }
    }

    private LdapException Ended(Exception e)
    {
        StoreFailureException? failure = e as StoreFailureException;
        End(healthy: failure is null);
        if (failure is null)
        {
            ExceptionDispatchInfo.Throw(e);
        }

        return Translate(failure);
    }

    private LdapException Translate(StoreFailureException e)
    {
        Log.SearchFailed(context.Log, e.Message);
        return new LdapException(e.ToResult(), $"search under {request.BaseDn}");
    }

    private void End(bool healthy)
    {
        _ended = true;
        _rows = null;
        SearchBase? opened = _base;
        _base = null;
        opened?.Close(healthy);
    }

    /// <summary>Entries that the client or the directory allows, whichever is less; 0 is no limit.</summary>
    public static int SizeLimit(DirectoryOptions options, Principal principal, SearchRequest request)
    {
        int allowed = principal.Role == DirectoryRole.System ? 0 : options.MaxSearchEntries;
        return allowed == 0 ? request.SizeLimit : request.SizeLimit == 0 ? allowed : Math.Min(allowed, request.SizeLimit);
    }
}

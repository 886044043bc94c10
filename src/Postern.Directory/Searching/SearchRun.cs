using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>
/// One search, over one snapshot: entries are read as its consumer asks for them, so a slow consumer holds one row and not the result.
/// Written as a class and not as an iterator, because each entry is there at once: no state machine waits for anything but a connection.
/// </summary>
internal sealed class SearchRun(SearchContext context, Principal principal, SearchRequest request, CancellationToken cancellationToken)
    : IAsyncEnumerable<LdapEntry>, IAsyncEnumerator<LdapEntry>
{
    /// <summary>Rows between two looks at the clock and at cancellation.</summary>
    private const int RowsPerCheck = 64;

    private readonly EntryView _view = new(context, principal);
    private readonly AttributeSelection _selection = new(request, context.Schema);
    private readonly bool _matchesAll = request.Filter is PresentFilter { Attribute: var a } && a.Equals(SchemaWords.ObjectClass, StringComparison.OrdinalIgnoreCase);
    private readonly int _sizeLimit = SizeLimit(context.Options, principal, request);
    private readonly bool _operationalInFilter = FilterWords.Any(request.Filter, name => IsOperational(context.Schema, name));
    private readonly long _started = context.Time.GetTimestamp();
    private readonly TimeSpan _timeLimit = request.TimeLimit == 0
        ? context.Options.MaxSearchTime
        : TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(request.TimeLimit).Ticks, context.Options.MaxSearchTime.Ticks));

    private ReadSession? _session;
    private TreeNode? _base;
    private List<long>? _candidates;
    private Statement? _scan;
    private Queue<LdapEntry>? _virtual;
    private int _next;
    private int _rows;
    private int _returned;
    private bool _enumerating;
    private bool _ended;

    public LdapEntry Current { get; private set; } = null!;

    public IAsyncEnumerator<LdapEntry> GetAsyncEnumerator(CancellationToken token = default)
    {
        if (!_enumerating && (!token.CanBeCanceled || token == cancellationToken))
        {
            _enumerating = true;
            return this;
        }

        return new SearchRun(context, principal, request, token.CanBeCanceled ? token : cancellationToken) { _enumerating = true };
    }

    public ValueTask<bool> MoveNextAsync()
    {
        if (_ended)
        {
            return new ValueTask<bool>(false);
        }

        if (_session is not null || _virtual is not null)
        {
            return new ValueTask<bool>(Guarded(MoveNext));
        }

        cancellationToken.ThrowIfCancellationRequested();
        DistinguishedName baseDn = context.Names.Parse(request.BaseDn);
        Authorize(baseDn);
        if (context.Virtual.Find(baseDn, request.Scope) is { } entries)
        {
            _virtual = new Queue<LdapEntry>(entries.Where(e => _view.MayRead(DistinguishedName.Parse(e.Dn).Normalized)));
            return new ValueTask<bool>(MoveNext());
        }

        ReadSession? session = null;
        return Guarded(() => context.Readers.TryRent(out session))
            ? new ValueTask<bool>(Start(session!, baseDn))
            : StartLaterAsync(baseDn);
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
            session = await context.Readers.RentAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (StoreFailureException e)
        {
            throw Translate(e);
        }

        return Start(session, baseDn);
    }

    private bool Start(ReadSession session, DistinguishedName baseDn)
    {
        _session = session;
        return Guarded(() =>
        {
            Open(baseDn);
            return MoveNext();
        });
    }

    private void Open(DistinguishedName baseDn)
    {
        ReadSession session = _session!;
        _base = session.Entries.Resolve(baseDn, session.Places, remember: request.Scope != SearchScope.BaseObject, out TreeNode? matched);
        if (_base is null)
        {
            throw new LdapException(NoSuchObject(baseDn, matched), $"search under {request.BaseDn}");
        }

        _candidates = request.Scope == SearchScope.BaseObject
            ? [_base.Id]
            : new IndexLookup(session, context.Indexes, context.Schema).Find(request.Filter);
        if (_candidates is null)
        {
            _scan = (request.Scope == SearchScope.SingleLevel ? session.Children : session.Subtree).Bind(1, _base.Id);
        }
    }

    private bool MoveNext()
    {
        if (_virtual is not null)
        {
            while (_virtual.TryDequeue(out LdapEntry? entry))
            {
                IReadOnlyList<LdapAttribute> readable = _view.Readable(entry.Attributes);
                if (Offer(entry.Dn, [.. readable.Where(a => !IsOperational(context.Schema, a.Description))], () => [.. readable.Where(a => IsOperational(context.Schema, a.Description))]))
                {
                    return true;
                }
            }

            _ended = true;
            return false;
        }

        while (NextRow() is { } row)
        {
            CheckLimits();
            if (Place(row) is var (dn, normalized) && _view.MayRead(normalized) && Offer(dn, _view.UserAttributes(row), () => _view.OperationalAttributes(row)))
            {
                return true;
            }
        }

        End(healthy: true);
        return false;
    }

    /// <summary>Makes the entry <see cref="Current"/> when it matches.</summary>
    private bool Offer(string dn, IReadOnlyList<LdapAttribute> user, Func<IReadOnlyList<LdapAttribute>> makeOperational)
    {
        IReadOnlyList<LdapAttribute> operational = _operationalInFilter || _selection.WantsOperational ? makeOperational() : [];
        if (!_matchesAll || !_view.MayReadAttribute(SchemaWords.ObjectClass))
        {
            LdapEntry seen = new(dn, _operationalInFilter ? [.. user, .. operational] : user);
            if (FilterEvaluator.Matches(request.Filter, seen, context.Schema) != true)
            {
                return false;
            }
        }

        if (_sizeLimit > 0 && _returned == _sizeLimit)
        {
            throw new LdapException(LdapResultCode.SizeLimitExceeded, $"search under {request.BaseDn}: there are more than the {_sizeLimit} entries asked for or allowed");
        }

        _returned++;
        Current = new LdapEntry(dn, _selection.Select(user, operational));
        return true;
    }

    private EntryRow? NextRow()
    {
        if (_scan is not null)
        {
            return _scan.Step() ? EntryRow.Read(_scan) : null;
        }

        while (_next < _candidates!.Count)
        {
            if (_session!.Entries.Fetch(_candidates[_next++]) is { } row)
            {
                return row;
            }

            if (request.Scope == SearchScope.BaseObject)
            {
                // The place was remembered from a later snapshot than this one.
                throw new LdapException(NoSuchObject(DistinguishedName.Parse(request.BaseDn), null), $"search under {request.BaseDn}");
            }
        }

        return null;
    }

    /// <returns>The entry's names, or null when it is outside the scope.</returns>
    private (string Dn, string Normalized)? Place(EntryRow row)
    {
        if (row.Parent == StoreLayout.NoParent)
        {
            return InScope(null, row) ? (row.Rdn, row.Normalized) : null;
        }

        TreeNode parent = _session!.Entries.Node(row.Parent, _session.Places);
        return InScope(parent, row) ? ($"{row.Rdn},{parent.Dn}", principal.Role == DirectoryRole.System ? "" : $"{row.Normalized},{parent.Normalized}") : null;
    }

    private bool InScope(TreeNode? parent, EntryRow row) => _scan is not null || request.Scope switch
    {
        SearchScope.BaseObject => true,
        SearchScope.SingleLevel => row.Parent == _base!.Id,
        _ => row.Id == _base!.Id || parent?.IsWithin(_base.Id) == true,
    };

    private void Authorize(DistinguishedName baseDn)
    {
        // Before anything is looked up: who may not read here learns nothing about what is there.
        if (!_view.MayRead(baseDn.Normalized))
        {
            throw new LdapException(LdapResultCode.InsufficientAccessRights, $"search under \"{request.BaseDn}\": {principal.Name} may not read there");
        }
    }

    private void CheckLimits()
    {
        if (_rows++ % RowsPerCheck != 0)
        {
            return;
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (context.Time.GetElapsedTime(_started) > _timeLimit)
        {
            throw new LdapException(LdapResultCode.TimeLimitExceeded, $"search under {request.BaseDn}: not done within {_timeLimit.TotalSeconds} s");
        }

        if (context.Readers.IsClosed)
        {
            throw new LdapException(LdapResultCode.Unavailable, $"search under {request.BaseDn}: the directory is being closed");
        }
    }

    private LdapResult NoSuchObject(DistinguishedName dn, TreeNode? matched)
    {
        string matchedDn = matched is not null && _view.MayRead(matched.Normalized) ? matched.Dn : "";
        return context.Suffixes.Any(dn.IsWithin)
            ? new LdapResult(LdapResultCode.NoSuchObject, $"{dn}: no such entry", matchedDn)
            : new LdapResult(
                LdapResultCode.NoSuchObject, $"{dn}: lies in none of this directory's naming contexts ({string.Join("; ", context.Suffixes)})");
    }

    /// <summary>Whatever goes wrong, the connection goes back and the caller gets an LDAP result.</summary>
    private bool Guarded(Func<bool> step)
    {
        try
        {
            return step();
        }
        catch (StoreFailureException e)
        {
            End(healthy: false);
            throw Translate(e);
        }
        catch
        {
            End(healthy: true);
            throw;
        }
    }

    private LdapException Translate(StoreFailureException e)
    {
        Log.SearchFailed(context.Log, e.Message);
        return new LdapException(e.ToResult(), $"search under {request.BaseDn}");
    }

    private void End(bool healthy)
    {
        _ended = true;
        _scan = null;
        if (_session is not { } session)
        {
            return;
        }

        _session = null;
        try
        {
            session.End();
        }
        catch (StoreFailureException)
        {
            healthy = false; // the connection is closed instead of being used again
        }

        context.Readers.Return(session, healthy);
    }

    private static bool IsOperational(DirectorySchema schema, string description) =>
        schema.FindAttribute(SchemaWords.TypeName(description)) is { Operational: true };

    private static int SizeLimit(DirectoryOptions options, Principal principal, SearchRequest request)
    {
        int allowed = principal.Role == DirectoryRole.System ? 0 : options.MaxSearchEntries;
        return allowed == 0 ? request.SizeLimit : request.SizeLimit == 0 ? allowed : Math.Min(allowed, request.SizeLimit);
    }
}

using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>A search as a server runs it: obeys the controls, pushes what is found, and ends with the answer for SearchResultDone.</summary>
internal sealed class ControlledSearch(
    SearchContext context, Principal principal, SearchRequest request, SearchControls controls, ISearchSink sink, CancellationToken cancellationToken)
{
    private readonly List<LdapControl> _responses = [];
    private SearchPlan _plan = new() { ValueFilter = controls.ValueFilter, Assertion = controls.Assertion };
    private PageCookie? _position;
    private bool _sortIsGivenUp;
    private bool _anySent;

    public static async Task<LdapAnswer> RunAsync(
        SearchContext context, Principal principal, SearchRequest request, IReadOnlyList<LdapControl> controls, ISearchSink sink, CancellationToken cancellationToken)
    {
        ControlledSearch? search = null;
        try
        {
            search = new ControlledSearch(context, principal, request, SearchControls.Read(controls, context.Limits), sink, cancellationToken);
            return await search.RunAsync().ConfigureAwait(false);
        }
        catch (LdapException e)
        {
            return search?.Answer(e.Result, sortFailed: false) ?? new LdapAnswer(e.Result);
        }
    }

    /// <summary>RFC 2696 section 3: a page as large as the size limit is no page.</summary>
    private int? PageSize => controls.Page is { } page && (request.SizeLimit == 0 || page.Size < request.SizeLimit) ? page.Size : null;

    private async Task<LdapAnswer> RunAsync()
    {
        if (controls.Sort is { } keys && !PlanSort(keys))
        {
            return Answer(SortRefused(), sortFailed: true);
        }

        if (PageSize is not null)
        {
            PlanPage();
            if (PageSize == 0)
            {
                return Answer(LdapResult.Success); // RFC 2696 section 3: the client wants no more
            }
        }

        SearchRun run = new(context, principal, request, _plan, cancellationToken);
        await using (((IAsyncDisposable)run).ConfigureAwait(false))
        {
            for (int sent = 0; await run.MoveNextAsync().ConfigureAwait(false); sent++)
            {
                if (sent == 0 && (run.SortOverflowed || _sortIsGivenUp) && !SayNotSorted())
                {
                    return Answer(SortRefused(), sortFailed: true);
                }

                if (sent == PageSize)
                {
                    return Answer(LdapResult.Success, more: true);
                }

                await sink.EntryAsync(run.Current, []).ConfigureAwait(false);
                _anySent = true;
                _position = _position is null ? null : _position with
                {
                    Returned = _position.Returned + 1,
                    LastId = run.CurrentId,
                    SortKey = run.CurrentPlace is { } place ? _plan.Sort!.Encode(place) : ReadOnlyMemory<byte>.Empty,
                };
            }
        }

        return Answer(LdapResult.Success);
    }

    /// <summary>Simple paged results, RFC 2696. Each page is a search over a snapshot of its own that begins past the last entry of the
    /// one before; an entry that is there all the time comes exactly once.</summary>
    private void PlanPage()
    {
        byte[] mark = PageCookie.Mark(request, controls.SortControlItself?.Value is { } sort ? sort.Span : default);
        ReadOnlyMemory<byte> cookie = controls.Page!.Value.Cookie;
        _position = new PageCookie(mark, 0, 0, default);
        if (!cookie.IsEmpty)
        {
            PageCookie position = PageCookie.Decode(cookie, mark);
            if (_plan.Sort is not null && position.SortKey.IsEmpty)
            {
                // The pages before were not sorted, because there was too much: nor are the others.
                _plan = _plan with { Sort = null };
                _sortIsGivenUp = true;
            }

            _plan = _plan with { SortAfter = _plan.Sort?.Decode(position.SortKey.Span, position.LastId) };
            _position = position;
        }

        // One more than the page holds tells whether there is another page.
        _plan = _plan with { After = _position.LastId, Returned = _position.Returned, SortedEntries = (long)PageSize!.Value + 1 };
    }

    /// <returns>False when the search ends with that, RFC 2891 section 2.</returns>
    private bool PlanSort(IReadOnlyList<SortKey> keys)
    {
        SortOrder? order = SortOrder.Create(keys, context.Schema, out (LdapResultCode Code, string Attribute) failure);
        _plan = _plan with { Sort = order };
        _responses.Add(order is null ? SortControl.CreateResponse(failure.Code, failure.Attribute) : SortControl.CreateResponse(LdapResultCode.Success, null));
        return order is not null || !controls.SortControlItself!.Critical;
    }

    private bool SayNotSorted()
    {
        _responses.Clear();
        _responses.Add(SortControl.CreateResponse(LdapResultCode.AdminLimitExceeded, null));
        return !controls.SortControlItself!.Critical;
    }

    private LdapResult SortRefused()
    {
        (LdapResultCode code, string? attribute) = SortControl.DecodeResponse(_responses[0]);
        string why = code switch
        {
            LdapResultCode.NoSuchAttribute => $"{attribute} is not in the schema",
            LdapResultCode.InappropriateMatching => $"{attribute} has no such order",
            LdapResultCode.UnwillingToPerform => $"{attribute} is there twice",
            _ => $"there are more than the {context.Options.MaxSortedEntries} entries that this directory sorts",
        };
        return new LdapResult(LdapResultCode.UnavailableCriticalExtension, $"sort control: {why}");
    }

    /// <summary>RFC 2891 section 2: nothing is said of the order (scenario 6) where there is no entry, or where the search failed for another
    /// reason (a limit of size leaves entries in their order).</summary>
    private LdapAnswer Answer(LdapResult result, bool sortFailed = false, bool more = false)
    {
        if (!sortFailed && !(_anySent && result.Code is (LdapResultCode.Success or LdapResultCode.SizeLimitExceeded)))
        {
            _responses.Clear();
        }

        if (_position is not null)
        {
            _responses.Add(PagedResultsControl.Create(0, more ? _position.Encode() : default, critical: false));
        }

        return new LdapAnswer(result, _responses);
    }
}

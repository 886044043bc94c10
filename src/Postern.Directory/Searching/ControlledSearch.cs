using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>A search as a server runs it: obeys the controls, pushes what is found, and ends with the answer for SearchResultDone.</summary>
internal static class ControlledSearch
{
    public static async Task<LdapAnswer> RunAsync(
        SearchContext context, Principal principal, SearchRequest request, IReadOnlyList<LdapControl> controls, ISearchSink sink, CancellationToken cancellationToken)
    {
        try
        {
            SearchControls read = controls.Count == 0 ? SearchControls.None : SearchControls.Read(controls);

            // RFC 2696 section 3: a page as large as the size limit is no page.
            if (read.Page is { } page && (request.SizeLimit == 0 || page.Size < request.SizeLimit))
            {
                return await RunPageAsync(context, principal, request, page.Size, page.Cookie, sink, cancellationToken).ConfigureAwait(false);
            }

            SearchRun run = new(context, principal, request, SearchPlan.Plain, cancellationToken);
            await using (((IAsyncDisposable)run).ConfigureAwait(false))
            {
                while (await run.MoveNextAsync().ConfigureAwait(false))
                {
                    await sink.EntryAsync(run.Current, []).ConfigureAwait(false);
                }
            }

            return LdapAnswer.Success;
        }
        catch (LdapException e)
        {
            return new LdapAnswer(e.Result);
        }
    }

    /// <summary>Simple paged results, RFC 2696. Each page is a search over a snapshot of its own that begins past the last entry of the
    /// one before; an entry that is there all the time comes exactly once.</summary>
    private static async Task<LdapAnswer> RunPageAsync(
        SearchContext context, Principal principal, SearchRequest request, int size, ReadOnlyMemory<byte> cookie, ISearchSink sink, CancellationToken cancellationToken)
    {
        byte[] mark = PageCookie.Mark(request, []);
        PageCookie last = cookie.IsEmpty ? new PageCookie(mark, 0, 0, default) : PageCookie.Decode(cookie, mark);
        if (size == 0)
        {
            return Page(LdapResult.Success, []); // section 3: the client wants no more
        }

        SearchPlan plan = new() { After = last.LastId, Returned = last.Returned };
        SearchRun run = new(context, principal, request, plan, cancellationToken);
        await using (((IAsyncDisposable)run).ConfigureAwait(false))
        {
            try
            {
                for (int sent = 0; await run.MoveNextAsync().ConfigureAwait(false); sent++)
                {
                    if (sent == size)
                    {
                        return Page(LdapResult.Success, last.Encode());
                    }

                    await sink.EntryAsync(run.Current, []).ConfigureAwait(false);
                    last = last with { Returned = last.Returned + 1, LastId = run.CurrentId };
                }
            }
            catch (LdapException e)
            {
                return Page(e.Result, []);
            }
        }

        return Page(LdapResult.Success, []);
    }

    private static LdapAnswer Page(LdapResult result, byte[] cookie) => new(result, [PagedResultsControl.Create(0, cookie, critical: false)]);
}

using Postern.Directory.Searching;
using Postern.Directory.Updates;
using Postern.Ldap;

namespace Postern.Directory.Synchronization;

// RFC 4533 (complete): provider here, consumer in the sources of a hub; refreshOnly and refreshAndPersist

/// <summary>
/// Content synchronization, RFC 4533: a search that a consumer repeats with a cookie, or keeps open, to hold the same entries as the directory.
/// The refresh tells the changes since the cookie one by one (section 3.3.2), or, where the directory no longer knows them, all that is there
/// (section 3.3.1); the persist stage (section 3.4) tells each commit's changes as it comes.
/// </summary>
internal sealed class SyncProvider(SearchContext context, CommitSignal signal)
{
    /// <summary>Changes that were of no interest to a consumer, after which it gets a new cookie all the same: it would grow too old.</summary>
    private const int ChangesWithoutCookie = 1000;

    private int _running;

    /// <summary>Controls that go with a sync request.</summary>
    public static bool GoesWith(string oid) => oid is LdapOids.SyncRequest or LdapOids.ManageDsaIt or LdapOids.DontUseCopy;

    public async Task<LdapAnswer> SearchAsync(
        Principal principal, SearchRequest request, IReadOnlyList<LdapControl> controls, ISearchSink sink, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _running) > context.Options.MaxSynchronizations)
        {
            Interlocked.Decrement(ref _running);
            return new LdapAnswer(new LdapResult(
                LdapResultCode.Busy, $"{context.Options.MaxSynchronizations} synchronizations go on, which is as many as this directory allows (MaxSynchronizations)"));
        }

        try
        {
            SyncRequest sync = Read(request, controls);
            SyncSession session = new(context, principal, request, cancellationToken);
            session.Authorize();
            SyncSender sender = new(sink, SearchRun.SizeLimit(context.Options, principal, request), request.BaseDn);
            return await RunAsync(principal, sync, session, sender, cancellationToken).ConfigureAwait(false);
        }
        catch (LdapException e)
        {
            return new LdapAnswer(e.Result);
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private static SyncRequest Read(SearchRequest request, IReadOnlyList<LdapControl> controls)
    {
        if (controls.FirstOrDefault(c => !GoesWith(c.Oid)) is { } other)
        {
            throw new LdapException(LdapResultCode.UnwillingToPerform, $"control {other.Oid} does not go with a sync request");
        }

        if (controls.Count(c => c.Oid == LdapOids.SyncRequest) > 1)
        {
            throw new LdapException(LdapResultCode.ProtocolError, $"control {LdapOids.SyncRequest} is there twice");
        }

        // Section 3: no aliases within a content.
        if (request.DerefAliases is DerefAliases.InSearching or DerefAliases.Always)
        {
            throw new LdapException(LdapResultCode.ProtocolError, "sync request: aliases cannot be followed within what is synchronized");
        }

        try
        {
            return SyncControls.DecodeRequest(controls.First(c => c.Oid == LdapOids.SyncRequest));
        }
        catch (LdapProtocolException e)
        {
            throw new LdapException(e.ToResult(), "sync request");
        }
    }

    private async Task<LdapAnswer> RunAsync(
        Principal principal, SyncRequest sync, SyncSession session, SyncSender sender, CancellationToken cancellationToken)
    {
        StoreState state = await session.StateAsync().ConfigureAwait(false);
        string instance = SyncCookie.InstanceName(state.Instance);
        SyncCookie? known = SyncCookie.Read(sync.Cookie, instance, out string replicaId);
        if (known is not null && known.Csn > state.Csn)
        {
            known = null; // a number that this instance never gave
        }

        // A cookie that cannot be used, for whatever reason, is as good as none: all that is there is told, and what is not told is gone.
        // That is a complete refresh, so there is no need to send the consumer away for one (syncRefreshRequired).
        bool byChanges = known is not null && known.Csn >= state.GoneFrom && known.Csn >= state.MovedFrom;
        if (byChanges)
        {
            await TellChangesAsync(session, known!.Csn, state.Csn, sender.RefreshAsync).ConfigureAwait(false);
        }
        else
        {
            await TellContentAsync(session, sender, known is not null && known.Csn >= state.MovedFrom ? known.Csn : 0).ConfigureAwait(false);
        }

        await sender.FlushAsync().ConfigureAwait(false);
        SyncCookie cookie = new(replicaId, instance, state.Csn);
        if (sync.Mode == SyncMode.RefreshOnly)
        {
            return new LdapAnswer(LdapResult.Success, [SyncControls.Create(new SyncDone(cookie.Encode(), byChanges))]);
        }

        await sender.InfoAsync(byChanges ? new SyncRefreshDelete(cookie.Encode(), Done: true) : new SyncRefreshPresent(cookie.Encode(), Done: true)).ConfigureAwait(false);
        return await PersistAsync(principal, session, sender, cookie, cancellationToken).ConfigureAwait(false);
    }

    private static async Task TellContentAsync(SyncSession session, SyncSender sender, long knownCsn)
    {
        HashSet<long> moved = knownCsn == 0 ? [] : await session.MovedAfterAsync(knownCsn).ConfigureAwait(false);
        long? after = 0;
        while (after is { } position)
        {
            (List<SyncItem> items, after) = await session.ContentAsync(position, knownCsn, moved).ConfigureAwait(false);
            await sender.RefreshAsync(items).ConfigureAwait(false);
        }
    }

    private static async Task TellChangesAsync(SyncSession session, long known, long upTo, Func<IEnumerable<SyncItem>, ValueTask> tell)
    {
        if (known == upTo)
        {
            return;
        }

        bool anyMoved = (await session.MovedAfterAsync(known).ConfigureAwait(false)).Count > 0;
        long? after = known;
        while (after is { } position)
        {
            (List<SyncItem> items, long moved, after) = await session.ChangesAsync(position, upTo, anyMoved).ConfigureAwait(false);
            await tell(items).ConfigureAwait(false);
            if (moved != 0)
            {
                foreach (long[] ids in (await session.BelowAsync(moved).ConfigureAwait(false)).Prepend(moved).Chunk(SyncSession.RowsPerPiece))
                {
                    await tell(await session.EntriesAsync(ids).ConfigureAwait(false)).ConfigureAwait(false);
                }
            }
        }

        if (anyMoved)
        {
            // What moved out of sight and was deleted before it was looked at: its delete has a later number, by which the move is history
            // and the delete seems to be none of the consumer's business.
            await tell(await session.GoneAfterAsync(upTo).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private async Task<LdapAnswer> PersistAsync(
        Principal principal, SyncSession session, SyncSender sender, SyncCookie cookie, CancellationToken cancellationToken)
    {
        session.IsRefreshing = false;
        long told = cookie.Csn;
        int unseen = 0;
        while (true)
        {
            // Asked for before the look: a commit after the look ends the wait.
            Task next = signal.NextAsync();
            if (principal.Refusal?.Invoke() is { } ended)
            {
                return new LdapAnswer(ended); // an account that is removed takes effect with the commit that removes it
            }

            StoreState state = await session.StateAsync().ConfigureAwait(false);
            sender.HasTold = false;
            if (state.Csn > told)
            {
                await TellChangesAsync(session, told, state.Csn, sender.PersistAsync).ConfigureAwait(false);
                await sender.FlushAsync().ConfigureAwait(false);
                told = state.Csn;
                if (sender.HasTold || ++unseen == ChangesWithoutCookie)
                {
                    unseen = 0;
                    await sender.InfoAsync(new SyncNewCookie((cookie with { Csn = told }).Encode())).ConfigureAwait(false);
                }
            }

            await next.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }
}

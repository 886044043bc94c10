using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>The messages of one refreshAndPersist search (RFC 4533 section 3.4), put into the ring in their order.</summary>
internal sealed class PersistFollower
{
    private readonly ChangeRing _ring;
    private readonly Bell _bell;
    private readonly byte[] _start;
    private readonly bool _ringFirst;
    private readonly GatheredChanges _refresh;

    // Where the refresh stage has come to.
    private byte[] _reached;
    private bool _gap;
    private bool _refreshing = true;

    /// <param name="start">The cookie that the search began with.</param>
    /// <param name="ringFirst">Ring when the refresh stage ends, whatever came: the connection had been away.</param>
    /// <param name="limit">Entries of a refresh stage that are kept.</param>
    public PersistFollower(ChangeRing ring, Bell bell, byte[] start, bool ringFirst, int limit = ChangeRing.DefaultCapacity)
    {
        (_ring, _bell, _start, _ringFirst, _reached) = (ring, bell, start, ringFirst, start);
        _refresh = new GatheredChanges(limit);
    }

    /// <summary>Whether the message ends the refresh stage: from then on silence means that nothing changes.</summary>
    public static bool EndsRefresh(LdapMessage message)
    {
        try
        {
            return SyncEvent.Read(message, LdapLimits.Default) is SyncEvent.Told { Info: SyncRefreshDelete { Done: true } or SyncRefreshPresent { Done: true } };
        }
        catch (LdapProtocolException)
        {
            return false; // told where the message is taken
        }
    }

    /// <summary>Null: the search is not for containers.</summary>
    public ContainerWatch? Containers { get; init; }

    /// <summary>Once the search has ended: what the server said. A search of this kind has no good end.</summary>
    public LdapResult? End { get; private set; }

    public void Accept(SyncEvent message)
    {
        switch (message)
        {
            case SyncEvent.Changed { State: SyncEntryState.Present }:
                Gap();
                break;
            case SyncEvent.Changed changed when Containers?.IsContainer(changed.Id, changed.State == SyncEntryState.Delete ? null : changed.Entry) == true:
                ContainerGap(changed.Cookie);
                break;
            case SyncEvent.Changed changed:
                Take([new SourceChange(changed.Id, changed.State == SyncEntryState.Delete ? null : changed.Entry)], changed.Cookie);
                break;
            case SyncEvent.Told told:
                Accept(told.Info);
                break;
            case SyncEvent.Uncontrolled:
                End = new LdapResult(LdapResultCode.UnavailableCriticalExtension, "the server ignores the sync request control");
                _ring.Forget();
                break;
            case SyncEvent.Ended ended:
                End = ended.Result;
                _ring.IsLive = false;
                if (ended.Result.Code is LdapResultCode.SyncRefreshRequired or LdapResultCode.UnwillingToPerform or LdapResultCode.ProtocolError or LdapResultCode.UnavailableCriticalExtension)
                {
                    // Not with this cookie, then: the next reading brings another one.
                    _ring.Forget();
                    _bell.Ring();
                }

                break;
        }
    }

    private void Accept(SyncInfo info)
    {
        switch (info)
        {
            case SyncNewCookie own:
                Take([], own.Cookie);
                break;
            case SyncIdSet { RefreshDeletes: true } set:
                if (set.EntryUuids.Any(uuid => Containers?.IsContainer(EntryId.FromGuid(uuid), null) == true))
                {
                    // Its other ids come with the reading.
                    ContainerGap(set.Cookie);
                    break;
                }

                Take([.. set.EntryUuids.Select(uuid => new SourceChange(EntryId.FromGuid(uuid), null))], set.Cookie);
                break;
            case SyncIdSet:
                Gap();
                break;
            case SyncRefreshDelete phase:
                Take([], phase.Cookie);
                EndRefresh(phase.Done);
                break;
            case SyncRefreshPresent phase:
                // Deletes were told by leaving out. Where nothing at all changed, nothing was left out either.
                Take([], phase.Cookie);
                _gap |= ContextCookie.KeyOf(_reached) != ContextCookie.KeyOf(_start);
                EndRefresh(phase.Done);
                break;
        }
    }

    private void Take(IReadOnlyList<SourceChange> changes, ReadOnlyMemory<byte>? cookie)
    {
        ReadOnlySpan<byte> octets = cookie is { } given ? given.Span : default;
        if (!_refreshing)
        {
            _ring.Append(changes, octets);
            if (changes.Count > 0)
            {
                _bell.Ring();
            }

            return;
        }

        foreach (SourceChange change in changes)
        {
            _gap |= !_refresh.TryAdd(change.Id, change.Entry);
        }

        if (!octets.IsEmpty)
        {
            _reached = ContextCookie.Merge(_reached, octets);
        }
    }

    /// <summary>A container came, changed or went: the next reading asks the server what that means.</summary>
    // One that is a recipient as well is told by the server, in a reading: which of the two it is, only the filter says.
    private void ContainerGap(ReadOnlyMemory<byte>? cookie)
    {
        Containers!.Doubt();
        if (_refreshing)
        {
            _gap = true;
            Take([], cookie);
            return;
        }

        _ring.Gap(cookie is { } given ? given.Span : default);
        _bell.Ring();
    }

    private void EndRefresh(bool done)
    {
        if (!done || !_refreshing)
        {
            return;
        }

        _refreshing = false;
        if (_gap)
        {
            // What lies between the two cookies is the server's to tell, reading by reading; of containers, too.
            Containers?.Doubt();
            _ring.Reset(_reached);
        }
        else
        {
            if (_ring.Cookie is not { } known || ContextCookie.KeyOf(known) != ContextCookie.KeyOf(_start))
            {
                _ring.Reset(_start);
            }

            _ring.Append(_refresh.Changes, _reached);
        }

        _ring.IsLive = true;
        if (_ringFirst || _gap || _refresh.Changes.Count > 0)
        {
            _bell.Ring();
        }
    }

    private void Gap()
    {
        if (_refreshing)
        {
            _gap = true;
            return;
        }

        // No server should: the persist stage names its deletes.
        End = new LdapResult(LdapResultCode.ProtocolError, "a present message in the persist stage");
        _ring.Forget();
        _bell.Ring();
    }
}

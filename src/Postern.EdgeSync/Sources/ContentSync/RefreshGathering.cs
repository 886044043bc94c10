using System.Globalization;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>The refresh of a consumer that has a cookie (RFC 4533 section 3.3.2), message by message, up to its verdict.</summary>
/// <remarks>Only a refresh that names what is gone is taken for changes. One with a present phase says what is gone by leaving it out: a
/// list that arrives short, or not at all, would then delete (demand: trap 6), and entries that are merely present come without
/// their content. It is given up for a reading of everything, which is compared and guarded.</remarks>
internal sealed class RefreshGathering
{
    private readonly GatheredChanges _gathered;

    public RefreshGathering(ReadOnlyMemory<byte> since, int limit = GatheredChanges.DefaultLimit)
    {
        Cookie = since;
        _gathered = new GatheredChanges(limit);
    }

    public RefreshVerdict Verdict { get; private set; }

    /// <summary>With <see cref="RefreshVerdict.ReadWhole"/>: why, in words.</summary>
    public string WholeBecause { get; private set; } = "";

    /// <summary>With <see cref="RefreshVerdict.Failed"/>: what the server said.</summary>
    public LdapResult? Failure { get; private set; }

    public IReadOnlyList<SourceChange> Changes => _gathered.Changes;

    /// <summary>The newest that came; the one asked with as long as none did.</summary>
    public ReadOnlyMemory<byte> Cookie { get; private set; }

    /// <returns>Whether more is to come.</returns>
    public bool Accept(SyncEvent message)
    {
        switch (message)
        {
            case SyncEvent.Changed { State: SyncEntryState.Present }:
                PresentPhase();
                break;
            case SyncEvent.Changed changed:
                Take(changed.Cookie);
                Add(changed.Id, changed.State == SyncEntryState.Delete ? null : changed.Entry);
                break;
            case SyncEvent.Told told:
                Accept(told.Info);
                break;
            case SyncEvent.Uncontrolled:
                Verdict = RefreshVerdict.NotHonoured;
                break;
            case SyncEvent.Ended end:
                End(end);
                break;
        }

        return Verdict == RefreshVerdict.Going;
    }

    private void Accept(SyncInfo info)
    {
        switch (info)
        {
            case SyncNewCookie own:
                Take(own.Cookie);
                break;
            case SyncRefreshDelete phase:
                Take(phase.Cookie);
                break;
            case SyncIdSet { RefreshDeletes: true } set:
                Take(set.Cookie);
                foreach (Guid uuid in set.EntryUuids)
                {
                    Add(EntryId.FromGuid(uuid), null);
                }

                break;
            default:
                PresentPhase();
                break;
        }
    }

    private void End(SyncEvent.Ended end)
    {
        switch (end.Result.Code)
        {
            case LdapResultCode.Success when end.Done is null:
                Failure = new LdapResult(LdapResultCode.ProtocolError, "the search ended without a Sync Done control: it may be incomplete");
                Verdict = RefreshVerdict.Failed;
                break;
            case LdapResultCode.Success when end.Done.RefreshDeletes:
                Take(end.Done.Cookie);
                Verdict = RefreshVerdict.Complete;
                break;
            case LdapResultCode.Success:
                PresentPhase();
                break;
            case LdapResultCode.UnavailableCriticalExtension:
                Verdict = RefreshVerdict.NotHonoured;
                break;

            // slapd says unwillingToPerform to a cookie newer than itself (it was restored from a backup), protocolError to one it cannot read.
            case LdapResultCode.SyncRefreshRequired or LdapResultCode.UnwillingToPerform or LdapResultCode.ProtocolError:
                ReadWhole($"the source does not take the cookie: {new LdapException(end.Result, "content synchronization").Message}");
                break;
            default:
                Failure = end.Result;
                Verdict = RefreshVerdict.Failed;
                break;
        }
    }

    private void Add(EntryId id, LdapEntry? entry)
    {
        if (!_gathered.TryAdd(id, entry))
        {
            ReadWhole(string.Create(CultureInfo.InvariantCulture, $"more than {_gathered.Changes.Count} entries changed"));
        }
    }

    private void PresentPhase() => ReadWhole("the source no longer knows what was deleted since the last reading (present phase; OpenLDAP: syncprov-sessionlog)");

    private void ReadWhole(string because) => (Verdict, WholeBecause) = (RefreshVerdict.ReadWhole, because);

    private void Take(ReadOnlyMemory<byte>? cookie)
    {
        if (cookie is { IsEmpty: false } octets)
        {
            Cookie = octets.ToArray();
        }
    }
}

internal enum RefreshVerdict
{
    Going,

    /// <summary>Every change has been named.</summary>
    Complete,

    /// <summary>The server cannot, or would not safely, say what changed.</summary>
    ReadWhole,

    /// <summary>The server does not synchronize this part of the tree.</summary>
    NotHonoured,

    Failed,
}

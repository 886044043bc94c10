using Postern.Ldap;

namespace Postern.Directory.Synchronization;

/// <summary>Tells a consumer what was found, as RFC 4533 words it. Sets of UUIDs are gathered; they go out before anything else does.</summary>
/// <param name="sizeLimit">Entries of the refresh at most; 0 is no limit.</param>
internal sealed class SyncSender(ISearchSink sink, int sizeLimit, string baseDn)
{
    /// <summary>UUIDs of one Sync Info message: 18 KiB.</summary>
    private const int MaxUuids = 1000;

    private readonly List<Guid> _uuids = [];
    private bool _uuidsAreGone;
    private int _sent;

    /// <summary>Whether the consumer was told anything since this was last set to false.</summary>
    public bool HasTold { get; set; }

    /// <summary>Section 3.3: within the refresh, what is there is an "add" to the consumer, whether it had an older form of it or not.</summary>
    public async ValueTask RefreshAsync(IEnumerable<SyncItem> items)
    {
        foreach (SyncItem item in items)
        {
            if (item.Entry is null || item.IsUnchanged)
            {
                await GatherAsync(item.Uuid, gone: item.Entry is null).ConfigureAwait(false);
                continue;
            }

            if (sizeLimit > 0 && _sent++ == sizeLimit)
            {
                throw new LdapException(LdapResultCode.SizeLimitExceeded, $"sync of {baseDn}: there are more than the {sizeLimit} entries asked for or allowed");
            }

            await EntryAsync(item.Entry, SyncEntryState.Add, item.Uuid).ConfigureAwait(false);
        }
    }

    /// <summary>Section 3.4: within the persist stage.</summary>
    public async ValueTask PersistAsync(IEnumerable<SyncItem> items)
    {
        foreach (SyncItem item in items)
        {
            if (item.Entry is not null)
            {
                await EntryAsync(item.Entry, item.IsNew ? SyncEntryState.Add : SyncEntryState.Modify, item.Uuid).ConfigureAwait(false);
            }
            else if (item.Dn.Length > 0)
            {
                await EntryAsync(new LdapEntry(item.Dn, []), SyncEntryState.Delete, item.Uuid).ConfigureAwait(false);
            }
            else
            {
                // Where it is now is none of the consumer's business.
                await GatherAsync(item.Uuid, gone: true).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask InfoAsync(SyncInfo info)
    {
        await FlushAsync().ConfigureAwait(false);
        await sink.IntermediateAsync(SyncControls.CreateInfo(info)).ConfigureAwait(false);
    }

    public async ValueTask FlushAsync()
    {
        if (_uuids.Count > 0)
        {
            SyncIdSet set = new(null, _uuidsAreGone, [.. _uuids]);
            _uuids.Clear();
            HasTold = true;
            await sink.IntermediateAsync(SyncControls.CreateInfo(set)).ConfigureAwait(false);
        }
    }

    private async ValueTask GatherAsync(Guid uuid, bool gone)
    {
        if (_uuids.Count == MaxUuids || (_uuids.Count > 0 && _uuidsAreGone != gone))
        {
            await FlushAsync().ConfigureAwait(false);
        }

        _uuidsAreGone = gone;
        _uuids.Add(uuid);
    }

    private async ValueTask EntryAsync(LdapEntry entry, SyncEntryState state, Guid uuid)
    {
        await FlushAsync().ConfigureAwait(false);
        HasTold = true;
        await sink.EntryAsync(entry, [SyncControls.Create(new SyncState(state, uuid, null))]).ConfigureAwait(false);
    }
}

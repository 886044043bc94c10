using System.Threading.Channels;
using Postern.Ldap;

namespace Postern.Directory.Tests;

/// <summary>A consumer of RFC 4533 that believes what it is told and nothing else: it holds what a provider says is there.</summary>
internal sealed class ContentCopy(SearchRequest request) : ISearchSink
{
    private readonly Dictionary<Guid, LdapEntry> _entries = [];
    private readonly HashSet<Guid> _mentioned = [];
    private readonly Channel<SyncInfo> _infos = Channel.CreateUnbounded<SyncInfo>();

    public ReadOnlyMemory<byte>? Cookie { get; set; }

    public List<SyncEntryState> States { get; } = [];

    public int IdSets { get; private set; }

    public IReadOnlyDictionary<Guid, LdapEntry> Entries => _entries;

    /// <summary>Entries and DNs, in an order that can be compared.</summary>
    public IReadOnlyList<string> Content
    {
        get
        {
            lock (_entries)
            {
                return [.. _entries.Select(e => Line(e.Key, e.Value)).Order(StringComparer.Ordinal)];
            }
        }
    }

    public static string Line(Guid uuid, LdapEntry entry) => $"{uuid} {entry.Dn} {string.Join('|', entry.Attributes.Select(a => $"{a.Description}={string.Join(';', a.Strings.Order(StringComparer.Ordinal))}").Order(StringComparer.Ordinal))}";

    /// <summary>One poll.</summary>
    public async Task<LdapAnswer> RefreshAsync(IControlledDirectory directory, bool reloadHint = false)
    {
        Begin();
        LdapAnswer answer = await directory.SearchAsync(request, [Control(SyncMode.RefreshOnly, reloadHint)], this, CancellationToken.None);
        if (answer.Result.IsSuccess)
        {
            SyncDone done = SyncControls.DecodeDone(Assert.Single(answer.Controls));
            End(done.RefreshDeletes, done.Cookie);
        }

        return answer;
    }

    public Task<LdapAnswer> PersistAsync(IControlledDirectory directory, CancellationToken cancellationToken)
    {
        Begin();
        return Task.Run(() => directory.SearchAsync(request, [Control(SyncMode.RefreshAndPersist, false)], this, cancellationToken), CancellationToken.None);
    }

    /// <summary>Waits for the next message with a cookie: a moment at which the copy is whole.</summary>
    public async Task<SyncInfo> NextCookieAsync()
    {
        while (true)
        {
            SyncInfo info = await _infos.Reader.ReadAsync();
            if (info is SyncNewCookie or SyncRefreshDelete or SyncRefreshPresent)
            {
                return info;
            }
        }
    }

    public ValueTask EntryAsync(LdapEntry entry, IReadOnlyList<LdapControl> controls)
    {
        SyncState state = SyncControls.DecodeState(Assert.Single(controls));
        lock (_entries)
        {
            States.Add(state.State);
            _mentioned.Add(state.EntryUuid);
            if (state.State == SyncEntryState.Delete)
            {
                Assert.Empty(entry.Attributes);
                _entries.Remove(state.EntryUuid);
            }
            else
            {
                _entries[state.EntryUuid] = entry;
            }
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask IntermediateAsync(IntermediateResponse response)
    {
        SyncInfo info = SyncControls.DecodeInfo(response, LdapLimits.Default);
        lock (_entries)
        {
            switch (info)
            {
                case SyncIdSet { RefreshDeletes: true } gone:
                    IdSets++;
                    gone.EntryUuids.ToList().ForEach(uuid => _entries.Remove(uuid));
                    break;
                case SyncIdSet present:
                    IdSets++;
                    Assert.All(present.EntryUuids, uuid => Assert.Contains(uuid, _entries.Keys));
                    _mentioned.UnionWith(present.EntryUuids);
                    break;
                case SyncRefreshDelete delete:
                    End(refreshDeletes: true, delete.Cookie);
                    break;
                case SyncRefreshPresent present:
                    End(refreshDeletes: false, present.Cookie);
                    break;
                case SyncNewCookie cookie:
                    Cookie = cookie.Cookie.ToArray();
                    break;
            }
        }

        _infos.Writer.TryWrite(info);
        return ValueTask.CompletedTask;
    }

    private LdapControl Control(SyncMode mode, bool reloadHint) => SyncControls.Create(new SyncRequest(mode, Cookie, reloadHint), critical: true);

    private void Begin()
    {
        _mentioned.Clear();
        States.Clear();
        IdSets = 0;
    }

    private void End(bool refreshDeletes, ReadOnlyMemory<byte>? cookie)
    {
        if (!refreshDeletes)
        {
            _entries.Keys.Except(_mentioned).ToList().ForEach(uuid => _entries.Remove(uuid));
        }

        Cookie = cookie?.ToArray();
    }
}

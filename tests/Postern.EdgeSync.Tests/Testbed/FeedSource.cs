using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Postern.EdgeSync.Sources;
using Postern.Ldap;

namespace Postern.EdgeSync.Tests.Testbed;

/// <summary>A source with a change feed, written by the test.</summary>
internal sealed class FeedSource(string name) : ISource
{
    private readonly SortedDictionary<string, string[]> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _log = [];

    public string Name => name;

    /// <summary>Cookies that readings began with, "" for none.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>Of an id.</summary>
    public static EntryId IdOf(string id) => EntryId.FromName("feed", id);

    public void Set(string id, params string[] addresses)
    {
        _entries[id] = addresses;
        _log.Add(id);
    }

    public void Remove(string id)
    {
        _entries.Remove(id);
        _log.Add(id);
    }

    /// <summary>What it takes to reach it; null: nothing.</summary>
    public Func<Task>? Connecting { get; set; }

    public async Task<ISourceReading> OpenAsync(SourceCookie? since, CancellationToken cancellationToken)
    {
        string cookie = since is null ? "" : Encoding.ASCII.GetString(since.Octets.Span);
        Asked.Add(cookie);
        await (Connecting?.Invoke() ?? Task.CompletedTask);
        return new Reading(this, cookie.Length == 0 ? null : int.Parse(cookie, CultureInfo.InvariantCulture));
    }

    public Task WaitForBellAsync(CancellationToken cancellationToken) => Task.Delay(Timeout.Infinite, cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private sealed class Reading(FeedSource feed, int? from) : ISourceReading
    {
        public bool IsWhole => from is null;

        public string WholeBecause => from is null ? "no cookie" : "";

        public SourceCookie? NextCookie { get; private set; }

        public async IAsyncEnumerable<SourceChange> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.Yield();
            int end = feed._log.Count;
            foreach (string id in from is { } start ? feed._log[start..end] : [.. feed._entries.Keys])
            {
                yield return new SourceChange(
                    IdOf(id),
                    feed._entries.TryGetValue(id, out string[]? addresses) ? new LdapEntry($"cn={id},dc=example", [new LdapAttribute("proxyAddresses", addresses)]) : null);
            }

            NextCookie = new SourceCookie(Encoding.ASCII.GetBytes(end.ToString(CultureInfo.InvariantCulture)));
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

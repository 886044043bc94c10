using System.Collections.Concurrent;
using Postern.Mail;

namespace Postern.Transport;

/// <summary>
/// What lookups ask for again and again, accepted domains and readiness, kept for as long as the directory's version stands still: any
/// commit makes all of it void. Recipients are never kept; a search for one costs some microseconds.
/// </summary>
/// <param name="version">A number that grows after every commit of the directory has become visible, never before.</param>
internal sealed class LookupMemory(Func<long> version)
{
    /// <summary>Domains kept, the unknown ones included: senders choose what is asked for. Entries; ours.</summary>
    private const int MaxDomains = 1000;

    private volatile Page _page = new(version());

    /// <summary>The page of this moment. What is read from the directory after this call may be written on it: were there a commit
    /// in between, the page is void by then, and so is what was written.</summary>
    public Page Current
    {
        get
        {
            long now = version();
            Page page = _page;
            if (page.Version != now)
            {
                _page = page = new Page(now);
            }

            return page;
        }
    }

    internal sealed class Page(long version)
    {
        private readonly ConcurrentDictionary<string, AcceptedDomain?> _domains = new(StringComparer.Ordinal);

        public long Version { get; } = version;

        /// <summary>Set once a synchronization of recipients was seen to be complete.</summary>
        public bool RecipientsComplete { get; set; }

        public bool TryGetDomain(string asked, out AcceptedDomain? domain) => _domains.TryGetValue(asked, out domain);

        public void KeepDomain(string asked, AcceptedDomain? domain)
        {
            if (_domains.Count < MaxDomains)
            {
                _domains.TryAdd(asked, domain);
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Postern.EdgeSync.Accounts;

/// <summary>Limits of <see cref="LoginBackoff"/>.</summary>
public sealed record LoginBackoffOptions
{
    /// <summary>Failed logins to one account from one address before the next has to wait. Default 5.</summary>
    public int FreeFailuresPerAccount { get; init; } = 5;

    /// <summary>Failed logins from one address, to whatever accounts, before the next has to wait. Default 20.</summary>
    public int FreeFailuresPerAddress { get; init; } = 20;

    /// <summary>The first wait; every further failure doubles it. Default 1 s.</summary>
    public TimeSpan FirstWait { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest wait. Default 15 min.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Failures are forgotten when none came for this long after the wait. Default 1 h.</summary>
    public TimeSpan Memory { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Accounts at addresses, and addresses, that are remembered; beyond, those are forgotten that were quiet longest. Default 10,000.</summary>
    public int MaxRemembered { get; init; } = 10_000;
}

/// <summary>
/// Makes guessing slow: after a few failures an account is refused unheard from that address, and then the address as a whole, each for a time
/// that doubles with every failure. Both counts include the address, so a flood from elsewhere locks nobody out; and an account that has
/// logged on from an address before is not refused for what others do there.
/// </summary>
internal sealed class LoginBackoff(LoginBackoffOptions options, TimeProvider time)
{
    /// <summary>Octets of an IPv6 address that one host commonly owns (RFC 6177: a site gets at least a /64).</summary>
    private const int HostPrefixBytes = 8;

    /// <summary>Characters; an account's cn has 63 at most, its DN some 20 more.</summary>
    private const int LongestName = 256;

    /// <summary>2^30 first waits are longer than any longest one.</summary>
    private const int MaxDoublings = 30;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Account, IPAddress Address), Record> _pairs = [];
    private readonly Dictionary<IPAddress, Record> _addresses = [];

    /// <returns>How long the login has to wait; zero when it may be heard.</returns>
    public TimeSpan Wait(string account, EndPoint? peer)
    {
        IPAddress address = Key(peer);
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            Record? pair = _pairs.GetValueOrDefault((Fold(account), address));
            TimeSpan ofPair = Remaining(pair, now);
            TimeSpan ofAddress = pair is { HasSucceeded: true } ? TimeSpan.Zero : Remaining(_addresses.GetValueOrDefault(address), now);
            return ofPair > ofAddress ? ofPair : ofAddress;
        }
    }

    /// <returns>How long the next one has to wait.</returns>
    public TimeSpan NoteFailure(string account, EndPoint? peer)
    {
        IPAddress address = Key(peer);
        lock (_lock)
        {
            DateTimeOffset now = time.GetUtcNow();
            Count(_pairs, (Fold(account), address), options.FreeFailuresPerAccount, now);
            Count(_addresses, address, options.FreeFailuresPerAddress, now);
        }

        return Wait(account, peer);
    }

    /// <summary>Clears the account's count at this address, not the address's own: who knows one password may be guessing others.</summary>
    public void NoteSuccess(string account, EndPoint? peer)
    {
        lock (_lock)
        {
            Record pair = Find(_pairs, (Fold(account), Key(peer)), time.GetUtcNow());
            (pair.Failures, pair.Until, pair.HasSucceeded, pair.Last) = (0, default, true, time.GetUtcNow());
        }
    }

    /// <summary>Entries held, for tests of their bound.</summary>
    internal int Remembered
    {
        get
        {
            lock (_lock)
            {
                return Math.Max(_pairs.Count, _addresses.Count);
            }
        }
    }

    private static TimeSpan Remaining(Record? record, DateTimeOffset now) => record is null || record.Until <= now ? TimeSpan.Zero : record.Until - now;

    private void Count<T>(Dictionary<T, Record> records, T key, int free, DateTimeOffset now)
        where T : notnull
    {
        Record record = Find(records, key, now);
        if (now - record.Last > options.Memory && record.Until < now)
        {
            record.Failures = 0;
        }

        record.Failures++;
        record.Last = now;
        if (record.Failures >= free)
        {
            double doublings = Math.Min(record.Failures - free, MaxDoublings);
            TimeSpan wait = TimeSpan.FromTicks((long)Math.Min(options.FirstWait.Ticks * Math.Pow(2, doublings), options.LongestWait.Ticks));
            record.Until = now + wait;
        }
    }

    private Record Find<T>(Dictionary<T, Record> records, T key, DateTimeOffset now)
        where T : notnull
    {
        if (records.TryGetValue(key, out Record? known))
        {
            return known;
        }

        if (records.Count >= options.MaxRemembered)
        {
            // Half at once, so that the sorting is paid for by as many new ones. Who is still waiting goes last, with who has a good name.
            foreach ((T old, _) in records.OrderBy(r => r.Value.Until > now).ThenBy(r => r.Value.HasSucceeded).ThenBy(r => r.Value.Last).Take(options.MaxRemembered / 2).ToArray())
            {
                records.Remove(old);
            }
        }

        return records[key] = new Record { Last = now };
    }

    /// <summary>Bind names are DNs or bare names in any case; what a directory would find the same is mostly the same here. No account has a
    /// very long name, so those are one: they are not remembered octet by octet.</summary>
    private static string Fold(string account) =>
        account.Length > LongestName ? "" : account.Replace(" ", "", StringComparison.Ordinal).ToUpperInvariant();

    private static IPAddress Key(EndPoint? peer)
    {
        IPAddress address = (peer as IPEndPoint)?.Address ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        byte[] octets = address.GetAddressBytes();
        octets.AsSpan(HostPrefixBytes).Clear();
        return new IPAddress(octets);
    }

    private sealed class Record
    {
        public int Failures;
        public DateTimeOffset Until;
        public DateTimeOffset Last;
        public bool HasSucceeded;
    }
}

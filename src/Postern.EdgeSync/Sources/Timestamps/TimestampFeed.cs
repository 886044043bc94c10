using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Postern.EdgeSync.Sources.Connecting;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.Timestamps;

/// <summary>For servers without any feed: what carries a newer modifyTimestamp (RFC 4512 section 3.4.2). Deletes and moves out of the base
/// are seen by the next whole reading only (fullCompareInterval).</summary>
internal sealed class TimestampFeed(FeedContext context) : ISourceFeed
{
    public const string Kind = "modified";

    /// <summary>Servers of one directory differ in their clocks, and a stamp may be older than the moment at which its entry can be seen:
    /// that much is read again each time.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    // Where modifyTimestamp has no index, each question is a scan of the subtree.
    private static readonly TimeSpan DefaultPoll = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private DateTime _newest;

    public async Task<ISourceReading?> OpenAsync(LdapConnection connection, ServerOffer offer, SourceCookie? since, CancellationToken cancellationToken)
    {
        if (since is null || ReadCookie(since) is not { } from)
        {
            Newest newest = new(default);
            return new WholeReading(
                since is null ? WholeReading.NoCookie : FeedCookie.OtherKind, token => ReadAsync(connection, offer, newest, token), () => Cookie(newest), connection);
        }

        Newest seen = new(from);
        GatheredChanges changes = new(GatheredChanges.DefaultLimit);

        // Who has left the filter is newer as well, and does not pass. The server is asked for both, so that nobody else needs to understand the filter,
        // and for all in front: who changes between the two questions is as the second answer has it.
        HashSet<EntryId> left = [];
        SearchRequest newer = new(
            context.Settings.BaseDn!, SearchScope.WholeSubtree, Since(from - Overlap), [.. context.Ids.Attributes, LdapStamp.Attribute]);
        await foreach (LdapEntry entry in PagedReading.ReadAnyAsync(context, connection, offer, newer, cancellationToken))
        {
            seen.Note(entry);
            if (context.Ids.TryRead(entry, out EntryId id) && left.Add(id) && left.Count > GatheredChanges.DefaultLimit)
            {
                return TooMany();
            }
        }

        SearchRequest request = context.Request(new AndFilter([Since(from - Overlap), context.Filter]), LdapStamp.Attribute);
        await foreach (SourceEntry found in PagedReading.ReadAsync(context, connection, offer, request, cancellationToken))
        {
            seen.Note(found.Entry);
            left.Remove(found.Id);
            if (!changes.TryAdd(found.Id, found.Entry))
            {
                return TooMany();
            }
        }

        foreach (EntryId id in left)
        {
            if (!changes.TryAdd(id, null))
            {
                return TooMany();
            }
        }

        await connection.DisposeAsync();
        return new GatheredReading(changes.Changes, Cookie(seen)!);

        WholeReading TooMany() =>
            new("too many entries changed", token => ReadAsync(connection, offer, seen, token), () => Cookie(seen), connection);
    }

    public async Task WatchAsync(LdapConnection connection, ServerOffer offer, Action healthy, CancellationToken cancellationToken)
    {
        DateTime rungFor = default;
        while (true)
        {
            await Task.Delay(context.Settings.PollInterval ?? DefaultPoll, context.Time, cancellationToken);
            DateTime newest;
            lock (_gate)
            {
                newest = _newest;
            }

            // Rung already, and no reading since.
            if (newest != default && newest != rungFor && await AnyNewerAsync(connection, newest, cancellationToken))
            {
                rungFor = newest;
                context.Bell.Ring();
            }

            healthy();
        }
    }

    private async Task<bool> AnyNewerAsync(LdapConnection connection, DateTime than, CancellationToken cancellationToken)
    {
        SearchRequest request = new(
            context.Settings.BaseDn!, SearchScope.WholeSubtree, Since(than + LdapStamp.Resolution), ["1.1"])
        { SizeLimit = 1 };
        try
        {
            await foreach (LdapEntry _ in connection.SearchAsync(request, cancellationToken))
            {
                return true;
            }

            return false;
        }
        catch (LdapException e) when (e.Code == LdapResultCode.SizeLimitExceeded)
        {
            return true;
        }
        catch (Exception e) when (SourceFailures.IsOfDirectory(e))
        {
            throw context.Connection.Explain(e, "looking for changes");
        }
    }

    private async IAsyncEnumerable<SourceChange> ReadAsync(
        LdapConnection connection, ServerOffer offer, Newest newest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (SourceEntry found in PagedReading.ReadAsync(context, connection, offer, context.Request(context.Filter, LdapStamp.Attribute), cancellationToken))
        {
            newest.Note(found.Entry);
            yield return new SourceChange(found.Id, found.Entry);
        }
    }

    /// <summary>Null: no entry showed its stamp, so there is no feed here.</summary>
    private SourceCookie? Cookie(Newest newest)
    {
        if (newest.Time == default)
        {
            return null;
        }

        lock (_gate)
        {
            _newest = newest.Time > _newest ? newest.Time : _newest;
        }

        return FeedCookie.Write(Kind, LdapStamp.Write(newest.Time));
    }

    private static DateTime? ReadCookie(SourceCookie cookie) =>
        FeedCookie.Read(Kind, cookie) is { } payload && LdapStamp.TryRead(Encoding.ASCII.GetString(payload), out DateTime time) ? time : null;

    private static GreaterOrEqualFilter Since(DateTime time) => new(LdapStamp.Attribute, Encoding.ASCII.GetBytes(LdapStamp.Write(time)));

    private sealed class Newest(DateTime time)
    {
        public DateTime Time { get; private set; } = time;

        public void Note(LdapEntry entry)
        {
            if (LdapStamp.TryRead(entry.FirstString(LdapStamp.Attribute), out DateTime stamp) && stamp > Time)
            {
                Time = stamp;
            }
        }
    }
}

/// <summary>modifyTimestamp in whole seconds: what all servers write, with or without a fraction.</summary>
internal static class LdapStamp
{
    public const string Attribute = "modifyTimestamp";
    private const string Form = "yyyyMMddHHmmss";

    public static readonly TimeSpan Resolution = TimeSpan.FromSeconds(1);

    /// <summary>Generalized Time (RFC 4517 section 3.3.13) in UTC; anything else is not read.</summary>
    public static bool TryRead(string? text, out DateTime time)
    {
        time = default;
        return text is not null && text.Length > Form.Length && text.EndsWith('Z')
            && DateTime.TryParseExact(text[..Form.Length], Form, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    public static string Write(DateTime time) => time.ToString(Form, CultureInfo.InvariantCulture) + "Z";
}

using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>Content synchronization, RFC 4533: refreshOnly for readings; one refreshAndPersist search for all edges as the bell, whose
/// messages are kept and answer readings without a round trip.</summary>
// A consumer by RFC 4533: the present phase is never taken for deletes, a whole reading replaces it.
internal sealed class ContentSyncFeed(FeedContext context, ChangeRing ring) : ISourceFeed
{
    public const string Kind = "sync";

    private readonly Bell _started = new();
    private bool _wasLive;

    /// <summary>What the server pushed since a cookie, when it is known here and anything came.</summary>
    public ISourceReading? Recall(SourceCookie since) =>
        FeedCookie.Read(Kind, since) is { } cookie && ring.TryRead(cookie, out IReadOnlyList<SourceChange> changes, out byte[] next)
            ? new GatheredReading(changes, FeedCookie.Write(Kind, next))
            : null;

    public async Task<ISourceReading?> OpenAsync(LdapConnection connection, ServerOffer offer, SourceCookie? since, CancellationToken cancellationToken)
    {
        string because = WholeReading.NoCookie;
        if (since is not null)
        {
            if (FeedCookie.Read(Kind, since) is not { } cookie)
            {
                because = FeedCookie.OtherKind;
            }
            else
            {
                RefreshGathering refresh = await GatherAsync(connection, cookie, cancellationToken);
                switch (refresh.Verdict)
                {
                    case RefreshVerdict.Complete:
                        byte[] next = refresh.Cookie.ToArray();
                        Start(next);
                        await connection.DisposeAsync();
                        return new GatheredReading(refresh.Changes, FeedCookie.Write(Kind, next));
                    case RefreshVerdict.NotHonoured:
                        return null;
                }

                because = refresh.WholeBecause;
            }
        }

        return await SyncWholeReading.BeginAsync(context, connection, because, Start, cancellationToken);
    }

    public async Task WatchAsync(LdapConnection connection, ServerOffer offer, Action healthy, CancellationToken cancellationToken)
    {
        // Where to begin is what the first reading ends with: nothing is read twice.
        while (ring.Cookie is null)
        {
            await _started.WaitAsync(cancellationToken);
        }

        try
        {
            PersistFollower follower = new(ring, context.Bell, ring.Cookie, _wasLive);
            await foreach (SyncEvent message in SyncSearch.RunAsync(context, connection, SyncMode.RefreshAndPersist, ring.Cookie, cancellationToken))
            {
                follower.Accept(message);
                if (follower.End is { } end)
                {
                    throw context.Connection.Explain(new LdapException(end, "search"), $"following {context.Settings.BaseDn}");
                }

                if (ring.IsLive)
                {
                    _wasLive = true;
                    healthy();
                }
            }
        }
        finally
        {
            ring.IsLive = false;
        }
    }

    private async Task<RefreshGathering> GatherAsync(LdapConnection connection, byte[] cookie, CancellationToken cancellationToken)
    {
        RefreshGathering refresh = new(cookie);
        await foreach (SyncEvent message in SyncSearch.RunAsync(context, connection, SyncMode.RefreshOnly, cookie, cancellationToken))
        {
            if (!refresh.Accept(message))
            {
                break;
            }
        }

        return refresh.Verdict switch
        {
            RefreshVerdict.Failed => throw context.Connection.Explain(new LdapException(refresh.Failure!, "search"), $"changes under {context.Settings.BaseDn}"),
            RefreshVerdict.Going => throw new SourceException(
                context.Name, $"{context.Settings.Url}: content synchronization of {context.Settings.BaseDn} has no end", "Please report it with the server's product and version."),
            _ => refresh,
        };
    }

    private void Start(byte[] cookie)
    {
        if (ring.Cookie is null)
        {
            ring.Reset(cookie);
            _started.Ring();
        }
    }
}

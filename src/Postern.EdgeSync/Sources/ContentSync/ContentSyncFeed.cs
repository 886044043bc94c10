using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Sources.Connecting;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ContentSync;

/// <summary>Content synchronization, RFC 4533: refreshOnly for readings; one refreshAndPersist search for all edges as the bell, whose
/// messages are kept and answer readings without a round trip.</summary>
// A consumer by RFC 4533: the present phase is never taken for deletes, a whole reading replaces it.
internal sealed class ContentSyncFeed(FeedContext context, ChangeRing ring, ILogger log) : ISourceFeed
{
    public const string Kind = "sync";

    /// <summary>slapd moves its contextCSN before it writes the session log: a refresh in between comes with the cookie of a delete and
    /// without the delete (seen with 2.5 and concurrent readings). The delete is in the log so much later for certain. Ours.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    private readonly ContainerWatch _containers = new(context, log);
    private const string ContainersMoved = "a container was moved or deleted, and the source does not tell which entries came or went with it";

    private readonly Bell _started = new();
    private bool _wasLive;

    /// <summary>What the server pushed since a cookie, when it is known here and anything came.</summary>
    public ISourceReading? Recall(SourceCookie since) =>
        SyncPosition.Read(since) is { } position && _containers.Current == position.Containers
        && ring.TryRead(position.Cookie, out IReadOnlyList<SourceChange> changes, out byte[] next)
            ? new GatheredReading(changes, (position with { Cookie = next }).Write())
            : null;

    public async Task<ISourceReading?> OpenAsync(LdapConnection connection, ServerOffer offer, SourceCookie? since, CancellationToken cancellationToken)
    {
        // Before anything else: what moves while we read is then found by the next reading.
        ContainerSet containers = await _containers.ReadAsync(connection, cancellationToken);
        string? digest = containers.Digest;
        string because = WholeReading.NoCookie;
        if (since is not null)
        {
            if (SyncPosition.Read(since) is not { } position)
            {
                because = FeedCookie.OtherKind;
            }
            else if (containers.IsOther(position.Containers) && containers.OnlyNewSince(position.Containers!) is null)
            {
                because = ContainersMoved;
            }
            else
            {
                string? added = containers.IsOther(position.Containers) ? containers.OnlyNewSince(position.Containers!) : null;
                digest ??= position.Containers;
                RefreshGathering refresh = await GatherAsync(connection, position.Cookie, cancellationToken);
                byte[] next = refresh.Cookie.ToArray();
                if (refresh.Verdict == RefreshVerdict.Complete && ContextCookie.KeyOf(next) != ContextCookie.KeyOf(position.Cookie))
                {
                    // The cookie of this refresh with the deletes of a later one: see Settling. Waited for by the time that the server has too.
                    await Task.Delay(Settling, TimeProvider.System, cancellationToken);
                    refresh = await GatherAsync(connection, position.Cookie, cancellationToken);
                }

                switch (refresh.Verdict)
                {
                    case RefreshVerdict.Complete when await BelowAsync(connection, offer, added, cancellationToken) is { } below:
                        Start(next);
                        await connection.DisposeAsync();
                        return new GatheredReading([.. refresh.Changes, .. below], new SyncPosition(digest, next).Write());
                    case RefreshVerdict.Complete:
                        because = ContainersMoved;
                        break;
                    case RefreshVerdict.NotHonoured:
                        return null;
                    default:
                        because = refresh.WholeBecause;
                        break;
                }
            }
        }

        return await SyncWholeReading.BeginAsync(context, connection, offer, because, digest, Start, cancellationToken);
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
            byte[] start = ring.Cookie;
            SearchRequest search = context.Request(context.Filter);

            // Cookies of other servers may be bound to the filter.
            if (ContextCookie.IsOwn(start))
            {
                search = ContainerWatch.WithContainers(search);
                await LookAtContainersAsync(connection, cancellationToken);
            }

            PersistFollower follower = new(ring, context.Bell, start, _wasLive) { Containers = _containers };
            await foreach (SyncEvent message in SyncSearch.RunAsync(context, connection, search, SyncMode.RefreshAndPersist, start, cancellationToken))
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

    /// <summary>What came with a container.</summary>
    /// <param name="container">Null: none came.</param>
    /// <returns>Null: there is too much of it, or it has gone again.</returns>
    private async Task<List<SourceChange>?> BelowAsync(LdapConnection connection, ServerOffer offer, string? container, CancellationToken cancellationToken)
    {
        List<SourceChange> found = [];
        if (container is null)
        {
            return found;
        }

        try
        {
            SearchRequest request = context.Request(context.Filter) with { BaseDn = container };
            await foreach (SourceEntry one in PagedReading.ReadAsync(context, connection, offer, request, cancellationToken))
            {
                if (found.Count == GatheredChanges.DefaultLimit)
                {
                    return null;
                }

                found.Add(new SourceChange(one.Id, one.Entry));
            }

            return found;
        }
        catch (SourceException e) when (e.InnerException is LdapException { Code: LdapResultCode.NoSuchObject })
        {
            return null;
        }
    }

    /// <summary>What was moved between the last reading and now.</summary>
    private async Task LookAtContainersAsync(LdapConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            // Before the search that pushes: what is moved from here on is pushed.
            string? before = _containers.Current;
            if ((await _containers.ReadAsync(connection, cancellationToken)).Digest != before)
            {
                context.Bell.Ring();
            }
        }
        catch (Exception e) when (SourceFailures.IsOfDirectory(e))
        {
            throw context.Connection.Explain(e, "looking for containers");
        }
    }

    private async Task<RefreshGathering> GatherAsync(LdapConnection connection, byte[] cookie, CancellationToken cancellationToken)
    {
        RefreshGathering refresh = new(cookie);
        await foreach (SyncEvent message in SyncSearch.RunAsync(context, connection, context.Request(context.Filter), SyncMode.RefreshOnly, cookie, cancellationToken))
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

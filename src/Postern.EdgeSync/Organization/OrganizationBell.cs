using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Sources.ContentSync;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Organization;

/// <summary>Tells when something was written below the base of an external organization directory: one search without an end (RFC 4533,
/// refreshAndPersist) over a connection of its own, made again when it breaks. Where the server has no content synchronization it never rings.</summary>
/// <param name="open">To a server that answers.</param>
internal sealed class OrganizationBell(Func<CancellationToken, Task<LdapConnection>> open, string baseDn, TimeProvider time, ILogger log) : IAsyncDisposable
{
    /// <summary>Between two connections. Ours.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    /// <summary>A server without the control may have it after its next restart. Ours.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _next = New();
    private Task? _running;

    /// <summary>Ends with the next change. Many may wait.</summary>
    public Task WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _running ??= Task.Run(() => RunAsync(_end.Token), CancellationToken.None);
            return _next.Task.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_running is { } running)
        {
            await running;
        }

        _end.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        bool said = false;
        while (!cancellationToken.IsCancellationRequested)
        {
            TimeSpan pause = Pause;
            try
            {
                pause = await FollowAsync(cancellationToken) ? Pause : LookAgain;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // Whatever it was: a bell that stays silent would be noticed by nobody.
                if (!said)
                {
                    OrganizationLog.NoBell(log, e.Message);
                }

                said = true;
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <returns>False: the server has nothing of the kind.</returns>
    private async Task<bool> FollowAsync(CancellationToken cancellationToken)
    {
        await using LdapConnection connection = await open(cancellationToken);
        if (!(await ServerOffer.ReadAsync(connection, cancellationToken)).ContentSync)
        {
            return false;
        }

        SearchRequest everything = new(baseDn, SearchScope.WholeSubtree, Filter.Anything, ["1.1"]);
        LdapControl follow = SyncControls.Create(new SyncRequest(SyncMode.RefreshAndPersist, null, ReloadHint: false), critical: true);
        bool isLive = false;
        await foreach (LdapMessage message in connection.SearchAsync(everything, [follow], SearchSilence.AllowedAfter(PersistFollower.EndsRefresh), cancellationToken))
        {
            if (message.Operation is SearchResultDone done)
            {
                return done.Result.Code == LdapResultCode.UnavailableCriticalExtension ? false : throw new LdapException(done.Result, $"follow {baseDn}");
            }

            // The end of the refresh rings as well: what was written while nobody listened is in it.
            isLive |= PersistFollower.EndsRefresh(message);
            if (isLive)
            {
                Ring();
            }
        }

        return true;
    }

    private void Ring()
    {
        TaskCompletionSource rung;
        lock (_gate)
        {
            (rung, _next) = (_next, New());
        }

        rung.TrySetResult();
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Leases;

/// <summary>Renews a lock while its holder is busy with something that sends no batches, such as the reading of a large source. A renewal that
/// fails is tried again until the lock has ended, over another session where the one in use is broken. Lives as long as the session, or
/// until the lease is lost or the lock has ended.</summary>
public sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly EdgeLease _lease;
    private readonly FencedDirectory _session;
    private readonly Func<CancellationToken, Task<LeaseLine>>? _another;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    private LeaseKeeper(EdgeLease lease, FencedDirectory session, Func<CancellationToken, Task<LeaseLine>>? another, TimeProvider time, ILogger log)
    {
        (_lease, _session, _another, _time, _log) = (lease, session, another, time, log);
        _work = RunAsync(_stop.Token);
    }

    /// <summary>It renews no more.</summary>
    public bool HasEnded => _work.IsCompleted;

    /// <param name="another">Opens a session with the same edge and the same fence; null: there is no other.</param>
    public static LeaseKeeper Start(EdgeLease lease, FencedDirectory session, Func<CancellationToken, Task<LeaseLine>>? another, TimeProvider time, ILogger log) =>
        new(lease, session, another, time, log);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        bool isBroken = false;
        try
        {
            while (_lease.UntilRenewal() is { } wait)
            {
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, _time, cancellationToken);
                    continue;
                }

                try
                {
                    await (isBroken && _another is not null ? RenewOverAnotherAsync(_another, cancellationToken) : _session.RenewAsync(cancellationToken));
                }
                catch (Exception e) when (e is LdapException or LdapConnectionException or SubscriptionException or ObjectDisposedException)
                {
                    isBroken |= e is LdapConnectionException or ObjectDisposedException;
                    if (_lease.HasRunOut())
                    {
                        LeaseLog.RanOut(_log, _lease.Edge);
                        return;
                    }

                    LeaseLog.NotRenewed(_log, _lease.Edge, e.Message);
                    await Task.Delay(_lease.RenewalRetry, _time, cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The session ends.
        }
        catch (LeaseLostException)
        {
            // Whoever writes next hears of it.
        }
    }

    private static async Task RenewOverAnotherAsync(Func<CancellationToken, Task<LeaseLine>> open, CancellationToken cancellationToken)
    {
        await using LeaseLine line = await open(cancellationToken);
        await line.Edge.RenewAsync(cancellationToken);
    }
}

/// <summary>A session with an edge that a lock can be renewed over.</summary>
/// <param name="Session">Ended with this.</param>
public sealed record LeaseLine(FencedDirectory Edge, IAsyncDisposable Session) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Session.DisposeAsync();
}

using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Leases;

/// <summary>Renews a lock while its holder is busy with something that sends no batches, such as the reading of a large source. Lives as long
/// as the session.</summary>
public sealed class LeaseKeeper : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;

    private LeaseKeeper(Func<CancellationToken, Task> work) => _work = work(_stop.Token);

    public static LeaseKeeper Start(EdgeLease lease, FencedDirectory session, TimeProvider time, ILogger log) =>
        new(cancellation => RunAsync(lease, session, time, log, cancellation));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
    }

    private static async Task RunAsync(EdgeLease lease, FencedDirectory session, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        try
        {
            while (lease.UntilRenewal() is { } wait)
            {
                if (wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, time, cancellationToken);
                }
                else
                {
                    await session.RenewAsync(cancellationToken);
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
        catch (Exception e) when (e is LdapException or LdapConnectionException or ObjectDisposedException)
        {
            LeaseLog.NotRenewed(log, lease.Edge, e.Message);
        }
    }
}

using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Synchronization;

/// <summary>What stays between two cycles of one edge and type: the session, the lease as it was, the state as it was left. Batches of one
/// session take effect in the order in which they were sent, so each type has a session of its own.</summary>
internal sealed class EdgeLink(HubSubscriptions subscriptions, EdgeLeases leases, TimeProvider time) : IAsyncDisposable
{
    /// <summary>A session is not used for longer: the account that it logged on with has a successor some day. Ours; far below the three days
    /// for which both are good.</summary>
    private static readonly TimeSpan MaxSessionAge = TimeSpan.FromHours(6);

    private DateTimeOffset _opened;

    private LdapConnection? _connection;
    private HubSubscription? _subscription;
    private LeaseKeeper? _keeper;
    private FencedDirectory? _fenced;
    private long _fence;

    /// <summary>The state as this hub left it; null: it has to be read. Holds as long as the fence does.</summary>
    public EdgeState? Known { get; set; }

    /// <summary>The session was used before: that it is gone says nothing about the edge.</summary>
    public bool IsUsed { get; private set; }

    public LdapConnection? Connection => _connection;

    /// <summary>A session that stands, as far as this side knows.</summary>
    /// <exception cref="SubscriptionException">The edge refused the accounts, or the keys cannot be read.</exception>
    /// <exception cref="LdapConnectionException">No connection, or the wrong certificate.</exception>
    public async Task ConnectAsync(HubSubscription subscription, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        if (_connection is { Failure: null } && now - _opened < MaxSessionAge && now >= _opened && IsSame(_subscription, subscription))
        {
            IsUsed = true;
            return;
        }

        await CloseAsync();
        _connection = await subscriptions.OpenAsync(subscription, cancellationToken);
        _subscription = subscription;
        _opened = now;
        IsUsed = false;
    }

    /// <summary>The edge, to be written as long as the lease is ours; null when it is another hub's.</summary>
    public async Task<(FencedDirectory? Edge, LeaseAnswer Answer)> AcquireAsync(bool byHand, CancellationToken cancellationToken)
    {
        EdgeLease lease = leases.For(_subscription!.Name);
        LeaseAnswer answer = await lease.AcquireAsync(new LeaseSession(_connection!), byHand, cancellationToken);
        if (!answer.IsOurs)
        {
            await DropFenceAsync();
            return (null, answer);
        }

        if (_fenced is null || answer.Fence != _fence)
        {
            await DropFenceAsync();
            _fence = answer.Fence;
            _fenced = lease.Guard(_connection!, answer);
        }

        if (_keeper is not { HasEnded: false })
        {
            // The first one, or the lock had ended before it could be renewed.
            await StopKeeperAsync();
            _keeper = leases.Keep(lease, _fenced, Another(lease, answer, _subscription));
        }

        return (_fenced, answer);
    }

    public async Task CloseAsync()
    {
        await DropFenceAsync();
        if (_connection is { } connection)
        {
            _connection = null;
            await connection.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private Func<CancellationToken, Task<LeaseLine>> Another(EdgeLease lease, LeaseAnswer answer, HubSubscription subscription) => async cancellationToken =>
    {
        LdapConnection connection = await subscriptions.OpenAsync(subscription, cancellationToken);
        return new LeaseLine(lease.Guard(connection, answer), connection);
    };

    private async Task DropFenceAsync()
    {
        Known = null;
        _fenced = null;
        await StopKeeperAsync();
    }

    private async Task StopKeeperAsync()
    {
        if (_keeper is { } keeper)
        {
            _keeper = null;
            await keeper.DisposeAsync();
        }
    }

    /// <summary>Marking a subscription as complete is no change of it.</summary>
    private static bool IsSame(HubSubscription? one, HubSubscription other) =>
        one is not null
        && one.EdgeAddress == other.EdgeAddress
        && one.EdgeFqdn == other.EdgeFqdn
        && (one.SubscribedTime is null || one.SubscribedTime == other.SubscribedTime)
        && one.CertificateDer.Span.SequenceEqual(other.CertificateDer.Span);
}

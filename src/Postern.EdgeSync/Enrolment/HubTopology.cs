using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.EdgeSync.Auth;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Enrolment;

/// <summary>
/// Looks at which hubs and edges there are (fact sheet 4.1, every 5 minutes): publishes this hub, renews its credentials, and brings those
/// of all hubs of the site to each edge whose lease this hub has. So a hub that comes later joins without a visit to any edge, and one that
/// left can no longer log on.
/// </summary>
public sealed class HubTopology(
    HubSubscriptions subscriptions, EdgeLeases leases, HubServers servers, HubIdentity hub, TimeSpan interval, TimeProvider time, ILoggerFactory loggerFactory) : IDisposable
{
    /// <summary>Between two looks while something is missing: credentials of this hub, or the organization directory. At most the interval. Ours.</summary>
    private static readonly TimeSpan Impatience = TimeSpan.FromSeconds(10);

    /// <summary>Changes of so long are one look: one to an edge costs a session. Ours.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(250);

    private readonly ILogger _log = loggerFactory.CreateLogger<HubTopology>();
    private readonly SemaphoreSlim _bell = new(0, 1);
    private readonly Lock _ringing = new();

    /// <summary>Which certificates this hub's entry says, those of the last publication; null: there was none.</summary>
    private string? _published;

    /// <summary>Called with the name of an edge that this hub has got its credentials for.</summary>
    public Func<string, CancellationToken, Task>? Joined { get; init; }

    /// <summary>Ends when the organization directory may have changed: then it looks at once. Null: nobody can tell.</summary>
    public Func<CancellationToken, Task>? OrganizationChange { get; init; }

    /// <summary>What else an organization directory has to have; called when it is first reached.</summary>
    public Func<CancellationToken, Task>? Prepare { get; init; }

    /// <summary>What all nodes say of their certificates; null: nobody asks.</summary>
    public CertificateReporting? Reporting { get; init; }

    /// <summary>This hub's certificate, and those of the edges.</summary>
    public HubCertificates Certificates => _certificates ??= new HubCertificates(hub, servers, subscriptions, time, _log) { Changed = Ring, SealOthers = Auth.SealAnewAsync };

    private HubCertificates? _certificates;

    /// <summary>The certificate that signs the tokens of the organization.</summary>
    public AuthKeeper Auth => _auth ??= new AuthKeeper(hub, servers, time, _log);

    private AuthKeeper? _auth;

    /// <summary>Edges that this hub waits for to be let in.</summary>
    private readonly HashSet<string> _waiting = new(StringComparer.OrdinalIgnoreCase);

    private HubCredentials Credentials => subscriptions.Credentials;

    /// <summary>Looks now: something has changed.</summary>
    public void Ring()
    {
        lock (_ringing)
        {
            if (_bell.CurrentCount == 0)
            {
                _bell.Release();
            }
        }
    }

    /// <summary>At the start of the hub: its entry in the organization directory. Where that is out of reach, the first look that finds it does this.</summary>
    public async Task JoinAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PublishAsync(cancellationToken);
        }
        catch (LdapException e) when (e.Code == LdapResultCode.Unavailable)
        {
            EnrolmentLog.OrganizationFailed(_log, e.Message, time.GetUtcNow() + Impatience);
        }
    }

    /// <summary>Runs until cancelled. The first look is at once.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            // Asked for before looking: what is written meanwhile is looked at next.
            using CancellationTokenSource heard = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task change = OrganizationChange?.Invoke(heard.Token) ?? Task.Delay(Timeout.Infinite, heard.Token);
            TimeSpan wait = await RunOnceAsync(cancellationToken) ? interval : interval < Impatience ? interval : Impatience;
            try
            {
                using CancellationTokenSource delay = new(wait, time);
                using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(delay.Token, cancellationToken);
                await Task.WhenAny(change, _bell.WaitAsync(either.Token));
                bool isChange = change.IsCompleted;
                await heard.CancelAsync();
                await either.CancelAsync();
                if (isChange)
                {
                    await Task.Delay(Gathering, time, cancellationToken);
                }
            }
            catch (OperationCanceledException)
            {
                // The time has passed, or the hub stops.
            }
        }
    }

    /// <returns>Whether nothing is missing that a second look would soon find. Failures are logged, and stop neither the other edges nor the hub.</returns>
    public async Task<bool> RunOnceAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await PublishAsync(cancellationToken);
            IReadOnlyList<HubServer> all = await servers.ListAsync(cancellationToken);
            if (!all.Any(server => Same(server.Name, hub.Name)))
            {
                await LeaveAsync(cancellationToken);
                return true;
            }

            await (Reporting?.PublishAsync(cancellationToken) ?? Task.CompletedTask);

            // Before this hub's previous certificate goes: the key may be sealed for it.
            await Auth.LookAsync(all, cancellationToken);
            bool isSettled = true;
            HubSubscription[] edges = [.. (await subscriptions.ListAsync(cancellationToken)).Where(edge => Same(edge.Site, hub.Site))];
            foreach (HubSubscription edge in edges)
            {
                isSettled &= await LookAtAsync(edge, all, cancellationToken);
            }

            if (await Certificates.EndAsync(edges, cancellationToken))
            {
                await PublishAsync(cancellationToken);
            }

            return isSettled;
        }
        catch (LdapException e)
        {
            EnrolmentLog.OrganizationFailed(_log, e.Message, time.GetUtcNow() + Impatience);
            return false;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        catch (Exception e)
        {
            // A full disk, a certificate's file that is open to others: whatever it is, the next look comes.
            EnrolmentLog.LookFailed(_log, e.Message, time.GetUtcNow() + Impatience, e);
            return false;
        }
    }

    /// <summary>Gives the locks back that this hub has: another one need not wait for their end to know that it has gone.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        foreach (LeaseView view in leases.Views.Where(view => view.IsOurs))
        {
            try
            {
                if (await subscriptions.FindAsync(view.Edge, cancellationToken) is { } edge)
                {
                    await using LdapConnection connection = await subscriptions.OpenAsync(edge, cancellationToken);
                    await leases.For(edge.Name).ReleaseAsync(new LeaseSession(connection), cancellationToken);
                }
            }
            catch (Exception e) when (e is LdapException or LdapConnectionException or SubscriptionException)
            {
                EnrolmentLog.EdgeFailed(_log, view.Edge, e.Message, time.GetUtcNow() + interval);
            }
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        subscriptions.Imported = Ring;
        await Certificates.BeginAsync(cancellationToken);
        string certificates = string.Join(' ', hub.Keys.Select(one => CertificatePin.Of(one)));
        if (_published is null)
        {
            await subscriptions.EnsureStructureAsync(cancellationToken);
            await (Prepare?.Invoke(cancellationToken) ?? Task.CompletedTask);
            await servers.PublishAsync(hub, cancellationToken);
            await Auth.EnsureAsync(cancellationToken);
        }
        else if (_published != certificates)
        {
            // Not made anew where somebody removed it.
            await servers.PublishAgainAsync(hub, cancellationToken);
        }

        _published = certificates;
    }

    /// <summary>Somebody has removed this hub: it stops writing to edges, and says so until it is started again.</summary>
    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        await ReleaseAsync(cancellationToken);
        subscriptions.Barred = $"hub {hub.Name} was removed from the organization directory";
    }

    private async Task<bool> LookAtAsync(HubSubscription edge, IReadOnlyList<HubServer> all, CancellationToken cancellationToken)
    {
        try
        {
            await Credentials.RenewAsync(edge, cancellationToken);
            if ((await Credentials.ReadAsync(edge.Name, cancellationToken)).AddressKey is null)
            {
                _waiting.Add(edge.Name);
                return false;
            }

            if (_waiting.Remove(edge.Name) && Joined is { } joined)
            {
                await joined(edge.Name, cancellationToken);
            }

            // Not during an import, which makes and ends accounts itself.
            using IDisposable held = await subscriptions.LockAsync(edge.Name, SyncType.Configuration, cancellationToken);
            await using LdapConnection connection = await subscriptions.OpenAsync(edge, cancellationToken);
            edge = await Certificates.FollowAsync(edge, connection, cancellationToken);
            await (Reporting?.CarryAsync(connection, edge.Name, cancellationToken) ?? Task.CompletedTask);
            EdgeLease lease = leases.For(edge.Name);
            LeaseAnswer answer = await lease.AcquireAsync(new LeaseSession(connection), forced: false, cancellationToken);
            if (answer.IsOurs)
            {
                HubEnrolment enrolment = new(lease.Guard(connection, answer), edge, Credentials, time, _log);
                await enrolment.RunAsync(all, cancellationToken);
                await AuthPublication.BringAsync(servers.Organization, lease.Guard(connection, answer), cancellationToken);
            }

            await Certificates.LookAsync(edge, connection, cancellationToken);
            return true;
        }
        catch (Exception e) when (e is LdapException { Code: not LdapResultCode.Unavailable } or LdapConnectionException or SubscriptionException or LeaseLostException or CryptographicException)
        {
            Certificates.NotReached(edge.Name, e.Message);
            EnrolmentLog.EdgeFailed(_log, edge.Name, e.Message, time.GetUtcNow() + interval);
            return true;
        }
    }

    public void Dispose()
    {
        _bell.Dispose();
        _certificates?.Dispose();
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}

using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Rotation;

/// <summary>
/// On a hub: renews TransportService-Cert, and follows the edges when they renew theirs. The hub's next certificate stands on its entry; edges
/// get it with its credentials and with the servers. When each edge of the site shows it, which is read from the edge, the hub changes over
/// and seals its records anew. Everything is a look at what is there, so a hub that dies anywhere goes on from there.
/// </summary>
public sealed class HubCertificates : ICertificateKeeper, IDisposable
{
    private const string NotLooked = "not looked at yet";

    private readonly HubIdentity _hub;
    private readonly HubServers _servers;
    private readonly HubSubscriptions _subscriptions;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CertificateAlarms _alarms;
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>What each edge last showed of this hub's next certificate: its SHA-256, or why it shows none.</summary>
    private readonly ConcurrentDictionary<string, (string? Shown, string Reason)> _edges = new(StringComparer.OrdinalIgnoreCase);

    internal HubCertificates(HubIdentity hub, HubServers servers, HubSubscriptions subscriptions, TimeProvider time, ILogger log)
    {
        (_hub, _servers, _subscriptions, _time, _log) = (hub, servers, subscriptions, time, log);
        _alarms = new CertificateAlarms(hub.Rotation.Timetable, time, log);
    }

    /// <summary>Called when something is to be told to edges: look at them.</summary>
    internal Action? Changed { get; init; }

    /// <summary>Seals what else is sealed for this hub for the certificate in use.</summary>
    internal Func<CancellationToken, Task>? SealOthers { get; init; }

    private NodeCertificates Own => _hub.Rotation.Certificates;

    private HubCredentials Credentials => _subscriptions.Credentials;

    public async Task<CertificateState> StateAsync(CancellationToken cancellationToken = default)
    {
        X509Certificate2 current = _hub.Certificate;
        X509Certificate2? next = Own.Next;
        return new CertificateState(
            Own.Name, current, next, Own.Previous, Own.Announced, Own.Switched,
            next is null && CertificateKeys.IsSelfIssued(current) ? _hub.Rotation.DueAt(current) : null,
            next is null ? [] : WaitsFor(next, await EdgesAsync(cancellationToken)));
    }

    public async Task<CertificateState> RenewAsync(X509Certificate2? given, KeyAlgorithm? algorithm, CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            _ = given is null ? _hub.Rotation.Renew(algorithm) : _hub.Rotation.Renew(given);
            await _servers.PublishAgainAsync(_hub, cancellationToken);
        }
        finally
        {
            _one.Release();
        }

        Changed?.Invoke();
        return await StateAsync(cancellationToken);
    }

    public async Task<CertificateRevocation> RevokeAsync(X509Certificate2? given, CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            return await RevokeAloneAsync(given, cancellationToken);
        }
        finally
        {
            _one.Release();
            Changed?.Invoke();
        }
    }

    /// <summary>Whatever it dies of, running it again does what is left: nothing goes that something is sealed for, and the old certificate stays in its
    /// slot until the edges were told.</summary>
    private async Task<CertificateRevocation> RevokeAloneAsync(X509Certificate2? given, CancellationToken cancellationToken)
    {
        string old = CertificatePin.Of(_hub.Certificate).ToString();
        IReadOnlyList<HubSubscription> edges = await EdgesAsync(cancellationToken);
        if (Own.Previous is not null)
        {
            // Its slot is needed.
            await SealAnewAsync(edges, cancellationToken);
        }

        _ = given is null ? _hub.Rotation.Renew(kind: null) : _hub.Rotation.Renew(given);
        Own.Switch();
        await SealAnewAsync(edges, cancellationToken);
        List<BrokenPair> broken = [];
        foreach (HubSubscription edge in edges)
        {
            if (await EndOldAccountsAsync(edge, cancellationToken) is { } reason)
            {
                broken.Add(new BrokenPair(
                    edge.Name, _hub.Name, $"not reached, the old certificate and accounts count there still: {reason}",
                    $"make {edge.Name} reachable and run `postern certificate revoke` again; or on the edge `postern subscription new --force`, and import the file here"));
            }
        }

        Own.DropPrevious();
        CertificateLog.Revoked(_log, Own.Name, old, CertificatePin.Of(_hub.Certificate).ToString());
        await _servers.PublishAgainAsync(_hub, cancellationToken);
        return new CertificateRevocation(Own.Name, old, _hub.Certificate, broken);
    }

    /// <summary>Seals this hub's records for the certificate in use.</summary>
    private async Task SealAnewAsync(IReadOnlyList<HubSubscription> edges, CancellationToken cancellationToken)
    {
        foreach (HubSubscription edge in edges)
        {
            await Credentials.RenewAsync(edge, cancellationToken);
        }

        await (SealOthers?.Invoke(cancellationToken) ?? Task.CompletedTask);
    }

    /// <summary>Before the entry of this hub is published: a successor when it is time for one.</summary>
    internal async Task BeginAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            _alarms.LookAtOwn(Own.Name, _hub.Certificate);
            if (_hub.Rotation.NextStep(isAcknowledged: false, isPreviousFree: false) == NodeStep.Announce)
            {
                _hub.Rotation.Take(NodeStep.Announce);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>In a session with an edge, which one of its pins authenticated: takes what the edge showed and says.</summary>
    /// <returns>The subscription with its pins as they are now.</returns>
    internal async Task<HubSubscription> FollowAsync(HubSubscription edge, LdapConnection connection, CancellationToken cancellationToken)
    {
        // The session may know newer pins than the caller read.
        HubSubscription now = await Credentials.ReadSubscriptionAsync(edge.Name, cancellationToken) ?? edge;
        EdgePins before = now.Pins;
        _alarms.LookAtPeer($"edge {edge.Name}", before.All);
        if (connection.ServerCertificate?.RawData is not { } shown || !before.Trusts(shown))
        {
            return now;
        }

        if (before.Previous.Span.SequenceEqual(shown) && !before.Current.Span.SequenceEqual(shown))
        {
            DateTimeOffset until = (before.Since ?? _time.GetUtcNow()) + (_hub.Rotation.Timetable.PreviousStays * CertificateTimetable.ShownStays);
            _alarms.ShowsPrevious(edge.Name, Pin(before.Previous), until);
        }

        EdgePins after = before.After(shown, await EdgeAnnouncements.ReadAsync(connection, cancellationToken), _time.GetUtcNow(), _hub.Rotation.Timetable.PreviousStays);
        if (after.IsSame(before) || !await _subscriptions.MovePinsAsync(now, after, cancellationToken))
        {
            return now;
        }

        Report(edge.Name, before, after);
        HubSubscription moved = now.With(after);
        await Credentials.RenewAsync(moved, cancellationToken);
        return moved;
    }

    /// <summary>In a session with an edge, after the hubs were brought there: whether it knows this hub's next certificate.</summary>
    internal async Task LookAsync(HubSubscription edge, IDirectory connection, CancellationToken cancellationToken)
    {
        if (Own.Next is { } next)
        {
            _edges[edge.Name] = await FindFaultAsync(connection, next, cancellationToken) is { } reason ? (null, reason) : (CertificatePin.Of(next).ToString(), "");
        }
    }

    internal void NotReached(string edge, string reason) => _edges[edge] = (null, reason);

    /// <summary>After all edges were looked at: changes over, seals anew, drops what is no longer needed.</summary>
    /// <returns>Whether the hub's entry has to be published anew.</returns>
    internal async Task<bool> EndAsync(IReadOnlyList<HubSubscription> edges, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            bool isAcknowledged = Own.Next is { } next && WaitsFor(next, edges).Count == 0;
            NodeStep step = _hub.Rotation.NextStep(isAcknowledged, await IsPreviousFreeAsync(cancellationToken));
            if (step is not (NodeStep.Switch or NodeStep.DropPrevious))
            {
                return false;
            }

            _hub.Rotation.Take(step);
            if (step == NodeStep.Switch)
            {
                await SealAnewAsync(edges, cancellationToken);
            }

            return true;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private async Task<IReadOnlyList<HubSubscription>> EdgesAsync(CancellationToken cancellationToken) =>
        [.. (await _subscriptions.ListAsync(cancellationToken)).Where(edge => string.Equals(edge.Site, _hub.Site, StringComparison.OrdinalIgnoreCase))];

    private IReadOnlyList<WaitingPeer> WaitsFor(X509Certificate2 next, IReadOnlyList<HubSubscription> edges)
    {
        string sha256 = CertificatePin.Of(next).ToString();
        return
        [
            .. edges.Select(edge => (edge.Name, State: _edges.GetValueOrDefault(edge.Name, (Shown: null, Reason: NotLooked))))
                .Where(one => one.State.Shown != sha256)
                .Select(one => new WaitingPeer(one.Name, one.State.Reason.Length > 0 ? one.State.Reason : NotLooked)),
        ];
    }

    /// <returns>Null when the edge takes it, for the hub's sessions and for mail.</returns>
    private async Task<string?> FindFaultAsync(IDirectory edge, X509Certificate2 next, CancellationToken cancellationToken)
    {
        if (!(await TrustedAsync(edge, cancellationToken)).Any(one => one.Span.SequenceEqual(next.RawDataMemory.Span)))
        {
            return "does not know the next certificate yet: the hub that synchronizes it brings it with the credentials";
        }

        SearchRequest request = new(
            ConfigurationClasses.Server.EdgeDn, SearchScope.SingleLevel, Filter.Equal(PosternAttributes.ObjectName, _hub.Name), [PosternAttributes.InternalTlsCertificate, PosternAttributes.NextCertificate]);
        await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
        {
            if (!EdgeAnnouncements.Value(entry, PosternAttributes.NextCertificate).Span.SequenceEqual(next.RawDataMemory.Span)
                && !EdgeAnnouncements.Value(entry, PosternAttributes.InternalTlsCertificate).Span.SequenceEqual(next.RawDataMemory.Span))
            {
                return "does not know the next certificate for mail yet: it comes with the next synchronization of the configuration";
            }
        }

        return null;
    }

    private async Task<IReadOnlyList<ReadOnlyMemory<byte>>> TrustedAsync(IDirectory edge, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (LdapEntry entry in edge.SearchAsync(SearchRequest.ReadEntry(HubTrustEntry.Dn(_hub.Name), "*"), cancellationToken))
            {
                return HubTrustEntry.Read(entry);
            }
        }
        catch (LdapException e) when (e.Code == LdapResultCode.NoSuchObject)
        {
        }

        return [];
    }

    private async Task<bool> IsPreviousFreeAsync(CancellationToken cancellationToken) =>
        Own.Previous is not { } previous
        || (await _servers.FindAsync(_hub.Name, cancellationToken) is { } self && !self.Credentials.Any(one => one.Record?.IsSealedFor(previous) == true));

    /// <returns>Null when it is done.</returns>
    private async Task<string?> EndOldAccountsAsync(HubSubscription edge, CancellationToken cancellationToken)
    {
        try
        {
            await using LdapConnection connection = await _subscriptions.OpenAsync(edge, cancellationToken);
            CredentialRecord fresh = await Credentials.ReplaceAccountsAsync(edge, cancellationToken);
            await CredentialEntry.PutAsync(connection, fresh, createdBy: null, cancellationToken);
            await HubTrustEntry.PutAsync(connection, _hub.Name, [_hub.Certificate.RawData], cancellationToken);
            foreach (string account in await OwnAccountsAsync(connection, cancellationToken))
            {
                if (!string.Equals(account, fresh.UserName, StringComparison.OrdinalIgnoreCase))
                {
                    (await connection.DeleteAsync(new DelRequest(CredentialEntry.Dn(account)), cancellationToken)).ThrowIfFailed($"take credential {account} away");
                }
            }

            return null;
        }
        catch (Exception e) when (e is LdapException or LdapConnectionException or SubscriptionException)
        {
            return e.Message;
        }
    }

    private async Task<IReadOnlyList<string>> OwnAccountsAsync(LdapConnection edge, CancellationToken cancellationToken)
    {
        List<string> accounts = [];
        SearchRequest request = new(EdgeLayout.Credentials, SearchScope.SingleLevel, Filter.Equal("objectClass", PosternClasses.Credential), ["cn"]);
        await foreach (LdapEntry entry in edge.SearchAsync(request, cancellationToken))
        {
            if (entry.FirstString("cn") is { } account && EdgeNames.TryGetHub(account, out string hub) && string.Equals(hub, _hub.Name, StringComparison.OrdinalIgnoreCase))
            {
                accounts.Add(account);
            }
        }

        return accounts;
    }

    private void Report(string edge, EdgePins before, EdgePins after)
    {
        if (!after.Current.Span.SequenceEqual(before.Current.Span))
        {
            CertificateLog.PinMoved(_log, edge, Pin(after.Current), Pin(after.Previous), _time.GetUtcNow() + _hub.Rotation.Timetable.PreviousStays);
        }
        else if (after.Previous.IsEmpty && !before.Previous.IsEmpty)
        {
            CertificateLog.PinDropped(_log, edge, Pin(before.Previous));
        }

        if (!after.Next.IsEmpty && !after.Next.Span.SequenceEqual(before.Next.Span))
        {
            CertificateLog.NextPinned(_log, edge, Pin(after.Next));
        }
    }

    private static string Pin(ReadOnlyMemory<byte> der) => CertificatePin.Of(der.Span).ToString();
}

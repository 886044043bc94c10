using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Synchronization.State;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Answers;

/// <summary>Asks the edges how their synchronization stands. Takes no lease and changes nothing.</summary>
public sealed class SyncStatusReader(HubSubscriptions subscriptions, HubSynchronizer synchronizer, TimeProvider time)
{
    /// <summary>One report per edge and type, configuration first.</summary>
    /// <param name="edge">Null: all.</param>
    /// <exception cref="SubscriptionException">The edge asked for is not subscribed.</exception>
    public async Task<IReadOnlyList<SyncStatusReport>> ReadAsync(string? edge, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<HubSubscription> edges = await subscriptions.SelectAsync(edge, cancellationToken);
        return [.. (await Task.WhenAll(edges.Select(one => ReadAsync(one, cancellationToken)))).SelectMany(reports => reports)];
    }

    private async Task<IReadOnlyList<SyncStatusReport>> ReadAsync(HubSubscription edge, CancellationToken cancellationToken)
    {
        try
        {
            await using LdapConnection connection = await subscriptions.OpenAsync(edge, cancellationToken);
            LeaseEntry lease = await LeaseEntry.ReadAsync(connection, cancellationToken);
            return
            [
                WithLease(Read(edge.Name, SyncType.Configuration, await SyncStateEntry.ReadAsync(connection, EdgeLayout.ConfigurationState, cancellationToken)), lease),
                WithLease(Read(edge.Name, SyncType.Recipients, await SyncStateEntry.ReadAsync(connection, EdgeLayout.RecipientsState, cancellationToken)), lease),
            ];
        }
        catch (Exception e) when (e is LdapConnectionException or LdapException or SubscriptionException)
        {
            (_, string details) = SyncFailures.Explain(e, edge.Name, connected: false, cancellationToken);
            return [WithLast(new SyncStatusReport(edge.Name, SyncType.Configuration, details)), WithLast(new SyncStatusReport(edge.Name, SyncType.Recipients, details))];
        }
    }

    private SyncStatusReport Read(string edge, SyncType type, EdgeState state)
    {
        StateDocument document = state.Document;
        return WithLast(new SyncStatusReport(edge, type, "")
        {
            LastSynchronizedUtc = state.LastSync,
            Lag = state.LastSync is { } last ? time.GetUtcNow() - last : null,
            Entries = document.Entries,
            Sources = [.. document.Sources.Select(source => new SourceProgress(source.Name, source.TakenAt, source.WholeAt, source.Entries))],
            WholeBecause = document.WholeBecause ?? "",
            HeldDeletes = state.Held.Held.Count,
            HeldUpdates = state.Held.Held.Values.Count(loss => !loss.IsDeletion),
            HeldSinceUtc = document.Held?.Since,
            HeldReason = document.Held?.Reason ?? "",
            RejectedDeletes = state.Held.Rejected.Count,
            Contested = document.Contests.Count,
            LeftOut = [.. document.LeftOut.Select(one => new LeftOutObject(one.Id, one.Source, one.Reason, one.Refused))],
        });
    }

    private SyncStatusReport WithLease(SyncStatusReport report, LeaseEntry lease)
    {
        DateTimeOffset now = time.GetUtcNow();
        return lease.Document switch
        {
            { LockUntil: { } until } document when until > now => report with { LeaseHolder = document.Holder, LeaseType = LeaseKind.Lock, LeaseExpiryUtc = until },
            { } document when document.OptionUntil > now => report with { LeaseHolder = document.Holder, LeaseType = LeaseKind.Option, LeaseExpiryUtc = document.OptionUntil },
            _ => report,
        };
    }

    private SyncStatusReport WithLast(SyncStatusReport report) =>
        synchronizer.LastResults.FirstOrDefault(result => result.Type == report.Type && string.Equals(result.Name, report.Edge, StringComparison.OrdinalIgnoreCase)) is { } last
            ? report with { LastResult = last.Result, LastFailure = last.FailureDetails }
            : report;
}

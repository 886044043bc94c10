using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;

namespace Postern.EdgeSync.Synchronization;

/// <summary>Runs cycles. Two cycles of one edge and type never overlap: the second waits.</summary>
public sealed class HubSynchronizer(
    HubSubscriptions subscriptions, IDirectory organization, HubSettings settings, TimeProvider time, ILoggerFactory loggerFactory)
{
    private readonly ILogger _log = loggerFactory.CreateLogger<HubSynchronizer>();
    private readonly ConcurrentDictionary<(string Edge, SyncType Type), SyncResult> _last = new();

    /// <summary>Which edges this hub synchronizes.</summary>
    public EdgeLeases Leases { get; } = new(subscriptions.HubName, settings.Lease, time, loggerFactory);

    /// <summary>For tests and measurements.</summary>
    internal BatchLimits Limits { get; init; } = new();

    /// <summary>The last result of each edge and type since the process started.</summary>
    public IReadOnlyList<SyncResult> LastResults => [.. _last.Values.OrderBy(result => result.Name, StringComparer.OrdinalIgnoreCase).ThenBy(result => result.Type)];

    /// <summary>One result per edge and type, configuration first. Failures are results, not exceptions.</summary>
    /// <exception cref="SubscriptionException">The edge asked for is not subscribed.</exception>
    public async Task<IReadOnlyList<SyncResult>> StartAsync(SyncStart start, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<HubSubscription> edges = await subscriptions.ListAsync(cancellationToken);
        if (start.EdgeName is { } name)
        {
            edges = [.. edges.Where(edge => string.Equals(edge.Name, name, StringComparison.OrdinalIgnoreCase))];
            if (edges.Count == 0)
            {
                throw HubSubscriptions.NotSubscribed(name);
            }
        }

        SyncType[] types = start.Type is { } type ? [type] : [SyncType.Configuration, SyncType.Recipients];
        List<SyncResult> results = [];
        foreach (HubSubscription edge in edges)
        {
            foreach (SyncType each in types)
            {
                SyncResult result = await SynchronizeAsync(edge.Name, each, start, progress, cancellationToken);
                _last[(edge.Name, each)] = result;
                results.Add(result);
            }
        }

        return results;
    }

    private async Task<SyncResult> SynchronizeAsync(string edge, SyncType type, SyncStart start, IProgress<SyncProgress>? progress, CancellationToken cancellationToken)
    {
        DateTimeOffset started = time.GetUtcNow();
        SyncCycle? cycle = null;
        void Report(SyncCycle? current, SyncPhase phase) => progress?.Report(new SyncProgress(
            edge, type, phase, current?.TargetScanned ?? 0, current?.Scanned ?? 0, current?.OperationsSent ?? 0, current?.Confirmed.Total ?? 0));

        SyncOutcome outcome;
        string details;
        try
        {
            using IDisposable held = await subscriptions.LockAsync(edge, type, cancellationToken);
            started = time.GetUtcNow();
            Report(null, SyncPhase.Connecting);

            // Read again: it may have been replaced or removed while we waited.
            HubSubscription subscription = await subscriptions.FindAsync(edge, cancellationToken) ?? throw HubSubscriptions.NotSubscribed(edge);
            await using LdapConnection connection = await subscriptions.OpenAsync(subscription, cancellationToken);
            EdgeLease lease = Leases.For(subscription.Name);
            LeaseAnswer answer = await lease.AcquireAsync(new LeaseSession(connection), start.ByHand, cancellationToken);
            if (answer.IsOurs)
            {
                FencedDirectory target = lease.Guard(connection, answer);
                await using LeaseKeeper keeper = Leases.Keep(lease, target);
                cycle = new SyncCycle(target, Content(edge, type), start, Limits, Report);
                (outcome, details) = await cycle.RunAsync(time, subscriptions.HubName, cancellationToken);
            }
            else
            {
                (outcome, details) = (SyncOutcome.HeldByOtherHub, $"hub {answer.Holder} synchronizes edge {edge}; this hub asks again at {answer.Until:u} unless {answer.Holder} goes on");
            }
        }
        catch (Exception e)
        {
            (outcome, details) = SyncFailures.Explain(e, edge, cycle is not null, cancellationToken);
            if (outcome == SyncOutcome.TargetFailed && e is not (TargetRefusedException or LdapException or LdapConnectionException))
            {
                SyncLog.Unexpected(_log, e, edge, type);
            }
        }

        Report(cycle, SyncPhase.Done);
        SyncResult result = Result(edge, type, outcome, details, started, cycle);
        Log(result);
        return result;
    }

    private SyncContent Content(string edge, SyncType type)
    {
        if (type == SyncType.Configuration)
        {
            OrganizationSource source = new(organization);
            return new SyncContent(
                EdgeLayout.AcceptedDomains,
                EdgeLayout.ConfigurationState,
                PosternClasses.AcceptedDomain,
                "accepted domains",
                [(source, () => new AcceptedDomainProjection(source.Name))],
                DeleteGuard.None);
        }

        AddressHashKey key = subscriptions.AddressKey(edge);
        SourceFactory factory = new(time, loggerFactory);
        List<(ISource, Func<IProjection>)> sources = [];
        foreach (SourceSettings source in settings.Sources)
        {
            ISource reader = factory.Create(source);
            sources.Add((reader, () => new RecipientProjection(source, key)));
        }

        return new SyncContent(
            EdgeLayout.Recipients,
            EdgeLayout.RecipientsState,
            PosternClasses.Recipient,
            "recipients",
            sources,
            new DeleteGuard(settings.RecipientDeleteGuard.Share, settings.RecipientDeleteGuard.Minimum, HoldWhenEmpty: true));
    }

    private SyncResult Result(string edge, SyncType type, SyncOutcome outcome, string details, DateTimeOffset started, SyncCycle? cycle)
    {
        OperationCounts confirmed = cycle?.Confirmed ?? default;
        return new SyncResult(
            outcome, type, edge, details, started, time.GetUtcNow(), confirmed.Added, confirmed.Deleted, confirmed.Updated, cycle?.Scanned ?? 0, cycle?.TargetScanned ?? 0)
        {
            Skipped = cycle?.Notes.Skipped ?? 0,
            Conflicts = cycle?.Notes.Conflicts ?? 0,
            Details = cycle?.Notes.Details ?? [],
            DeletesHeld = cycle?.DeletesHeld ?? 0,
            BatchesSent = cycle?.BatchesSent ?? 0,
            OperationsSent = cycle?.OperationsSent ?? 0,
            BytesSent = cycle?.BytesSent ?? 0,
        };
    }

    private void Log(SyncResult result)
    {
        if (result.Succeeded)
        {
            SyncLog.Done(_log, result.Name, result.Type, result.Added, result.Updated, result.Deleted, result.Scanned, (result.EndUtc - result.StartUtc).TotalSeconds);
        }
        else if (result.Result == SyncOutcome.HeldByOtherHub)
        {
            SyncLog.LeftToOther(_log, result.Name, result.Type, result.FailureDetails);
        }
        else
        {
            SyncLog.Failed(_log, result.Name, result.Type, result.Result, result.FailureDetails);
        }
    }
}

internal static partial class SyncLog
{
    [LoggerMessage(3201, LogLevel.Information, "Edge {Edge}, {Type}: {Added} added, {Updated} updated, {Deleted} deleted of {Scanned} scanned in {Seconds:0.000} s")]
    public static partial void Done(ILogger log, string edge, SyncType type, long added, long updated, long deleted, long scanned, double seconds);

    [LoggerMessage(3202, LogLevel.Error, "Edge {Edge}, {Type}: {Outcome}: {Details}")]
    public static partial void Failed(ILogger log, string edge, SyncType type, SyncOutcome outcome, string details);

    [LoggerMessage(3203, LogLevel.Error, "Edge {Edge}, {Type}: unexpected failure")]
    public static partial void Unexpected(ILogger log, Exception exception, string edge, SyncType type);

    [LoggerMessage(3204, LogLevel.Warning, "{Type}: next attempt in {Delay}")]
    public static partial void BackOff(ILogger log, SyncType type, TimeSpan delay);

    [LoggerMessage(3206, LogLevel.Debug, "Edge {Edge}, {Type}: {Details}")]
    public static partial void LeftToOther(ILogger log, string edge, SyncType type, string details);

    [LoggerMessage(3205, LogLevel.Error, "{Type}: the cycle could not be started")]
    public static partial void NotStarted(ILogger log, Exception exception, SyncType type);
}

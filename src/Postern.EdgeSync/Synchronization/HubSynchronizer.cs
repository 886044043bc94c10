using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Postern.EdgeSync.Auth;
using Postern.EdgeSync.Leases;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization.Cycle;
using Postern.EdgeSync.Synchronization.Planning;
using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Synchronization;

/// <summary>Runs cycles. Two cycles of one edge and type never overlap: the second waits.</summary>
/// <param name="organizationChange">Ends when the organization directory may have changed; null: nobody can tell, and the interval counts.</param>
public sealed class HubSynchronizer(
    HubSubscriptions subscriptions, IDirectory organization, HubSettings settings, TimeProvider time, ILoggerFactory loggerFactory,
    Func<CancellationToken, Task>? organizationChange = null) : IAsyncDisposable
{
    private readonly HubContent _content = new(organization, organizationChange, settings, new SourceFactory(time, loggerFactory));
    private readonly ILogger _log = loggerFactory.CreateLogger<HubSynchronizer>();
    private readonly ConcurrentDictionary<(string Edge, SyncType Type), SyncResult> _last = new();
    private readonly ConcurrentDictionary<(string Edge, SyncType Type), EdgeLink> _links = new();
    private readonly Turns<string> _connecting = new(StringComparer.OrdinalIgnoreCase);
    private SyncMetrics? _metrics;
    private readonly PlanStore _plans = PlanStore.Open(subscriptions.Paths.PlansFolder, time);

    /// <summary>The EdgeSync log; null: none.</summary>
    public EdgeSyncLog? EventLog { get; init; }

    /// <summary>The audit record; null: none.</summary>
    public AuditLog? Audit { get; init; }

    /// <summary>Which edges this hub synchronizes.</summary>
    public EdgeLeases Leases { get; } = new(subscriptions.HubName, settings.Lease, time, loggerFactory);

    /// <summary>From the first cycle on.</summary>
    internal SyncMetrics Metrics => LazyInitializer.EnsureInitialized(ref _metrics, () => new SyncMetrics(Leases, time));

    /// <summary>For tests and measurements.</summary>
    internal BatchLimits Limits { get; init; } = new();

    /// <summary>The last result of each edge and type since the process started.</summary>
    public IReadOnlyList<SyncResult> LastResults => [.. _last.Values.OrderBy(result => result.Name, StringComparer.OrdinalIgnoreCase).ThenBy(result => result.Type)];

    /// <summary>One result per edge and type, configuration first. Failures are results, not exceptions.</summary>
    /// <exception cref="SubscriptionException">The edge asked for is not subscribed.</exception>
    public async Task<IReadOnlyList<SyncResult>> StartAsync(SyncStart start, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<HubSubscription> edges = await subscriptions.SelectAsync(start.EdgeName, cancellationToken);
        await ForgetOthersAsync(start.EdgeName is null ? edges : null);
        SyncType[] types = start.Type is { } type ? [type] : [SyncType.Configuration, SyncType.Recipients];
        return await Task.WhenAll(edges.SelectMany(edge => types.Select(each => SynchronizeAsync(edge.Name, each, start, progress, cancellationToken))));
    }

    /// <summary>Applies a plan of a dry run, once, if nothing was synchronized since.</summary>
    /// <exception cref="PlanException">There is no such plan, or it has expired.</exception>
    public async Task<SyncResult> ApplyPlanAsync(string id, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        PlanHeader plan = _plans.Read(id);
        return await SynchronizeAsync(plan.Edge, plan.Type, new SyncStart { ByHand = true, Plan = plan }, progress, cancellationToken);
    }

    /// <summary>Ends the sessions and the sources. Cycles have ended before.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (EdgeLink link in _links.Values)
        {
            await link.DisposeAsync();
        }

        await _content.DisposeAsync();
        _metrics?.Dispose();
        Leases.Dispose();
    }

    /// <summary>What a type is made of, for one edge.</summary>
    internal async Task<SyncContent> ContentOfAsync(SyncType type, HubSubscription edge, CancellationToken cancellationToken) =>
        type == SyncType.Configuration ? _content.Configuration(edge) : _content.Recipients(await subscriptions.AddressKeyAsync(edge.Name, cancellationToken));

    private Planner Planner => new(_plans, Limits, time);

    /// <summary>For the schedule: the edges that are subscribed now. Sessions with others are ended.</summary>
    internal async Task<IReadOnlyList<HubSubscription>> FindEdgesAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<HubSubscription> edges = await subscriptions.ListAsync(cancellationToken);
        await ForgetOthersAsync(edges);
        return edges;
    }

    /// <summary>For the schedule: whose bells to listen to.</summary>
    internal IReadOnlyList<ISource> SourcesOf(SyncType type) => _content.SourcesOf(type);

    private async Task<SyncResult> SynchronizeAsync(string edge, SyncType type, SyncStart start, IProgress<SyncProgress>? progress, CancellationToken cancellationToken)
    {
        DateTimeOffset started = time.GetUtcNow();
        string name = AuditLog.NewCycle();
        CycleRun run = new();
        void Report(SyncCycle? current, SyncPhase phase) => progress?.Report(new SyncProgress(
            edge, type, phase, current?.TargetScanned ?? 0, current?.Scanned ?? 0, current?.Pipeline?.OperationsSent ?? 0, current?.Confirmed.Total ?? 0));

        EdgeLink link = _links.GetOrAdd((edge.ToUpperInvariant(), type), _ => new EdgeLink(subscriptions, Leases, time));
        SyncOutcome outcome;
        string details;
        bool refused = false;
        try
        {
            using IDisposable held = await subscriptions.LockAsync(edge, type, cancellationToken);
            started = time.GetUtcNow();
            Report(null, SyncPhase.Connecting);
            try
            {
                (outcome, details) = await RunAsync(link, edge, type, start, name, run, Report, cancellationToken);
            }
            catch (Exception e)
            {
                // What was sent and not answered may be there or not.
                link.Known = null;
                if (link.Connection is { Failure: not null } || e is LdapConnectionException)
                {
                    await link.CloseAsync();
                }

                throw;
            }
        }
        catch (Exception e)
        {
            (outcome, details) = SyncFailures.Explain(e, edge, run.HasStarted, cancellationToken);

            // Says nothing about the edge.
            refused = e is PlanException;
            if (outcome == SyncOutcome.TargetFailed && e is not (TargetRefusedException or StateChangedException or PlanException or LdapException or LdapConnectionException))
            {
                SyncLog.Unexpected(_log, e, edge, type);
            }
        }

        Report(run.Cycles.LastOrDefault(), SyncPhase.Done);
        SyncResult result = run.ToResult(outcome, type, edge, details, started, time.GetUtcNow());
        if (!start.DryRun && !refused)
        {
            _last[(edge, type)] = result;
            Metrics.Note(result, link.Known);
        }

        Audit?.Flush();
        CycleRecord.Write(EventLog, name, result);
        Log(result);
        return result;
    }

    private async Task<(SyncOutcome Outcome, string Details)> RunAsync(
        EdgeLink link, string edge, SyncType type, SyncStart start, string name, CycleRun run, Action<SyncCycle?, SyncPhase> report, CancellationToken cancellationToken)
    {
        for (bool again = false; ; again = true)
        {
            // Read anew: it may have been replaced or removed while we waited.
            HubSubscription subscription = await subscriptions.FindAsync(edge, cancellationToken) ?? throw HubSubscriptions.NotSubscribed(edge);
            await ConnectAsync(link, subscription, cancellationToken);
            try
            {
                (FencedDirectory? target, LeaseAnswer answer) = await link.AcquireAsync(start.ByHand, cancellationToken);
                if (target is null)
                {
                    run.AskAgain = answer.Until;
                    return (SyncOutcome.HeldByOtherHub, $"hub {answer.Holder} synchronizes edge {edge}; this hub asks again at {answer.Until:u} unless {answer.Holder} goes on");
                }

                if (start.Plan is { } plan)
                {
                    return await ApplyAsync(link, target, plan, name, run, cancellationToken);
                }

                return start.DryRun
                    ? await PlanAsync(link, target, subscription, type, start, run, report, cancellationToken)
                    : await RunCyclesAsync(link, target, subscription, type, start, name, run, report, cancellationToken);
            }
            catch (Exception e) when (!again && link.IsUsed && IsEnded(e) && run.HasSentNothing)
            {
                // The session, or its account, ended between two cycles, and nobody noticed.
                await link.CloseAsync();
                run.Cycles.Clear();
            }
            catch (StateChangedException) when (!again)
            {
                link.Known = null;
            }
        }
    }

    /// <summary>The cycle, and where it says so, one more that compares everything.</summary>
    private async Task<(SyncOutcome Outcome, string Details)> RunCyclesAsync(
        EdgeLink link, FencedDirectory target, HubSubscription subscription, SyncType type, SyncStart start, string name, CycleRun run, Action<SyncCycle?, SyncPhase> report,
        CancellationToken cancellationToken)
    {
        string edge = subscription.Name;
        if (type == SyncType.Configuration)
        {
            await AuthPublication.BringAsync(organization, target, cancellationToken);
        }

        SyncContent content = await ContentOfAsync(type, subscription, cancellationToken);
        CycleLimits limits = new() { CookieValidity = settings.CookieValidDuration };
        for (bool again = false; ; again = true)
        {
            SyncCycle cycle = new(target, content, again ? start with { Sources = null } : start, Limits, limits, time, subscriptions.HubName, report)
            {
                Known = link.Known,
                Decided = (action, id, source, reason) => Audit?.Add(edge, CycleRecord.TypeName(type), action, id, source, name, reason),
                BeforeSend = () => Audit?.Flush(),
            };
            run.Cycles.Add(cycle);
            CycleEnd end = await cycle.RunAsync(cancellationToken);
            link.Known = end.State;
            if (end.Again is not { } because || again)
            {
                return (end.Outcome, end.Details);
            }

            SyncLog.WholeCompare(_log, edge, type, because);
        }
    }

    private async Task<(SyncOutcome Outcome, string Details)> PlanAsync(
        EdgeLink link, FencedDirectory target, HubSubscription subscription, SyncType type, SyncStart start, CycleRun run, Action<SyncCycle?, SyncPhase> report, CancellationToken cancellationToken)
    {
        SyncContent content = await ContentOfAsync(type, subscription, cancellationToken);
        CycleLimits limits = new() { CookieValidity = settings.CookieValidDuration };
        PlanResult result = await Planner.PlanAsync(
            link.Connection!,
            target,
            subscription.Name,
            type,
            start.ListChanges,
            (sink, decided, known) => new SyncCycle(target, content, start, Limits, limits, time, subscriptions.HubName, report) { Known = known, Plan = sink, Decided = decided },
            cancellationToken);
        run.Plan = result;
        run.Cycles.Add(result.Cycle);
        return result.Plan is not null && result.End.Outcome is SyncOutcome.Success or SyncOutcome.Incomplete or SyncOutcome.HeldByGuard
            ? (SyncOutcome.PendingChanges, result.End.Details)
            : (result.End.Outcome, result.End.Details);
    }

    private async Task<(SyncOutcome Outcome, string Details)> ApplyAsync(
        EdgeLink link, FencedDirectory target, PlanHeader plan, string name, CycleRun run, CancellationToken cancellationToken)
    {
        link.Known = null;
        await Planner.ApplyAsync(plan, target, pipeline => run.Applied = pipeline, Audit, name, cancellationToken);
        return run.Applied!.Refused.Count == 0
            ? (SyncOutcome.Success, "")
            : (SyncOutcome.Incomplete, $"the edge refused {run.Applied.Refused.Count} changes of the plan; all others were applied. The first: {run.Applied.Refused[0].Reason}. They are tried again in the next cycle.");
    }

    private static bool IsEnded(Exception failure) => failure is LdapConnectionException or LdapException { Code: LdapResultCode.InsufficientAccessRights };

    /// <summary>One type of an edge after the other: where an import was interrupted, the first session makes the account.</summary>
    private async Task ConnectAsync(EdgeLink link, HubSubscription subscription, CancellationToken cancellationToken)
    {
        using IDisposable turn = await _connecting.TakeAsync(subscription.Name, cancellationToken);
        await link.ConnectAsync(subscription, cancellationToken);
    }

    /// <summary>Ends the sessions with edges that are subscribed no longer.</summary>
    private async Task ForgetOthersAsync(IReadOnlyList<HubSubscription>? subscribed)
    {
        foreach ((string Edge, SyncType Type) key in subscribed is null ? [] : _links.Keys)
        {
            if (!subscribed!.Any(edge => string.Equals(edge.Name, key.Edge, StringComparison.OrdinalIgnoreCase)) && _links.TryRemove(key, out EdgeLink? link))
            {
                using IDisposable held = await subscriptions.LockAsync(key.Edge, key.Type, CancellationToken.None);
                await link.DisposeAsync();
                Leases.Forget(key.Edge);
                Metrics.Forget(key.Edge);
            }
        }
    }

    private void Log(SyncResult result)
    {
        if (result.Succeeded)
        {
            SyncLog.Done(_log, result.Name, result.Type, result.Added, result.Updated, result.Deleted, result.Scanned, (result.EndUtc - result.StartUtc).TotalSeconds);
        }
        else if (result.Result == SyncOutcome.HeldByGuard)
        {
            SyncLog.Held(_log, result.Name, result.Type, result.DeletesHeld, result.FailureDetails);
        }
        else if (result.Result == SyncOutcome.PendingChanges)
        {
            SyncLog.Planned(_log, result.Name, result.Type, result.Added, result.Updated, result.Deleted);
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

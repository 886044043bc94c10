using System.Security.Cryptography.X509Certificates;
using System.Text;
using Postern.Certificates;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Diagnosis;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Operations.Configuration;
using Postern.Operations.Status;
using Postern.Operations.Subscriptions;
using Postern.Operations.Synchronization;

namespace Postern.Operations;

/// <summary>The verbs of a hub: one method, one request, one result each. All may be called at once.</summary>
/// <param name="servers">The hubs of the organization; null: none are known.</param>
/// <param name="site">The hub's own site, from its settings: an edge is subscribed to one site, and only its hubs synchronize it.</param>
public sealed class HubOperations(string site, HubSubscriptions subscriptions, HubSchedule schedule, ConfigurationStore configuration, AnswerOperations answers, Func<StatusResult> status, HubServers? servers = null)
{
    /// <summary>Code of the refusal of an import that nobody agreed to.</summary>
    public const string WouldReplace = "wouldReplace";

    private const string Side = "hub";

    /// <summary>Of a subscription whose edge knew this hub no more.</summary>
    private const string Refused = "refused";

    private readonly AutomaticConnectors _connectors = new(configuration);

    /// <summary>The verbs of the mail configuration.</summary>
    public ConfigurationOperations Configuration { get; } = new(
        configuration, onEdge: false, site,
        async cancellationToken => [.. (await subscriptions.ListAsync(cancellationToken)).Select(one => one.Name)],
        _ => Task.FromResult<ManagedElsewhere?>(null))
    {
        IsHub = servers is null ? null : async (name, cancellationToken) => await servers.FindAsync(name, cancellationToken) is not null,
    };

    /// <summary>The hub's own certificates, with their keys: subscription files may be sealed for them.</summary>
    public Func<IReadOnlyList<X509Certificate2>> Keys { get; init; } = () => [];

    /// <summary>The verbs that say how synchronization stands.</summary>
    public AnswerOperations Answers => answers;

    /// <summary>Subscribes, makes the connectors that come with it (fact sheet 2.6), then synchronizes. A failed cycle leaves the subscription: its result says what to do.</summary>
    public Task<ImportSubscriptionResult> ImportSubscriptionAsync(
        ImportSubscription request, IProgress<SyncProgressView>? progress, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            if (!string.Equals(request.Site.Trim(), site, StringComparison.OrdinalIgnoreCase))
            {
                throw new SubscriptionException(
                    $"site {request.Site} is not this hub's: it is of site {site}",
                    $"Import with --site {site}, or on a hub of site {request.Site}; a hub's site is the key \"site\" of its hub.json.");
            }

            SubscriptionFile file = SubscriptionFile.Parse(Encoding.UTF8.GetBytes(request.Document), request.FileName, new SubscriptionOpeners(request.Passphrase, Keys()));
            if (file.ReplacedObjects.Count > 0 && !request.Force)
            {
                throw new OperationException(
                    FailureCategory.RefusedByGuard, WouldReplace,
                    $"the configuration of this hub will replace what edge {file.EdgeServerName} configured itself: {string.Join(", ", file.ReplacedObjects)}",
                    "the edge keeps a copy as LDIF; --force imports the file");
            }

            StepsSeen steps = new(progress);
            using IDisposable? left = request.Synchronize ? schedule.Leave(file.EdgeServerName) : null;
            HubSubscription imported = await subscriptions.ImportAsync(file, request.Site, request.Address, steps, cancellationToken);
            IReadOnlyList<string> connectors = await _connectors.EnsureAsync(
                imported.Name, imported.Site, request.InternetConnector, request.InboundConnector, cancellationToken);
            IReadOnlyList<SyncCycleResult> results = request.Synchronize
                ? await RunAsync(new SyncStart { EdgeName = imported.Name }, progress, cancellationToken)
                : [];
            return new ImportSubscriptionResult(View(await FindAsync(imported.Name, cancellationToken)), results) { Connectors = connectors, Steps = steps.Views };
        });

    public Task<SubscriptionList> ListSubscriptionsAsync(CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => new SubscriptionList([.. (await subscriptions.ListAsync(cancellationToken)).Select(View)]));

    public Task<SubscriptionView> ShowSubscriptionAsync(NamedSubscription request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => View(await FindAsync(request.Name, cancellationToken)));

    /// <summary>Changes what is dialled, after the way there was gone.</summary>
    public Task<SubscriptionSet> SetSubscriptionAsync(SetSubscription request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            StepsSeen steps = new(null);
            HubSubscription one = await subscriptions.SetAddressAsync(request.Name, request.Address, request.Force, steps, cancellationToken);
            return new SubscriptionSet(View(one), steps.Views);
        });

    public Task<SubscriptionRemoved> RemoveSubscriptionAsync(NamedSubscription request, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            HubSubscription one = await FindAsync(request.Name, cancellationToken);
            SubscriptionRemoval done = await subscriptions.RemoveAsync(one.Name, cancellationToken);
            return new SubscriptionRemoved(done.Name, done.AccountsDeleted, done.EntriesDeleted, done.Warning)
            {
                Connectors = await _connectors.ForgetAsync(done.Name, cancellationToken),
            };
        });

    public Task<IReadOnlyList<SyncCycleResult>> StartSyncAsync(StartSync request, IProgress<SyncProgressView>? progress, CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () =>
        {
            string? edge = request.Edge is null ? null : (await FindAsync(request.Edge, cancellationToken)).Name;
            return await RunAsync(
                new SyncStart
                {
                    EdgeName = edge,
                    Full = request.Full,
                    ApproveDeletes = request.ApproveDeletes,
                    DryRun = request.DryRun,
                    ListChanges = request.ListChanges,
                },
                progress, cancellationToken);
        });

    public Task<StatusResult> StatusAsync(CancellationToken cancellationToken) =>
        Failures.TranslateAsync(async () => status() with
        {
            Subscriptions = [.. (await subscriptions.ListAsync(cancellationToken)).Select(one => new SubscriptionSummary(one.Name, Words.CamelCase(one.State)))],
        });

    private async Task<IReadOnlyList<SyncCycleResult>> RunAsync(SyncStart start, IProgress<SyncProgressView>? progress, CancellationToken cancellationToken)
    {
        IReadOnlyList<SyncResult> results = await schedule.StartNowAsync(start, progress is null ? null : new ViewedProgress(progress), cancellationToken);
        return [.. results.Select(View)];
    }

    private async Task<HubSubscription> FindAsync(string name, CancellationToken cancellationToken) =>
        await subscriptions.FindAsync(name, cancellationToken)
        ?? throw Failures.From(HubSubscriptions.NotSubscribed(name))!;

    private SubscriptionView View(HubSubscription one) => new(
        Side, one.Name, one.EdgeFqdn, one.EdgeAddress, one.Site, null, subscriptions.ForgottenBy(one.Name) is null ? Words.CamelCase(one.State) : Refused,
        CertificatePin.Of(one.CertificateDer.Span).ToString(), one.SubscribedTime)
    {
        Problem = subscriptions.ForgottenBy(one.Name) is { } why
            ? $"{why}. The edge knows neither the account nor the certificate of this hub: its subscription was removed or made anew there. "
                + $"`postern subscription remove {one.Name}` here ends it; a file of `postern subscription new --force` there, imported here, begins anew"
            : null,
    };

    internal static SyncCycleResult View(SyncResult one) => new(
        Words.CamelCase(one.Result), Words.CamelCase(one.Type), one.Name, one.FailureDetails, one.StartUtc, one.EndUtc,
        one.Added, one.Deleted, one.Updated, one.Scanned, one.TargetScanned)
    {
        Skipped = one.Skipped,
        Conflicts = one.Conflicts,
        DeletesHeld = one.DeletesHeld,
        BatchesSent = one.BatchesSent,
        OperationsSent = one.OperationsSent,
        BytesSent = one.BytesSent,
        Details = one.Details,
        PlanId = one.PlanId,
        PlanExpiresUtc = one.PlanExpiresUtc,
        Changes = one.Changes.Count > 0 ? one.Changes : null,
    };

    /// <summary>Passes the steps on as they are taken, and keeps them for the result.</summary>
    private sealed class StepsSeen(IProgress<SyncProgressView>? progress) : IProgress<Finding>
    {
        private readonly List<SubscriptionStep> _views = [];

        public IReadOnlyList<SubscriptionStep> Views => _views;

        public void Report(Finding value)
        {
            SubscriptionStep view = new(value.Check, Words.CamelCase(value.State), value.Evidence);
            _views.Add(view);
            progress?.Report(new SyncProgressView(value.About, "", "approaching", 0, 0, 0, 0) { Step = view });
        }
    }

    private sealed class ViewedProgress(IProgress<SyncProgressView> inner) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value) => inner.Report(new SyncProgressView(
            value.Name, Words.CamelCase(value.Type), Words.CamelCase(value.Phase), value.TargetScanned, value.Scanned, value.Sent, value.Confirmed));
    }
}

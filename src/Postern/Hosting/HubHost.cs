using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.Control;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.EdgeSync.Answers;
using Postern.EdgeSync.Auth;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Diagnosis;
using Postern.EdgeSync.Enrolment;
using Postern.EdgeSync.Explanations;
using Postern.EdgeSync.Organization;
using Postern.EdgeSync.Records;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Https;
using Postern.Ldap;
using Postern.Operations;
using Postern.Operations.Auth;
using Postern.Operations.Certificates;
using Postern.Operations.Diagnosis;
using Postern.Operations.Hubs;
using Postern.Operations.Recipients;
using Postern.Operations.Status;
using Postern.Operations.Synchronization;

namespace Postern.Hosting;

/// <summary>A hub: the organization directory, the schedule of cycles, verbs on the control socket.</summary>
public sealed partial class HubHost : IAsyncDisposable
{
    private readonly Shutdown _shutdown;

    private readonly HubSchedule _schedule;
    private readonly HubTopology _topology;
    private readonly ILogger _logger;

    private HubHost(Shutdown shutdown, HubOperations operations, HubSchedule schedule, HubTopology topology, ILogger logger)
    {
        _topology = topology;
        _shutdown = shutdown;
        _schedule = schedule;
        _logger = logger;
        Operations = operations;
    }

    public HubOperations Operations { get; }

    /// <summary>Starts everything, or nothing.</summary>
    /// <exception cref="OperationException">A folder in use, a damaged store, ...</exception>
    public static async Task<HubHost> StartAsync(HubHostOptions options, ILoggerFactory log, TimeProvider time, CancellationToken cancellationToken)
    {
        Shutdown shutdown = new();
        try
        {
            return await Failures.TranslateAsync(() => StartAsync(options, shutdown, log, time, cancellationToken));
        }
        catch
        {
            await shutdown.RunAsync();
            throw;
        }
    }

    /// <summary>Cycles by the clock from now on; without it they run by hand only. Once.</summary>
    public void StartSchedule()
    {
        _shutdown.Add(BackgroundTask.Start("the look at hubs and their certificates", _topology.RunAsync, _logger));
        _shutdown.Add(BackgroundTask.Start("the schedule of cycles", _schedule.RunAsync, _logger));
    }

    /// <summary>Stops taking verbs, ends a running cycle between two batches, closes the directory last.</summary>
    public async ValueTask DisposeAsync() => await _shutdown.RunAsync();

    private static async Task<HubHost> StartAsync(
        HubHostOptions options, Shutdown shutdown, ILoggerFactory log, TimeProvider time, CancellationToken cancellationToken)
    {
        HubPaths paths = new(options.DataFolder);
        ControlSocket.CheckLength(paths.ControlSocket);
        shutdown.Add(DataFolder.OpenHub(paths.Root));
        (IDirectory organization, Func<CancellationToken, Task>? organizationChange) = OpenOrganization(options.Settings, paths, shutdown, time, log);
        string name = HostNames.ShortName(options.Fqdn);
        HubIdentity identity = shutdown.Add(HubIdentity.Open(
            paths, options.Fqdn, options.Settings.Site, HostNames.Version, time, options.Settings.Certificates, log.CreateLogger<HubIdentity>()));
        HubSubscriptions subscriptions = new(organization, paths, identity, time, log, options.Settings.Credentials) { Site = options.Settings.Site };
        ConfigurationStore configuration = shutdown.Add(new ConfigurationStore(organization, ConfigurationPlace.Organization));
        LogSettings logs = options.Settings.Log;
        AuditLog audit = shutdown.Add(new AuditLog(paths.AuditFolder, RotationLimits.Audit, time, log));
        HubSynchronizer synchronizer = shutdown.Add(new HubSynchronizer(subscriptions, organization, options.Settings, time, log, organizationChange)
        {
            EventLog = shutdown.Add(new EdgeSyncLog(paths.LogFolder, logs.Level, logs.Limits, time, log)),
            Audit = audit,
        });
        HubServers servers = new(organization);
        CertificateChecks checks = new(CertificatePlace.Of(paths.Root), time);
        CertificateReporting reporting = CertificateReporting.OfHub(organization, name, () => checks.Inventory(), time, log);
        HubTopology topology = shutdown.Add(new HubTopology(
            subscriptions, synchronizer.Leases, servers, identity, options.Settings.TopologyInterval, time, log)
        {
            OrganizationChange = organizationChange,
            Reporting = reporting,
            Prepare = configuration.EnsureBuiltInAsync,
            Joined = (edge, cancellation) => synchronizer.StartAsync(new SyncStart { EdgeName = edge }, progress: null, cancellation),
        });
        await topology.JoinAsync(cancellationToken);
        shutdown.Add(new LockRelease(topology));
        HubSchedule schedule = new(synchronizer, options.Settings, time, log) { OrganizationChange = organizationChange };

        Dictionary<string, string> listeners = new() { ["control"] = paths.ControlSocket };
        StatusResult status = new(
            "hub", name, options.Fqdn, HostNames.Version, time.GetUtcNow(), paths.Root, listeners, [], new Dictionary<string, DateTimeOffset>());
        RecipientExplainer explainer = new(
            options.Settings, subscriptions, time, log, (edge, id) =>
            {
                audit.Flush();
                return AuditReader.LastAbout(audit.Folder, edge, id.ToString());
            })
        {
            LookUp = ExplainOperations.LookUpAsync,
        };
        HubOperations operations = new(
            options.Settings.Site, subscriptions, schedule, configuration, Answers(subscriptions, synchronizer, schedule, explainer, audit, time),
            () => status with { Leases = [.. synchronizer.Leases.Views.Select(LeaseWords.View)] },
            servers)
        {
            Keys = () => identity.Keys,
        };
        ILogger logger = log.CreateLogger<HubHost>();
        HubCertificateWatch watch = new(name, reporting, servers, identity);
        CertificateLook look = shutdown.Add(new CertificateLook(name, options.Fqdn, checks, ExpiryThresholds.Default, time, log.CreateLogger<CertificateLook>()) { Others = watch.NodesAsync, Publication = watch.PublicationAsync });
        shutdown.Add(BackgroundTask.Start("the watch over certificates", look.RunAsync, logger));
        HubDoctor walk = new(subscriptions, synchronizer, organization, servers, identity, options.Settings, time);
        DoctorOperations doctor = new("hub", name, time, walk.RunAsync);
        CertificateOperations certificates = new(topology.Certificates);
        ControlVerbs verbs = Verbs(operations, doctor, new SiteOperations(name, servers, topology), new ExplainOperations(explainer, configuration), log)
            .MapCertificates(certificates).MapAuth(new AuthOperations(topology.Auth, time))
            .Map(ControlRoutes.CertificateReports, PosternJson.Default.Nothing, PosternJson.Default.NodeReportList, (_, cancellation) => watch.ListAsync(cancellation));
        shutdown.Add(await ControlServer.StartAsync(paths.ControlSocket, verbs, log, cancellationToken));
        if (options.Https is { } https)
        {
            TokenValidator tokens = new(topology.Auth.FindAsync, options.Fqdn, time);
            HttpsServer server = shutdown.Add(await HttpsServer.StartAsync(https, paths.Root, () => identity.Certificate, verbs, tokens, log, cancellationToken));
            listeners["https"] = server.EndPoint.ToString();
        }

        shutdown.Add(BackgroundTask.Start("the watch over renewed certificates", new AcmeWatchTask(paths.Root, certificates, time, logger) { Follow = ConnectorFollowing.In(operations.Configuration).FollowInWordsAsync }.RunAsync, logger));
        Ready(logger, options.Fqdn, options.Settings.Site, options.Settings.Sources.Count, paths.Root);
        return new HubHost(shutdown, operations, schedule, topology, logger);
    }

    /// <summary>Its own, or the one that hubs share. That one may be out of reach when the hub starts: it is looked for again and again.</summary>
    private static (IDirectory Directory, Func<CancellationToken, Task>? Change) OpenOrganization(HubSettings settings, HubPaths paths, Shutdown shutdown, TimeProvider time, ILoggerFactory log)
    {
        if (settings.Organization is not { } shared)
        {
            DirectoryEngine engine = shutdown.Add(PosternDirectories.OpenOrganization(paths, time, log));
            return (engine.As(Principal.System), cancellation => engine.WaitForCommitAsync(engine.Commits, cancellation));
        }

        PosternDirectories.MakeHubFolders(paths);
        ExternalOrganization organization = shutdown.Add(new ExternalOrganization(shared, time, log));
        return (organization, organization.WaitForChangeAsync);
    }

    private static AnswerOperations Answers(HubSubscriptions subscriptions, HubSynchronizer synchronizer, HubSchedule schedule, RecipientExplainer explainer, AuditLog audit, TimeProvider time)
    {
        SyncStatusReader status = new(subscriptions, synchronizer, time);
        return new AnswerOperations(status, new SyncTester(subscriptions, synchronizer, status, explainer, time), new HeldDeletes(subscriptions), synchronizer, schedule, audit);
    }

    private static ControlVerbs Verbs(HubOperations operations, DoctorOperations doctor, SiteOperations site, ExplainOperations explain, ILoggerFactory log)
    {
        PosternJson json = PosternJson.Default;
        return new ControlVerbs(DaemonSide.Hub, log)
            .Map(ControlRoutes.Status, json.Nothing, json.StatusResult, (_, cancellation) => operations.StatusAsync(cancellation))
            .Map(ControlRoutes.Doctor, json.RunDoctor, json.DoctorReport, doctor.RunAsync)
            .MapStream(ControlRoutes.SubscriptionImport, json.ImportSubscription, json.ImportStreamLine, operations.ImportSubscriptionAsync)
            .Map(ControlRoutes.SubscriptionList, json.Nothing, json.SubscriptionList, (_, cancellation) => operations.ListSubscriptionsAsync(cancellation))
            .Map(ControlRoutes.SubscriptionShow, json.NamedSubscription, json.SubscriptionView, operations.ShowSubscriptionAsync)
            .Map(ControlRoutes.SubscriptionSet, json.SetSubscription, json.SubscriptionSet, operations.SetSubscriptionAsync)
            .Map(ControlRoutes.SubscriptionRemove, json.NamedSubscription, json.SubscriptionRemoved, operations.RemoveSubscriptionAsync)
            .MapConfiguration(operations.Configuration)
            .Map(ControlRoutes.SyncStatus, json.OfEdge, json.SyncStatusList, operations.Answers.StatusAsync)
            .Map(ControlRoutes.SyncTest, json.TestSync, json.SyncTestList, operations.Answers.TestAsync)
            .Map(ControlRoutes.HeldList, json.OfEdge, json.HeldList, operations.Answers.ListHeldAsync)
            .Map(ControlRoutes.HeldShow, json.HeldOf, json.HeldEntries, operations.Answers.ShowHeldAsync)
            .Map(ControlRoutes.HeldApprove, json.HeldOf, json.IReadOnlyListSyncCycleResult, operations.Answers.ApproveHeldAsync)
            .Map(ControlRoutes.HeldReject, json.HeldOf, json.IReadOnlyListSyncCycleResult, operations.Answers.RejectHeldAsync)
            .Map(ControlRoutes.SyncApply, json.ApplyPlan, json.IReadOnlyListSyncCycleResult, operations.Answers.ApplyPlanAsync)
            .Map(ControlRoutes.AuditVerify, json.Nothing, json.AuditVerification, (_, cancellation) => operations.Answers.VerifyAuditAsync(cancellation))
            .Map(ControlRoutes.HubList, json.Nothing, json.HubList, (_, cancellation) => site.ListAsync(cancellation))
            .Map(ControlRoutes.HubRemove, json.NamedHub, json.HubView, site.RemoveAsync)
            .Map(ControlRoutes.RecipientExplain, json.ExplainRecipient, json.ExplainRecipientResult, explain.ExplainAsync)
            .MapStream(ControlRoutes.SyncStart, json.StartSync, json.SyncStreamLine, operations.StartSyncAsync);
    }

    [LoggerMessage(4001, LogLevel.Information, "hub {Fqdn} is ready: site {Site}, {Sources} sources, data {Data}")]
    private static partial void Ready(ILogger logger, string fqdn, string site, int sources, string data);
}

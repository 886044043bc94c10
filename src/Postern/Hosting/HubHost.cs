using Microsoft.Extensions.Logging;
using Postern.Control;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Operations;
using Postern.Operations.Status;

namespace Postern.Hosting;

/// <summary>A hub: the organization directory, the schedule of cycles, verbs on the control socket.</summary>
public sealed partial class HubHost : IAsyncDisposable
{
    private readonly Shutdown _shutdown;

    private readonly HubSchedule _schedule;
    private readonly ILogger _logger;

    private HubHost(Shutdown shutdown, HubOperations operations, HubSchedule schedule, ILogger logger)
    {
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
    public void StartSchedule() => _shutdown.Add(BackgroundTask.Start(cancellation => RunScheduleAsync(_schedule, _logger, cancellation)));

    /// <summary>Stops taking verbs, ends a running cycle between two batches, closes the directory last.</summary>
    public async ValueTask DisposeAsync() => await _shutdown.RunAsync();

    private static async Task<HubHost> StartAsync(
        HubHostOptions options, Shutdown shutdown, ILoggerFactory log, TimeProvider time, CancellationToken cancellationToken)
    {
        HubPaths paths = new(options.DataFolder);
        ControlSocket.CheckLength(paths.ControlSocket);
        shutdown.Add(DataFolder.OpenHub(paths.Root));
        DirectoryEngine engine = shutdown.Add(PosternDirectories.OpenOrganization(paths, time, log));
        IDirectory organization = engine.As(Principal.System);
        string name = HostNames.ShortName(options.Fqdn);
        HubSubscriptions subscriptions = new(organization, paths, name, time, log);
        await subscriptions.EnsureStructureAsync(cancellationToken);
        ConfigurationStore configuration = shutdown.Add(new ConfigurationStore(organization, ConfigurationPlace.Organization));
        await configuration.EnsureBuiltInAsync(cancellationToken);
        HubSynchronizer synchronizer = shutdown.Add(new HubSynchronizer(subscriptions, organization, options.Settings, time, log));
        HubSchedule schedule = new(synchronizer, options.Settings, time, log);

        Dictionary<string, string> listeners = new() { ["control"] = paths.ControlSocket };
        StatusResult status = new(
            "hub", name, options.Fqdn, HostNames.Version, time.GetUtcNow(), paths.Root, listeners, [], new Dictionary<string, DateTimeOffset>());
        HubOperations operations = new(options.Settings.Site, subscriptions, schedule, configuration, () => status);
        ILogger logger = log.CreateLogger<HubHost>();
        shutdown.Add(await ControlServer.StartAsync(paths.ControlSocket, Verbs(operations, log), log, cancellationToken));
        Ready(logger, options.Fqdn, options.Settings.Site, options.Settings.Sources.Count, paths.Root);
        return new HubHost(shutdown, operations, schedule, logger);
    }

    private static async Task RunScheduleAsync(HubSchedule schedule, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            await schedule.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The daemon is stopping.
        }
        catch (Exception e)
        {
            ScheduleEnded(logger, e);
            throw;
        }
    }

    private static ControlVerbs Verbs(HubOperations operations, ILoggerFactory log)
    {
        PosternJson json = PosternJson.Default;
        return new ControlVerbs(DaemonSide.Hub, log)
            .Map(ControlRoutes.Status, json.Nothing, json.StatusResult, (_, cancellation) => operations.StatusAsync(cancellation))
            .MapStream(ControlRoutes.SubscriptionImport, json.ImportSubscription, json.ImportStreamLine, operations.ImportSubscriptionAsync)
            .Map(ControlRoutes.SubscriptionList, json.Nothing, json.SubscriptionList, (_, cancellation) => operations.ListSubscriptionsAsync(cancellation))
            .Map(ControlRoutes.SubscriptionShow, json.NamedSubscription, json.SubscriptionView, operations.ShowSubscriptionAsync)
            .Map(ControlRoutes.SubscriptionRemove, json.NamedSubscription, json.SubscriptionRemoved, operations.RemoveSubscriptionAsync)
            .MapConfiguration(operations.Configuration)
            .MapStream(ControlRoutes.SyncStart, json.StartSync, json.SyncStreamLine, operations.StartSyncAsync);
    }

    [LoggerMessage(1001, LogLevel.Information, "hub {Fqdn} is ready: site {Site}, {Sources} sources, data {Data}")]
    private static partial void Ready(ILogger logger, string fqdn, string site, int sources, string data);

    [LoggerMessage(1002, LogLevel.Critical, "the schedule ended; cycles run by hand only until the hub is started again")]
    private static partial void ScheduleEnded(ILogger logger, Exception e);
}

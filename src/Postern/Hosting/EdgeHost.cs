using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.Control;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Auth;
using Postern.EdgeSync.Configuration;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Diagnosis;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Subscriptions;
using Postern.Https;
using Postern.Ldap;
using Postern.Ldap.Server;
using Postern.Operations;
using Postern.Operations.Auth;
using Postern.Operations.Certificates;
using Postern.Operations.Diagnosis;
using Postern.Operations.Status;
using Postern.Transport;

namespace Postern.Hosting;

/// <summary>
/// An edge: its directory on LDAPS for hubs and on LDAP for this machine, lookups for Postfix, verbs on the control socket. Edge-Cert is
/// made at the first start, so that LDAPS listens before there is any subscription (and lets nobody in until there is one).
/// </summary>
public sealed partial class EdgeHost : IAsyncDisposable
{
    private readonly Shutdown _shutdown;

    private EdgeHost(Shutdown shutdown, EdgeOperations operations, IReadOnlyDictionary<string, string> listeners, IPEndPoint ldaps, string fingerprint)
    {
        _shutdown = shutdown;
        Operations = operations;
        Listeners = listeners;
        Ldaps = ldaps;
        CertificateSha256 = fingerprint;
    }

    public EdgeOperations Operations { get; }

    /// <summary>Name and address of everything it listens on.</summary>
    public IReadOnlyDictionary<string, string> Listeners { get; }

    /// <summary>With the real port.</summary>
    public IPEndPoint Ldaps { get; }

    public string CertificateSha256 { get; }

    /// <summary>Starts everything, or nothing.</summary>
    /// <exception cref="OperationException">A port in use, a folder in use, a damaged store, ...</exception>
    public static async Task<EdgeHost> StartAsync(EdgeHostOptions options, ILoggerFactory log, TimeProvider time, CancellationToken cancellationToken)
    {
        Shutdown shutdown = new();
        try
        {
            return await Failures.TranslateAsync(() => StartAsync(options, shutdown, log, time, cancellationToken));
        }
        catch (Exception e)
        {
            await shutdown.RunAsync();
            if (e is IOException)
            {
                throw new OperationException(FailureCategory.Failed, "cannotListen", e.Message, "stop what listens there, or choose another address", e);
            }

            throw;
        }
    }

    /// <summary>Stops taking requests, lets those in flight end, closes the directory last.</summary>
    public async ValueTask DisposeAsync() => await _shutdown.RunAsync();

    private static async Task<EdgeHost> StartAsync(
        EdgeHostOptions options, Shutdown shutdown, ILoggerFactory log, TimeProvider time, CancellationToken cancellationToken)
    {
        EdgePaths paths = new(options.DataFolder);
        ControlSocket.CheckLength(paths.ControlSocket);
        shutdown.Add(DataFolder.OpenEdge(paths.Root, paths.Private));
        DirectoryEngine engine = shutdown.Add(PosternDirectories.OpenEdge(paths, time, log));
        EdgeSubscriptionService subscription = new(engine, new CertificateStore(paths.KeysFolder), paths, time, log.CreateLogger<EdgeSubscriptionService>());
        await subscription.EnsureStructureAsync(cancellationToken);
        NodeRotation rotation = subscription.Rotation(options.Fqdn, options.KeyAlgorithm, options.Certificates);
        string fingerprint = CertificatePin.Of(rotation.Ensure()).ToString();

        ILogger logger = log.CreateLogger<EdgeHost>();
        CredentialService credentials = shutdown.Add(new CredentialService(engine, () => subscription.Keys, time, log.CreateLogger<CredentialService>()));
        shutdown.Add(BackgroundTask.Start("the Credential Service", credentials.RunAsync, logger));
        CertificateChecks checks = new(CertificatePlace.Of(paths.Root), time);
        EdgeCertificates certificates = shutdown.Add(new EdgeCertificates(engine, subscription, rotation, time, log.CreateLogger<EdgeCertificates>())
        {
            Reporting = CertificateReporting.OfEdge(engine.As(Principal.System), () => checks.Inventory(), time, log),
        });
        shutdown.Add(BackgroundTask.Start("the look at the edge's certificates", certificates.RunAsync, logger));

        ConnectionBudget budget = ConnectionBudget.OfThisProcess();
        LdapServerOptions serverOptions = ServerOptions(options, budget);
        SocketmapOptions socketmapOptions = new();
        socketmapOptions = socketmapOptions with { MaxConnections = budget.Socketmap(socketmapOptions.MaxConnections) };
        LdapServer ldap = shutdown.Add(await LdapServer.StartAsync(
            serverOptions,
            LdapListeners(options, paths),
            () => subscription.Certificate!,
            new EdgeAuthenticator(engine, time, log, options.AnonymousLookup) { Credentials = credentials }, log, time, cancellationToken));
        RecipientLookup lookup = new(engine.As(new Principal("lookup", DirectoryRole.Lookup)), () => subscription.AddressKey, () => engine.Commits);
        SocketmapServer socketmap = shutdown.Add(await SocketmapServer.StartAsync(
            options.Socketmap, lookup, socketmapOptions, log, time, cancellationToken));

        Dictionary<string, string> listeners = new()
        {
            ["ldaps"] = ldap.EndPoints[0].ToString(),
            ["ldap"] = ldap.EndPoints[1].ToString(),
            ["ldapi"] = paths.LdapiSocket,
            ["socketmap"] = options.Socketmap.Path is null ? socketmap.EndPoint.ToString()! : options.Socketmap.ToString(),
            ["control"] = paths.ControlSocket,
        };
        StatusResult status = new(
            "edge", HostNames.ShortName(options.Fqdn), options.Fqdn, HostNames.Version, time.GetUtcNow(), paths.Root, listeners, [], new Dictionary<string, DateTimeOffset>());
        IDirectory own = engine.As(Principal.System);
        EdgeOperations operations = new(
            subscription, new EdgeAccounts(engine, time), lookup, shutdown.Add(new ConfigurationStore(own, ConfigurationPlace.Edge)), new LocalConfiguration(own, paths, time), options.Fqdn, ldap.EndPoints[0].Port, () => status);
        CertificateLook look = shutdown.Add(new CertificateLook(status.Name, options.Fqdn, checks, ExpiryThresholds.Default, time, log.CreateLogger<CertificateLook>()) { Connectors = cancellation => ConnectorView.ListAsync(operations.Configuration, cancellation) });
        shutdown.Add(BackgroundTask.Start("the watch over certificates", look.RunAsync, logger));
        EdgeDoctor walk = new(engine, subscription, credentials, paths, Dialled(ldap, socketmap, paths), time);
        DoctorOperations doctor = new("edge", status.Name, time, (_, cancellation) => walk.RunAsync(cancellation));
        CertificateOperations certificateOperations = new(certificates);
        Func<CancellationToken, Task<AuthConfiguration?>> auth = cancellation => AuthPublication.ReadAsync(own, cancellation);
        ControlVerbs verbs = Verbs(operations, doctor, log).MapCertificates(certificateOperations)
            .Map(ControlRoutes.AuthShow, PosternJson.Default.Nothing, PosternJson.Default.AuthView, (_, cancellation) => AuthOperations.ShowAsync(auth, cancellation));
        shutdown.Add(await ControlServer.StartAsync(paths.ControlSocket, verbs, log, cancellationToken));
        if (options.Https is { } https)
        {
            HttpsServer server = shutdown.Add(await HttpsServer.StartAsync(
                https, paths.Root, () => subscription.Certificate!, verbs, new TokenValidator(auth, options.Fqdn, time), log, cancellationToken));
            listeners["https"] = server.EndPoint.ToString();
        }

        shutdown.Add(BackgroundTask.Start("the watch over renewed certificates", new AcmeWatchTask(paths.Root, certificateOperations, time, logger) { Follow = ConnectorFollowing.In(operations.Configuration).FollowInWordsAsync }.RunAsync, logger));
        if (DataFolder.HidesFromOthers(paths.Root, options.Socketmap.Path))
        {
            SocketHidden(logger, options.Socketmap.Path!, paths.Root);
        }

        if (serverOptions.MaxConnections < new LdapServerOptions().MaxConnections)
        {
            FewDescriptors(logger, budget.Descriptors, serverOptions.MaxConnections, socketmapOptions.MaxConnections);
        }

        Ready(logger, options.Fqdn, listeners["ldaps"], listeners["ldap"], listeners["socketmap"], paths.Root);
        return new EdgeHost(shutdown, operations, listeners, ldap.EndPoints[0], fingerprint);
    }

    private static LdapServerOptions ServerOptions(EdgeHostOptions options, ConnectionBudget budget)
    {
        LdapServerOptions defaults = new();
        return defaults with
        {
            MaxConnections = budget.Ldap(defaults.MaxConnections),

            // Where strangers may look things up, programs do so for ever over one connection.
            MaxUnauthenticatedOperations = options.AnonymousLookup ? int.MaxValue : defaults.MaxUnauthenticatedOperations,
        };
    }

    private static LdapListener[] LdapListeners(EdgeHostOptions options, EdgePaths paths) =>
    [
        new(options.Ldaps, Tls: true), new(options.Ldap, Tls: false), new(new UnixDomainSocketEndPoint(paths.LdapiSocket), Tls: false),
    ];

    /// <summary>What listens on all addresses is dialled on loopback.</summary>
    private static EdgeListener[] Dialled(LdapServer ldap, SocketmapServer socketmap, EdgePaths paths)
    {
        static EndPoint Local(EndPoint one) => one is IPEndPoint ip
            ? new IPEndPoint(ip.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : ip.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : ip.Address, ip.Port)
            : one;
        return
        [
            new("ldaps", Local(ldap.EndPoints[0]), Tls: true), new("ldap", Local(ldap.EndPoints[1]), Tls: false),
            new("ldapi", new UnixDomainSocketEndPoint(paths.LdapiSocket), Tls: false), new("socketmap", Local(socketmap.EndPoint), Tls: false),
        ];
    }

    private static ControlVerbs Verbs(EdgeOperations operations, DoctorOperations doctor, ILoggerFactory log)
    {
        PosternJson json = PosternJson.Default;
        return new ControlVerbs(DaemonSide.Edge, log)
            .Map(ControlRoutes.Status, json.Nothing, json.StatusResult, (_, cancellation) => operations.StatusAsync(cancellation))
            .Map(ControlRoutes.Doctor, json.RunDoctor, json.DoctorReport, doctor.RunAsync)
            .Map(ControlRoutes.SubscriptionNew, json.NewSubscription, json.NewSubscriptionResult, operations.NewSubscriptionAsync)
            .Map(ControlRoutes.SubscriptionPreview, json.Nothing, json.SubscriptionPreview, (_, cancellation) => operations.PreviewSubscriptionAsync(cancellation))
            .MapConfiguration(operations.Configuration)
            .Map(ControlRoutes.SubscriptionList, json.Nothing, json.SubscriptionList, (_, cancellation) => operations.ListSubscriptionsAsync(cancellation))
            .Map(ControlRoutes.SubscriptionShow, json.NamedSubscription, json.SubscriptionView, operations.ShowSubscriptionAsync)
            .Map(ControlRoutes.SubscriptionRemove, json.NamedSubscription, json.SubscriptionRemoved, operations.RemoveSubscriptionAsync)
            .Map(ControlRoutes.AccountNew, json.NewAccount, json.NewAccountResult, operations.NewAccountAsync)
            .Map(ControlRoutes.AccountList, json.Nothing, json.AccountList, (_, cancellation) => operations.ListAccountsAsync(cancellation))
            .Map(ControlRoutes.AccountRemove, json.NamedAccount, json.AccountView, operations.RemoveAccountAsync)
            .Map(ControlRoutes.RecipientLookup, json.LookupRecipient, json.LookupRecipientResult, operations.LookupRecipientAsync);
    }

    [LoggerMessage(4000, LogLevel.Information, "edge {Fqdn} is ready: ldaps {Ldaps}, ldap {Ldap}, socketmap {Socketmap}, data {Data}")]
    private static partial void Ready(ILogger logger, string fqdn, string ldaps, string ldap, string socketmap, string data);

    [LoggerMessage(4003, LogLevel.Warning, "Postfix cannot reach the socket {Socketmap}: only its owner may enter {Data}; 'chmod 711 {Data}' mends it, or give --socketmap another place")]
    private static partial void SocketHidden(ILogger logger, string socketmap, string data);

    [LoggerMessage(4004, LogLevel.Warning, "This process may have {Descriptors} files open, so only {Ldap} LDAP and {Socketmap} socketmap connections are taken at a time; raise its limit (systemd: LimitNOFILE=65536)")]
    private static partial void FewDescriptors(ILogger logger, int descriptors, int ldap, int socketmap);
}

using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Directory;
using Postern.EdgeSync.Accounts;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Rotation;
using Postern.EdgeSync.Subscriptions;
using Postern.Ldap;
using Postern.Ldap.Server;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Testbed;

/// <summary>An edge in this process: engine, LDAPS and loopback listeners on free ports, everything real.</summary>
internal sealed class TestEdge : IAsyncDisposable
{
    public const string Fqdn = "edge1.example.net";

    private readonly TempFolder _folder = new();
    private readonly TimeProvider _time;
    private readonly bool _anonymousLookup;
    private readonly string _fqdn;
    private readonly ILoggerFactory _log;
    private LdapServer? _server;
    private int _ldapsPort;

    private TestEdge(TimeProvider time, bool anonymousLookup, string fqdn, ILoggerFactory log)
    {
        _fqdn = fqdn;
        _log = log;
        _anonymousLookup = anonymousLookup;
        _time = time;
        Paths = new EdgePaths(_folder["edge"]);
        Engine = null!;
        Service = null!;
        Certificates = null!;
        Credentials = null!;
    }

    public EdgePaths Paths { get; }

    public DirectoryEngine Engine { get; private set; }

    public EdgeSubscriptionService Service { get; private set; }

    public CredentialService Credentials { get; private set; }

    /// <summary>Renews Edge-Cert, when it is asked to look.</summary>
    public EdgeCertificates Certificates { get; private set; }

    /// <summary>Of Edge-Cert.</summary>
    public CertificateTimetable Timetable { get; init; } = new();

    public EdgeAccounts Accounts => new(Engine, _time);

    public IDirectory System => Engine.As(Principal.System);

    /// <summary>host:port of LDAPS.</summary>
    public string Address => $"127.0.0.1:{_ldapsPort}";

    public int LdapPort => _server!.EndPoints[1].Port;

    /// <summary>Clock of connections: time that is moved by hand lets none of them idle out. Default: that of everything.</summary>
    public TimeProvider? ConnectionTime { get; set; }

    public string Name => EdgeNames.ShortName(_fqdn);

    /// <summary>Where it keeps everything.</summary>
    public string Root => _folder.Path;

    public static async Task<TestEdge> StartAsync(TimeProvider? time = null, bool anonymousLookup = false, string fqdn = Fqdn, ILoggerFactory? log = null, TimeProvider? connectionTime = null, CertificateTimetable? timetable = null)
    {
        TestEdge edge = new(time ?? TimeProvider.System, anonymousLookup, fqdn, log ?? NullLoggerFactory.Instance) { ConnectionTime = connectionTime, Timetable = timetable ?? new CertificateTimetable() };
        await edge.StartAgainAsync();
        return edge;
    }

    public async Task StartAgainAsync()
    {
        Engine = PosternDirectories.OpenEdge(Paths, _time, _log);
        Service = new EdgeSubscriptionService(Engine, new CertificateStore(Paths.KeysFolder), Paths, _time);
        await Service.EnsureStructureAsync();
        Credentials = new CredentialService(Engine, () => Service.Keys, _time, _log.CreateLogger<CredentialService>());
        NodeRotation rotation = Service.Rotation(_fqdn, timetable: Timetable);
        rotation.Ensure();
        Certificates = new EdgeCertificates(Engine, Service, rotation, _time, _log.CreateLogger<EdgeCertificates>());
        await ListenAsync();
    }

    public async Task ListenAsync() => _server = await StartServerAsync();

    /// <summary>No more sessions, the data stays.</summary>
    public async Task StopListeningAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            _server = null;
        }
    }

    public async Task StopAsync()
    {
        await StopListeningAsync();
        await Engine.DisposeAsync();
        Service.Dispose();
        Certificates.Dispose();
        Credentials.Dispose();
    }

    public Task<SubscriptionFile> ExportAsync(bool force = false) =>
        Service.NewAsync(new NewSubscriptionOptions { Fqdn = _fqdn, AdamSslPort = _ldapsPort, Force = force });

    /// <summary>Recipients by id: their hashes in lower-case hexadecimal digits, sorted.</summary>
    public async Task<Dictionary<string, string[]>> RecipientsAsync()
    {
        Dictionary<string, string[]> found = [];
        SearchRequest request = new(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, ["cn", PosternAttributes.AddressHash]);
        await foreach (LdapEntry entry in System.SearchAsync(request))
        {
            found.Add(
                entry.FirstString("cn")!,
                [.. entry.Find(PosternAttributes.AddressHash)!.Values.Select(value => Convert.ToHexStringLower(value.Span)).Order(StringComparer.Ordinal)]);
        }

        return found;
    }

    /// <summary>Of accounts: as they are once the Credential Service has looked.</summary>
    public async Task<List<string>> NamesAsync(string container)
    {
        await Credentials.LookAsync();
        List<string> names = [];
        await foreach (LdapEntry entry in System.SearchAsync(new SearchRequest(container, SearchScope.SingleLevel, Filter.Anything, ["cn"])))
        {
            names.Add(entry.FirstString("cn")!);
        }

        return names;
    }

    public async Task<LdapEntry?> FindAsync(string dn)
    {
        try
        {
            await foreach (LdapEntry entry in System.SearchAsync(SearchRequest.ReadEntry(dn)))
            {
                return entry;
            }
        }
        catch (LdapException)
        {
        }

        return null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private async Task<LdapServer> StartServerAsync()
    {
        LdapServer server = await LdapServer.StartAsync(
            new LdapServerOptions(),
            [new LdapListener(new IPEndPoint(IPAddress.Loopback, _ldapsPort), true), new LdapListener(new IPEndPoint(IPAddress.Loopback, 0), false)],
            () => Service.EnsureCertificate(_fqdn),
            new EdgeAuthenticator(Engine, _time, _log, _anonymousLookup) { Credentials = Credentials },
            _log,
            ConnectionTime ?? _time);
        _ldapsPort = server.EndPoints[0].Port;
        return server;
    }
}

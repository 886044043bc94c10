using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.Ldap;
using Postern.Ldap.Server;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Replication;

/// <summary>Our server in front of our engine, on a port that stays the same when both are started anew.</summary>
internal sealed class ProviderHost : IAsyncDisposable
{
    public const string Suffix = "o=edge";
    public const string People = "ou=people,o=edge";
    public const string ReaderDn = "cn=reader,o=edge";
    public const string ReaderPassword = "reader secret";

    private readonly TempFolder _folder = new();
    private readonly int _port = LoopbackPort.Free();
    private DirectoryEngine? _engine;
    private LdapServer? _server;

    public string Url => string.Create(CultureInfo.InvariantCulture, $"ldap://127.0.0.1:{_port}");

    public OpenLdapTools Tools => new(Url, ReaderDn, ReaderPassword, null);

    public IDirectory Directory => _engine!.As(Principal.System);

    public static async Task<ProviderHost> StartAsync()
    {
        ProviderHost host = new();
        await host.StartAgainAsync();
        await host.Ok(new AddRequest(Suffix, new LdapAttribute("objectClass", "organization")));
        await host.Ok(new AddRequest(People, new LdapAttribute("objectClass", "organizationalUnit")));
        await host.Ok(new AddRequest("ou=former,o=edge", new LdapAttribute("objectClass", "organizationalUnit")));
        return host;
    }

    public async Task StartAgainAsync()
    {
        DirectoryOptions options = new()
        {
            Path = _folder["directory.db"],
            Suffixes = [Suffix],
            MaxRememberedDeletes = 10,
            SupportedControls = LdapServer.Controls,
            SupportedExtensions = LdapServer.Extensions,
        };
        _engine = DirectoryEngine.Open(options, PosternSchema.Edge, new BoundMayAll(), TimeProvider.System);
        _server = await LdapServer.StartAsync(
            new LdapServerOptions { ShutdownGrace = TimeSpan.Zero }, [new LdapListener(new IPEndPoint(IPAddress.Loopback, _port), Tls: false)], null,
            new Reader(_engine), NullLoggerFactory.Instance, TimeProvider.System);
    }

    public async Task StopAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
            await _engine!.DisposeAsync();
            (_server, _engine) = (null, null);
        }
    }

    public static AddRequest Person(string name, string under = People) => new(
        $"cn={name},{under}", new LdapAttribute("objectClass", "inetOrgPerson"), new LdapAttribute("sn", "Someone"), new LdapAttribute("mail", $"{name}@example.com"));

    public async Task Ok(IUpdateOperation operation) => (await Directory.BatchAsync([operation])).Result.ThrowIfFailed(operation.Dn);

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    private sealed class BoundMayAll : IAccessPolicy
    {
        public bool MayRead(Principal principal, string normalizedDn) => principal.Role != DirectoryRole.Nobody || normalizedDn is "" or "cn=subschema";

        public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => principal.Role != DirectoryRole.Nobody;

        public bool MayReadAttribute(Principal principal, string attribute) => true;
    }

    private sealed class Reader(DirectoryEngine engine) : ILdapAuthenticator
    {
        public IControlledDirectory Anonymous(LdapPeer peer) => engine.As(Principal.Nobody);

        public Task<LdapBindOutcome> BindAsync(BindRequest request, LdapPeer peer, CancellationToken cancellationToken) =>
            Task.FromResult(request.Name == ReaderDn && request.Credentials is SimpleCredentials simple
                && simple.Password.Span.SequenceEqual(Encoding.UTF8.GetBytes(ReaderPassword))
                ? new LdapBindOutcome(LdapResult.Success, "dn:" + ReaderDn, engine.As(new Principal(ReaderDn, DirectoryRole.Replication)))
                : new LdapBindOutcome(new LdapResult(LdapResultCode.InvalidCredentials), "", null));
    }
}

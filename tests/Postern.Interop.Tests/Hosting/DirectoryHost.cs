using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.Ldap;
using Postern.Ldap.Server;
using Postern.Testing;

namespace Postern.Interop.Tests.Hosting;

/// <summary>Our server in front of our directory engine, in this process, with <see cref="SampleTree"/>: LDAP with StartTLS, and LDAPS,
/// with a certificate of an authority of its own.</summary>
public sealed class DirectoryHost : IAsyncLifetime, IAsyncDisposable
{
    public const string AdminDn = "cn=admin," + SampleTree.Base;
    public const string AdminPassword = "admin secret";

    /// <summary>Entries per batch while loading.</summary>
    private const int BatchSize = 500;

    private readonly TempFolder _folder = new();
    private readonly Certs _authority = Certs.Create();
    private readonly Certs _otherAuthority = Certs.Create("Another CA");
    private DirectoryEngine? _engine;
    private LdapServer? _server;

    public string LdapUrl => string.Create(CultureInfo.InvariantCulture, $"ldap://127.0.0.1:{Server.EndPoints[0].Port}");

    public string LdapsUrl => string.Create(CultureInfo.InvariantCulture, $"ldaps://127.0.0.1:{Server.EndPoints[1].Port}");

    /// <summary>PEM file of the authority that issued the server's certificate.</summary>
    public string AuthorityFile => _folder["ca.pem"];

    /// <summary>PEM file of one that did not.</summary>
    public string OtherAuthorityFile => _folder["other.pem"];

    public DirectoryEngine Engine => _engine ?? throw new InvalidOperationException("not started");

    public LdapServer Server => _server ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(AuthorityFile, _authority.AuthorityPem);
        await File.WriteAllTextAsync(OtherAuthorityFile, _otherAuthority.AuthorityPem);
        DirectoryOptions options = new()
        {
            Path = _folder["directory.db"],
            Suffixes = [SampleTree.Base],
            IndexedAttributes = ["objectClass", "cn", "uid", "mail", "member"],
            SupportedControls = [.. LdapServer.Controls, LdapOids.ManageDsaIt],
            SupportedExtensions = LdapServer.Extensions,
            SupportedFeatures = LdapServer.Features,
        };
        _engine = DirectoryEngine.Open(options, PosternSchema.Edge, new BoundMayAll(), TimeProvider.System);
        IDirectory system = _engine.As(Principal.System);
        foreach (LdapEntry[] batch in SampleTree.Create().Chunk(BatchSize))
        {
            (await system.BatchAsync([.. batch.Select(e => new AddRequest(e.Dn, e.Attributes))])).Result.ThrowIfFailed("load");
        }

        X509Certificate2 certificate = _authority.IssueServer();
        IPEndPoint anyPort = new(IPAddress.Loopback, 0);
        _server = await LdapServer.StartAsync(
            new LdapServerOptions(), [new LdapListener(anyPort, Tls: false), new LdapListener(anyPort, Tls: true)], () => certificate,
            new Accounts(_engine), NullLoggerFactory.Instance, TimeProvider.System);
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.StopAsync(new CancellationToken(canceled: true));
            await _server.DisposeAsync();
        }

        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        _authority.Dispose();
        _otherAuthority.Dispose();
        _folder.Dispose();
    }

    ValueTask IAsyncDisposable.DisposeAsync() => new(DisposeAsync());

    /// <summary>Whoever is bound may do everything; others see the root DSE and the schema.</summary>
    private sealed class BoundMayAll : IAccessPolicy
    {
        public bool MayRead(Principal principal, string normalizedDn) => principal.Role != DirectoryRole.Nobody || normalizedDn is "" or "cn=subschema";

        public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => principal.Role != DirectoryRole.Nobody;

        public bool MayReadAttribute(Principal principal, string attribute) => true;
    }

    /// <summary>The administrator, and everyone below <see cref="SampleTree.PeopleBase"/> who has a password.</summary>
    private sealed class Accounts(DirectoryEngine engine) : ILdapAuthenticator
    {
        private static readonly DistinguishedName Admin = DistinguishedName.Parse(AdminDn);
        private readonly AccountVerifier _users = new(engine, SampleTree.PeopleBase, TimeProvider.System);

        public IControlledDirectory Anonymous(LdapPeer peer) => engine.As(Principal.Nobody);

        public async Task<LdapBindOutcome> BindAsync(BindRequest request, LdapPeer peer, CancellationToken cancellationToken)
        {
            if (request.Credentials is not SimpleCredentials simple || !DistinguishedName.TryParse(request.Name, out DistinguishedName dn, out _))
            {
                return Refused(LdapResultCode.AuthMethodNotSupported);
            }

            bool right = dn.Equals(Admin)
                ? simple.Password.Span.SequenceEqual(System.Text.Encoding.UTF8.GetBytes(AdminPassword))
                : (await _users.VerifyAsync(request.Name, simple.Password, cancellationToken)).State == AccountState.Valid;
            return right
                ? new LdapBindOutcome(LdapResult.Success, "dn:" + request.Name, engine.As(new Principal(request.Name, DirectoryRole.Replication)))
                : Refused(LdapResultCode.InvalidCredentials);
        }

        private static LdapBindOutcome Refused(LdapResultCode code) => new(new LdapResult(code), "", null);
    }
}

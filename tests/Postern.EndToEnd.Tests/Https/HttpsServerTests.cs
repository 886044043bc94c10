using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Certificates;
using Postern.Control;
using Postern.EdgeSync.Auth;
using Postern.Https;
using Postern.Operations.Status;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Https;

/// <summary>The door for other machines: who gets in, with what, and which certificate it shows.</summary>
public sealed class HttpsServerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly X509Certificate2 _own = Make("hub1");

    public void Dispose()
    {
        _folder.Dispose();
        _own.Dispose();
    }

    [Theory]
    [InlineData("reader")]
    [InlineData("operator")]
    [InlineData("admin")]
    public async Task A_verb_runs_for_whoever_has_its_role_and_nobody_else(string role)
    {
        await using HttpsServer server = await StartAsync();
        ControlClient client = Client(server, role, CertificatePin.Of(_own));

        StatusResult status = await client.SendAsync(ControlRoutes.Status, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.StatusResult, CancellationToken.None);
        Assert.Equal("hub1", status.Name);
        foreach ((string route, string needed) in ((string, string)[])[(ControlRoutes.SyncApply, "operator"), (ControlRoutes.CertificateRevoke, "admin")])
        {
            bool may = Array.IndexOf(Roles, role) >= Array.IndexOf(Roles, needed);
            CommandFailure? failure = may ? null : await Assert.ThrowsAsync<CommandFailure>(() => SendAsync(client, route));
            if (may)
            {
                await SendAsync(client, route);
            }
            else
            {
                Assert.Equal("forbidden", failure!.Code);
                Assert.Contains(needed, failure.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    [Trait("RFC", "6750")]
    public async Task A_token_that_counts_for_nothing_opens_nothing_and_without_one_nobody_gets_in()
    {
        await using HttpsServer server = await StartAsync();

        CommandFailure failure = await Assert.ThrowsAsync<CommandFailure>(() => SendAsync(Client(server, "stranger", CertificatePin.Of(_own)), ControlRoutes.Status));
        Assert.Equal("token", failure.Code);
        using HttpClient bare = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
        foreach (string path in (string[])["/v1/status", "/", "/v1/no/such/verb", "//v1/status"])
        {
            using HttpResponseMessage answer = await bare.PostAsync(new Uri($"https://{server.EndPoint}{path}"), new StringContent("{}"));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        }
    }

    [Fact]
    public async Task A_server_that_shows_another_certificate_gets_no_token()
    {
        using X509Certificate2 other = Make("other");
        await using HttpsServer server = await StartAsync();

        CommandFailure pinned = await Assert.ThrowsAsync<CommandFailure>(() => SendAsync(Client(server, "admin", CertificatePin.Of(other)), ControlRoutes.Status));
        CommandFailure system = await Assert.ThrowsAsync<CommandFailure>(() => SendAsync(Client(server, "admin", null), ControlRoutes.Status));

        Assert.Equal("notTrusted", pinned.Code);
        Assert.Equal("notTrusted", system.Code);
        Assert.Empty(_tokensSeen);
    }

    [Fact]
    public async Task The_certificate_that_is_bound_is_shown_from_the_next_session_on_and_files_that_cannot_be_used_change_nothing()
    {
        using X509Certificate2 bound = Make("mail");
        await using HttpsServer server = await StartAsync();
        await SendAsync(Client(server, "reader", CertificatePin.Of(_own)), ControlRoutes.Status);

        Bind(bound.ExportCertificatePem(), bound);
        await SendAsync(Client(server, "reader", CertificatePin.Of(bound)), ControlRoutes.Status);
        Bind("no certificate", bound);
        await SendAsync(Client(server, "reader", CertificatePin.Of(bound)), ControlRoutes.Status);
        File.Delete(_folder["https/certificate.pem"]);
        await SendAsync(Client(server, "reader", CertificatePin.Of(_own)), ControlRoutes.Status);
    }

    private static readonly string[] Roles = ["reader", "operator", "admin"];

    private readonly List<string> _tokensSeen = [];

    private static X509Certificate2 Make(string name) =>
        SelfSignedCertificate.Create(new SelfSignedRequest(name, [name, "127.0.0.1"], KeyAlgorithm.EcdsaP256, TimeSpan.FromDays(1)), TimeProvider.System);

    private void Bind(string pem, X509Certificate2 certificate)
    {
        PrivateFile.CreateFolder(_folder["https"]);
        PrivateFile.Replace(_folder["https/key.pem"], PrivateKeyPem.Write(certificate));
        PrivateFile.Replace(_folder["https/certificate.pem"], System.Text.Encoding.ASCII.GetBytes(pem));
    }

    private Task<HttpsServer> StartAsync()
    {
        StatusResult status = new("hub", "hub1", "hub1.example.com", "0", DateTimeOffset.UnixEpoch, "/", new Dictionary<string, string>(), [], new Dictionary<string, DateTimeOffset>());
        ControlVerbs verbs = new(DaemonSide.Hub, NullLoggerFactory.Instance);
        foreach (string route in (string[])[ControlRoutes.Status, ControlRoutes.SyncApply, ControlRoutes.CertificateRevoke])
        {
            verbs.Map(route, PosternJson.Default.Nothing, PosternJson.Default.StatusResult, (_, _) => Task.FromResult(status));
        }

        return HttpsServer.StartAsync(
            new IPEndPoint(IPAddress.Loopback, 0), new HttpsCertificate(_folder["https"], () => _own, NullLogger.Instance), verbs, new Tokens(_tokensSeen), NullLoggerFactory.Instance, CancellationToken.None);
    }

    private static ControlClient Client(HttpsServer server, string token, CertificatePin? pin) => ControlClient.For(DaemonDoor.OfServer(new Uri($"https://{server.EndPoint}"), token, pin, null));

    private static Task<StatusResult> SendAsync(ControlClient client, string route) =>
        client.SendAsync(route, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.StatusResult, CancellationToken.None);

    /// <summary>The words are the tokens.</summary>
    private sealed class Tokens(List<string> seen) : ITokenValidator
    {
        public Task<TokenIdentity> ValidateAsync(string token, CancellationToken cancellationToken)
        {
            seen.Add(token);
            return Enum.TryParse(token, ignoreCase: true, out TokenRole role) ? Task.FromResult(new TokenIdentity("somebody", role)) : throw new TokenException("signature", "nobody signed it");
        }
    }
}

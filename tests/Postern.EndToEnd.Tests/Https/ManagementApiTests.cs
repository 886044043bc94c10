using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Control;
using Postern.EdgeSync.Settings;
using Postern.EndToEnd.Tests.Processes;
using Postern.Hosting;
using Postern.Testing;
using Postern.Transport;

namespace Postern.EndToEnd.Tests.Https;

/// <summary>Verbs from another machine, by the commands of the manual: a token of the hub opens the edge, as far as its role goes.</summary>
public sealed class ManagementApiTests
{
    private static readonly IPEndPoint Loopback = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task A_token_of_the_hub_opens_hub_and_edge_as_far_as_its_role_goes()
    {
        await using Pair pair = await Pair.StartAsync();
        await pair.SubscribeAsync();
        string reader = await pair.TokenAsync("reader"), admin = await pair.TokenAsync("admin");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(reader));

        foreach ((string server, string pin, string name) in ((string, string, string)[])[(pair.HubUrl, pair.HubPin, "hub1"), (pair.EdgeUrl, pair.EdgePin, "edge1")])
        {
            string[] there = ["--server", server, "--token-file", reader, "--pin", pin];
            Assert.Equal(name, (await PosternProgram.JsonAsync(0, ["status", .. there])).GetProperty("name").GetString());
            JsonElement shown = await PosternProgram.JsonAsync(0, ["auth", "show", .. there]);
            Assert.Equal("current", shown.GetProperty("certificates")[0].GetProperty("slot").GetString());
            JsonElement refused = await PosternProgram.JsonAsync(1, ["certificate", "revoke", .. there]);
            Assert.Equal("forbidden", refused.GetProperty("error").GetProperty("code").GetString());
        }

        string[] asAdmin = ["--server", pair.EdgeUrl, "--token-file", admin, "--pin", pair.EdgePin];
        await PosternProgram.JsonAsync(0, ["directory", "account", "new", "browser", "--role", "lookup", .. asAdmin]);
        JsonElement wrongPin = await PosternProgram.JsonAsync(1, "status", "--server", pair.EdgeUrl, "--token-file", admin, "--pin", pair.HubPin);
        Assert.Equal("notTrusted", wrongPin.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Tokens_are_not_made_over_the_network_and_one_for_another_node_or_of_another_organization_opens_nothing()
    {
        await using Pair pair = await Pair.StartAsync();
        await pair.SubscribeAsync();
        await using Pair others = await Pair.StartAsync();
        string admin = await pair.TokenAsync("admin");
        ControlClient client = ControlClient.For(DaemonDoor.OfServer(new Uri(pair.HubUrl), (await File.ReadAllTextAsync(admin)).Trim(), Postern.Certificates.CertificatePin.Parse(pair.HubPin), null));

        CommandFailure refused = await Assert.ThrowsAsync<CommandFailure>(() => client.SendAsync(
            ControlRoutes.AuthToken, new Postern.Operations.Auth.NewToken("x", "admin", 1, null), PosternJson.Default.NewToken, PosternJson.Default.TokenMade, CancellationToken.None));
        Assert.Equal("forbidden", refused.Code);

        string edgeOnly = await pair.TokenAsync("admin", "--node", "edge1.example.net");
        await PosternProgram.JsonAsync(0, "status", "--server", pair.EdgeUrl, "--token-file", edgeOnly, "--pin", pair.EdgePin);
        string foreign = await others.TokenAsync("admin");
        foreach (string token in (string[])[edgeOnly, foreign])
        {
            JsonElement error = await PosternProgram.JsonAsync(1, "status", "--server", pair.HubUrl, "--token-file", token, "--pin", pair.HubPin);
            Assert.Equal("token", error.GetProperty("error").GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task The_auth_certificate_is_staged_published_and_cleared_by_its_verbs()
    {
        await using Pair pair = await Pair.StartAsync();
        string[] data = ["--data", pair.HubFolder];
        await PosternProgram.MustAsync(["auth", "monitor", .. data]);
        JsonElement none = await PosternProgram.JsonAsync(1, ["auth", "publish", .. data]);
        Assert.Equal("noNextCertificate", none.GetProperty("error").GetProperty("code").GetString());
        JsonElement soon = await PosternProgram.JsonAsync(4, ["auth", "set", "--effective-in", "1", .. data]);
        Assert.Equal("tooSoon", soon.GetProperty("error").GetProperty("code").GetString());

        await PosternProgram.MustAsync(["auth", "set", "--algorithm", "rsa2048", "--days", "100", .. data]);
        JsonElement rolled = await PosternProgram.JsonAsync(0, ["auth", "publish", .. data]);
        Assert.Equal(["current", "previous"], rolled.GetProperty("certificates").EnumerateArray().Select(one => one.GetProperty("slot").GetString()!));
        Assert.Equal("RSA 2048", rolled.GetProperty("certificates")[0].GetProperty("key").GetString());
        Assert.Single((await PosternProgram.JsonAsync(0, ["auth", "clear-previous", .. data])).GetProperty("certificates").EnumerateArray());
        JsonElement wanted = await PosternProgram.JsonAsync(5, ["auth", "monitor", "--enforce", .. data]);
        Assert.Equal(("stageNext", 2), (wanted.GetProperty("action").GetString()!, wanted.GetProperty("row").GetInt32()));
        Assert.True((await PosternProgram.JsonAsync(0, ["auth", "monitor", "--enforce", "--apply", .. data])).GetProperty("applied").GetBoolean());
        JsonElement tooLong = await PosternProgram.JsonAsync(2, ["auth", "token", "--role", "admin", "--hours", "25", .. data]);
        Assert.Equal("tokenLifetime", tooLong.GetProperty("error").GetProperty("code").GetString());
    }

    /// <summary>A hub and an edge, both with the management API, on loopback.</summary>
    private sealed class Pair : IAsyncDisposable
    {
        private readonly TempFolder _folder = new(shared: true);
        private EdgeHost _edge = null!;
        private HubHost _hub = null!;
        private int _tokens;

        public string HubFolder => _folder["hub"];

        public string HubUrl { get; private set; } = "";

        public string EdgeUrl { get; private set; } = "";

        public string HubPin { get; private set; } = "";

        public string EdgePin => _edge.CertificateSha256;

        private string EdgeFolder => _folder["edge"];

        public static async Task<Pair> StartAsync()
        {
            Pair pair = new();
            File.WriteAllText(pair._folder["people.ldif"], "version: 1\n\ndn: cn=anna,dc=example\nobjectClass: person\ncn: anna\nsn: anna\nmail: anna@example.com\n");
            string settings = pair._folder["hub.json"];
            File.WriteAllText(settings, $$"""{ "site": "Site", "sources": [ { "name": "corp", "type": "ldif", "path": "{{pair._folder["people.ldif"]}}" } ] }""");
            pair._edge = await EdgeHost.StartAsync(
                new EdgeHostOptions(pair.EdgeFolder, "edge1.example.net", Loopback, Loopback, SocketmapEndpoint.Parse("unix:" + pair._folder["s.sock"])) { Https = Loopback },
                NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
            pair._hub = await HubHost.StartAsync(
                new HubHostOptions(pair.HubFolder, "hub1.example.com", HubSettingsReader.Read(settings)) { Https = Loopback }, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
            pair.HubUrl = await UrlAsync(pair.HubFolder);
            pair.EdgeUrl = await UrlAsync(pair.EdgeFolder);
            pair.HubPin = (await PosternProgram.JsonAsync(0, "hub", "identity", "--data", pair.HubFolder)).GetProperty("sha256").GetString()!;
            return pair;
        }

        public async Task SubscribeAsync()
        {
            await PosternProgram.MustAsync("subscription", "new", "--file", _folder["edge.xml"], "--data", EdgeFolder);
            await PosternProgram.MustAsync("subscription", "import", _folder["edge.xml"], "--site", "Site", "--address", _edge.Ldaps.ToString(), "--data", HubFolder);
            await PosternProgram.MustAsync("sync", "start", "--data", HubFolder);
        }

        /// <returns>Its file.</returns>
        public async Task<string> TokenAsync(string role, params string[] more)
        {
            string file = _folder[$"token{_tokens++}"];
            await PosternProgram.MustAsync(["auth", "token", "--role", role, "--file", file, "--data", HubFolder, .. more]);
            return file;
        }

        public async ValueTask DisposeAsync()
        {
            await _hub.DisposeAsync();
            await _edge.DisposeAsync();
            _folder.Dispose();
        }

        private static async Task<string> UrlAsync(string folder) =>
            $"https://{(await PosternProgram.JsonAsync(0, "status", "--data", folder)).GetProperty("listeners").GetProperty("https").GetString()}";
    }
}

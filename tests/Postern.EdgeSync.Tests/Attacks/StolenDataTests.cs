using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Subscriptions;
using Postern.EdgeSync.Tests.Diagnosis;
using Postern.EdgeSync.Tests.Enrolment;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Attacks;

/// <summary>Files that were copied: of the hub, of the edge, the subscription file, and a recorded session.</summary>
public sealed class StolenDataTests
{
    [Fact]
    public async Task Hub_database_without_its_keys_opens_no_edge()
    {
        await using Ward ward = await Ward.OpenAsync();
        EdgeSecrets secrets = await ward.Hub.Subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None);
        AssertNowhere(ward.Hub.Paths.Root, [.. Forms(secrets)]);

        using TempFolder stolen = new();
        HubPaths paths = new(stolen["hub"]);
        PosternDirectories.MakeHubFolders(paths);
        foreach (string file in FilesOf(ward.Hub.Paths.Root, "organization.db*"))
        {
            File.Copy(file, Path.Combine(paths.Root, Path.GetFileName(file)));
        }

        await using DirectoryEngine engine = PosternDirectories.OpenOrganization(paths, ward.HubTime, NullLoggerFactory.Instance);
        using SiteHub thief = new(TestHub.Name, engine.As(Principal.System), ward.HubTime, paths: paths);
        EdgeSecrets found = await thief.Subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None);
        Assert.Equal((0, null, null), (found.Accounts.Count, found.AddressKey, found.Bootstrap));
        HubSubscription subscription = Assert.Single(await thief.Subscriptions.ListAsync());
        await Assert.ThrowsAsync<SubscriptionException>(() => thief.Subscriptions.OpenAsync(subscription, CancellationToken.None));
        Assert.Single(await ward.AccountsAsync());
    }

    [Fact]
    public async Task Edge_disk_has_no_address_and_no_password_in_clear_and_its_database_has_no_key()
    {
        await using Ward ward = await Ward.OpenAsync();
        EdgeSecrets secrets = await ward.Hub.Subscriptions.Credentials.ReadAsync("edge1", CancellationToken.None);
        string[] clear = ["anna@example.com", "anna", .. secrets.Accounts.Select(account => account.Password)];
        AssertNowhere(ward.Edge.Paths.Root, [.. clear.Select(Encoding.UTF8.GetBytes)]);

        // The keys lie apart: a copy of the database alone tells who has an address to nobody.
        byte[] key = await File.ReadAllBytesAsync(ward.Edge.Paths.AddressKeyFile);
        foreach (string file in FilesOf(ward.Edge.Paths.Private, "directory.db*"))
        {
            AssertNotIn(file, [key, Encoding.ASCII.GetBytes(Convert.ToBase64String(key)), Encoding.ASCII.GetBytes(Convert.ToHexString(key)), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key))]);
        }

        // Nor does it open a credential.
        using X509Certificate2 other = Postern.Certificates.SelfSignedCertificate.Create(
            new Postern.Certificates.SelfSignedRequest("edge1", [TestEdge.Fqdn], Postern.Certificates.KeyAlgorithm.EcdsaP256, TimeSpan.FromDays(1)), TimeProvider.System);
        HubSubscription subscription = Assert.Single(await ward.Hub.Subscriptions.ListAsync());
        foreach (StoredCredential one in await ward.Hub.Subscriptions.Credentials.ForEdgeAsync(subscription, CancellationToken.None))
        {
            Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => one.Record!.Open([other]));
        }
    }

    [Fact]
    public async Task Subscription_file_that_was_copied_is_worth_nothing_after_its_use()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        await using TestHub hub = await TestHub.StartAsync();
        await using TestHub thief = await TestHub.StartAsync();
        SubscriptionFile file = await edge.ExportAsync();
        await hub.Subscriptions.ImportAsync(file, "Site", edge.Address);
        SubscriptionException refused = await Assert.ThrowsAsync<SubscriptionException>(() => thief.Subscriptions.ImportAsync(file, "Site", edge.Address));
        Assert.Contains("works once", refused.Message, StringComparison.Ordinal);
        Assert.Empty(await thief.Subscriptions.ListAsync());
        Assert.Equal("HUB1", (await edge.Service.FindAsync())!.Hub);
    }

    [Fact]
    public async Task Session_that_was_recorded_and_is_sent_again_changes_nothing()
    {
        await using Ward ward = await Ward.OpenAsync();
        IPEndPoint edge = IPEndPoint.Parse(ward.Edge.Address);
        await using Recorder recorder = new(edge);
        await ward.DialAsync(recorder.Address);
        Assert.All(await ward.TrySynchronizeAsync(full: true), result => Assert.Equal("", result.FailureDetails));
        byte[][] sessions = recorder.Sessions;
        Assert.NotEmpty(sessions);
        await ward.Edge.StopListeningAsync();
        await ward.Edge.ListenAsync();
        long commits = ward.Edge.Engine.Commits;
        foreach (byte[] session in sessions)
        {
            using TcpClient replay = new();
            await replay.ConnectAsync(IPEndPoint.Parse(ward.Edge.Address));
            await replay.GetStream().WriteAsync(session);
            replay.Client.Shutdown(SocketShutdown.Send);
            using MemoryStream answer = new();
            try
            {
                await replay.GetStream().CopyToAsync(answer);
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // Reset: the edge wanted no more of it.
            }
        }

        Assert.Equal(commits, ward.Edge.Engine.Commits);
    }

    private static IEnumerable<byte[]> Forms(EdgeSecrets secrets)
    {
        byte[] key = Convert.FromBase64String(secrets.AddressKey!);
        return
        [
            .. secrets.Accounts.Select(account => Encoding.UTF8.GetBytes(account.Password)),
            key, Encoding.ASCII.GetBytes(secrets.AddressKey!), Encoding.ASCII.GetBytes(Convert.ToHexString(key)), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key)),
        ];
    }

    private static void AssertNowhere(string folder, byte[][] secrets)
    {
        string[] files = [.. FilesOf(folder, "*")];
        Assert.NotEmpty(files);
        foreach (string file in files)
        {
            AssertNotIn(file, secrets);
        }
    }

    /// <summary>All but those that are only locked, never written.</summary>
    private static IEnumerable<string> FilesOf(string folder, string pattern) => System.IO.Directory.GetFiles(folder, pattern, SearchOption.AllDirectories)
        .Where(file => Path.GetExtension(file) != ".lock" && (File.GetAttributes(file) & FileAttributes.Device) == 0);

    private static void AssertNotIn(string file, byte[][] secrets)
    {
        using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] octets = new byte[stream.Length];
        stream.ReadExactly(octets);
        Assert.All(secrets, secret => Assert.True(octets.AsSpan().IndexOf(secret) < 0, $"{file} has a secret of {secret.Length} octets"));
    }

    /// <summary>Hands everything on, both ways, and keeps what the hubs sent.</summary>
    private sealed class Recorder : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly IPEndPoint _edge;
        private readonly List<MemoryStream> _sessions = [];
        private readonly List<Task> _pumps = [];
        private readonly CancellationTokenSource _end = new();
        private readonly Task _accepting;

        public Recorder(IPEndPoint edge)
        {
            _edge = edge;
            _listener.Start();
            _accepting = AcceptAsync();
        }

        public string Address => _listener.LocalEndpoint.ToString()!;

        public byte[][] Sessions
        {
            get
            {
                lock (_sessions)
                {
                    return [.. _sessions.Select(session => session.ToArray())];
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _end.CancelAsync();
            _listener.Dispose();
            await _accepting;
            await Task.WhenAll(_pumps);
            _end.Dispose();
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    TcpClient hub = await _listener.AcceptTcpClientAsync(_end.Token);
                    TcpClient edge = new();
                    await edge.ConnectAsync(_edge, _end.Token);
                    MemoryStream session = new();
                    lock (_sessions)
                    {
                        _sessions.Add(session);
                    }

                    _pumps.Add(PumpAsync(hub, edge, session));
                    _pumps.Add(PumpAsync(edge, hub, null));
                }
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }

        private async Task PumpAsync(TcpClient from, TcpClient to, MemoryStream? record)
        {
            byte[] buffer = new byte[64 * 1024];
            try
            {
                while (await from.GetStream().ReadAsync(buffer, _end.Token) is > 0 and int read)
                {
                    lock (_sessions)
                    {
                        record?.Write(buffer, 0, read);
                    }

                    await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _end.Token);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                // One end is gone, and the other goes with it.
            }

            from.Dispose();
            to.Dispose();
        }
    }
}

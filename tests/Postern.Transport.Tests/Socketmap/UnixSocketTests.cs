using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

// Permissions of the socket file are part of what is tested.
[assembly: System.Runtime.Versioning.UnsupportedOSPlatform("windows")]

namespace Postern.Transport.Tests.Socketmap;

public sealed class UnixSocketTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("postern-sm-");
    private readonly string _path;

    public UnixSocketTests() => _path = Path.Combine(_folder.FullName, "socketmap.sock");

    public void Dispose() => _folder.Delete(recursive: true);

    private Task<SocketmapServer> StartAsync() => SocketmapServer.StartAsync(
        SocketmapEndpoint.Unix(_path), EdgeFake.Synchronized().Lookup(), new SocketmapOptions(), NullLoggerFactory.Instance);

    [Fact]
    public async Task Socket_is_open_to_all_and_gone_after_the_stop()
    {
        await using (SocketmapServer server = await StartAsync())
        {
            Assert.Equal("srw-rw-rw-", "s" + Letters(File.GetUnixFileMode(_path)));
            using SocketmapClient client = await SocketmapClient.ConnectAsync(server.EndPoint);
            Assert.Equal("OK authoritative", await client.AskAsync("recipients", "anna@example.com"));
        }

        Assert.False(Path.Exists(_path));
    }

    [Fact]
    public async Task Stale_socket_of_a_killed_daemon_is_replaced()
    {
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            string elsewhere = Path.Combine(_folder.FullName, "dead.sock");
            dead.Bind(new UnixDomainSocketEndPoint(elsewhere));

            // A kill leaves the file; Dispose would remove it, so it is moved to where Dispose does not look.
            File.Move(elsewhere, _path);
        }

        Assert.True(Path.Exists(_path));
        await using SocketmapServer server = await StartAsync();
        using SocketmapClient client = await SocketmapClient.ConnectAsync(server.EndPoint);
        Assert.Equal("OK authoritative", await client.AskAsync("domains", "example.com"));
    }

    [Fact]
    public async Task Socket_that_somebody_listens_on_is_left_alone()
    {
        await using SocketmapServer first = await StartAsync();

        IOException e = await Assert.ThrowsAsync<IOException>(StartAsync);

        Assert.Contains($"another process listens on '{_path}'", e.Message, StringComparison.Ordinal);
        using SocketmapClient client = await SocketmapClient.ConnectAsync(first.EndPoint);
        Assert.Equal("OK authoritative", await client.AskAsync("domains", "example.com"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("precious")]
    public async Task File_that_is_no_socket_is_left_alone(string content)
    {
        await File.WriteAllTextAsync(_path, content);

        IOException e = await Assert.ThrowsAsync<IOException>(StartAsync);

        Assert.Contains(_path, e.Message, StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(_path));
    }

    [Fact]
    public async Task Folder_that_is_missing_is_named()
    {
        IOException e = await Assert.ThrowsAsync<IOException>(() => SocketmapServer.StartAsync(
            SocketmapEndpoint.Unix(Path.Combine(_folder.FullName, "none", "s")), EdgeFake.Synchronized().Lookup(), new SocketmapOptions(), NullLoggerFactory.Instance));

        Assert.Contains("none/s", e.Message, StringComparison.Ordinal);
    }

    private static string Letters(UnixFileMode mode) => string.Concat(
        Enumerable.Range(0, 9).Select(i => ((int)mode & (1 << (8 - i))) != 0 ? "rwx"[i % 3] : '-'));
}

using System.Net.Sockets;
using Postern.Ldap.Codec;
using Postern.Testing;

namespace Postern.Ldap.Server.Tests.Connections;

/// <summary>LDAP over a Unix socket: who is there is what the kernel says.</summary>
public class UnixSocketTests
{
    [SkippableFact]
    public async Task Peer_is_known_by_its_user_and_process()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        using TempFolder folder = new();
        FakeDirectory directory = new();
        FakeAuthenticator authenticator = new(directory, directory);
        string path = folder["ldapi"];
        await using LdapServer server = await StartAsync(path, authenticator);
        using Socket socket = await ConnectAsync(path);
        await socket.SendAsync(LdapCodec.Encode(new LdapMessage(1, new ExtendedRequest(LdapOids.WhoAmI))));
        Assert.NotEqual(0, await socket.ReceiveAsync(new byte[100]).WaitAsync(TestClient.Patience));
        UnixPeer peer = Assert.IsType<UnixPeer>(authenticator.LastPeer!.Address);
        Assert.Equal((Environment.ProcessId, true, false), (peer.ProcessId, authenticator.LastPeer.IsLoopback, authenticator.LastPeer.IsTls));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }

        Assert.Empty(server.EndPoints); // no network address
    }

    [SkippableFact]
    public async Task Socket_left_behind_is_replaced_and_one_in_use_is_not()
    {
        Skip.IfNot(OperatingSystem.IsLinux());
        using TempFolder folder = new();
        FakeDirectory directory = new();
        FakeAuthenticator authenticator = new(directory, directory);
        string path = folder["ldapi"];
        using (Socket dead = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            // Bound and never listening: what is left of a server that was killed looks the same.
            dead.Bind(new UnixDomainSocketEndPoint(path));
            await using LdapServer server = await StartAsync(path, authenticator);
            using Socket socket = await ConnectAsync(path);
            LdapListenException busy = await Assert.ThrowsAsync<LdapListenException>(() => StartAsync(path, authenticator));
            Assert.Contains("another program listens there", busy.Message, StringComparison.Ordinal);
        }

        string file = folder["file"];
        await File.WriteAllTextAsync(file, "");
        LdapListenException no = await Assert.ThrowsAsync<LdapListenException>(() => StartAsync(file, authenticator));
        Assert.Contains("no socket", no.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(file));
    }

    private static Task<LdapServer> StartAsync(string path, FakeAuthenticator authenticator) => LdapServer.StartAsync(
        new LdapServerOptions(), [new LdapListener(new UnixDomainSocketEndPoint(path), false)], null, authenticator, new RecordedLog(), TimeProvider.System);

    private static async Task<Socket> ConnectAsync(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return socket;
    }
}

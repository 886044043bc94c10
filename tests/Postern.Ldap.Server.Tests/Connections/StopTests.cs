using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Testing;

namespace Postern.Ldap.Server.Tests.Connections;

public class StopTests
{
    [Fact]
    public async Task Stop_lets_operations_end_and_says_good_bye()
    {
        TaskCompletionSource<LdapResult> add = new();
        TaskCompletionSource arrived = new();
        FakeDirectory directory = new()
        {
            OnAdd = (_, _) =>
            {
                arrived.SetResult();
                return add.Task;
            },
        };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        using TestClient busy = await server.ConnectBoundAsync();
        using TestClient idle = await server.ConnectTlsAsync();
        await idle.AskAsync(new ExtendedRequest(LdapOids.WhoAmI));
        int id = await busy.SendAsync(new AddRequest("cn=a"));
        await arrived.Task.WaitAsync(TestClient.Patience);

        Task stop = server.Server.StopAsync();
        Assert.Equal(LdapResultCode.Unavailable, (await idle.ExpectNoticeAsync()).Code);
        await idle.ExpectEndAsync();
        add.SetResult(LdapResult.Success);
        LdapMessage answer = (await busy.ReceiveAsync())!;
        Assert.Equal((id, true), (answer.MessageId, TestClient.ResultOf(answer.Operation).IsSuccess));
        Assert.Equal(LdapResultCode.Unavailable, (await busy.ExpectNoticeAsync()).Code);
        await busy.ExpectEndAsync();
        await stop.WaitAsync(TestClient.Patience);
        await Assert.ThrowsAnyAsync<Exception>(() => TestClient.ConnectAsync(server.Ldap));
    }

    [Fact]
    public async Task Stop_cancels_what_does_not_end_within_the_grace()
    {
        ManualTimeProvider time = new();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(
            directory: new FakeDirectory { OnSearch = (_, token) => Endless.Search(token) }, time: time);
        using TestClient client = await server.ConnectAsync();
        await client.SendAsync(SearchRequest.ReadEntry(""));
        await client.AskAsync(new ExtendedRequest(LdapOids.WhoAmI));

        Task stop = server.Server.StopAsync();
        Assert.False(stop.IsCompleted);
        Task<LdapMessage?> done = client.ReceiveAsync();
        await Eventually.EndsAsync(done, () => time.Advance(TimeSpan.FromSeconds(1)));
        Assert.Equal(LdapResultCode.Unavailable, TestClient.ResultOf((await done)!.Operation).Code);
        Assert.Equal(LdapResultCode.Unavailable, (await client.ExpectNoticeAsync()).Code);
        await Eventually.EndsAsync(stop, () => time.Advance(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Stop_ends_a_synchronization_that_would_go_on_for_ever()
    {
        ManualTimeProvider time = new(); // the grace never passes
        FakeDirectory directory = new() { OnSearch = (_, token) => Endless.Search(token) };
        directory.Honoured.Add(LdapOids.SyncRequest);
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory, time: time);
        using TestClient client = await server.ConnectAsync();
        await client.SendAsync(SearchRequest.ReadEntry(""), SyncControls.Create(new SyncRequest(SyncMode.RefreshAndPersist, null, false), true));
        await client.AskAsync(new ExtendedRequest(LdapOids.WhoAmI));
        Task stop = server.Server.StopAsync();
        Assert.Equal(LdapResultCode.Unavailable, TestClient.ResultOf((await client.ReceiveAsync())!.Operation).Code);
        Assert.Equal(LdapResultCode.Unavailable, (await client.ExpectNoticeAsync()).Code);
        client.Dispose();
        await stop.WaitAsync(TestClient.Patience);
    }

    [Fact]
    public async Task Stop_aborts_a_directory_that_does_not_listen()
    {
        TaskCompletionSource<LdapResult> never = new();
        FakeDirectory directory = new() { OnAdd = (_, _) => never.Task };
        ManualTimeProvider time = new();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory, time: time);
        using TestClient client = await server.ConnectBoundAsync();
        await client.SendAsync(new AddRequest("cn=a"));
        await client.AskAsync(new ExtendedRequest(LdapOids.WhoAmI));
        await Eventually.EndsAsync(server.Server.StopAsync(), () => time.Advance(TimeSpan.FromSeconds(1)));
        await client.ExpectEndAsync();
        never.SetResult(LdapResult.Success);
    }

    [Fact]
    public async Task Stop_twice_is_one_stop()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        await server.Server.StopAsync();
        await server.Server.StopAsync();
    }

    [Fact]
    public async Task Port_in_use_is_named()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        LdapListenException e = await Assert.ThrowsAsync<LdapListenException>(() => ListenAsync(new LdapListener(server.Ldap, false)));
        Assert.Equal(server.Ldap, e.EndPoint);
        Assert.Contains($"cannot listen on {server.Ldap}: another program", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Address_that_is_not_ours_is_named()
    {
        LdapListenException e = await Assert.ThrowsAsync<LdapListenException>(
            () => ListenAsync(new LdapListener(new IPEndPoint(IPAddress.Parse("192.0.2.77"), 0), false)));
        Assert.Contains("192.0.2.77", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ldaps_without_a_certificate_is_refused() =>
        await Assert.ThrowsAsync<ArgumentException>(() => ListenAsync(new LdapListener(new IPEndPoint(IPAddress.Loopback, 0), true)));

    private static Task<LdapServer> ListenAsync(LdapListener listener)
    {
        FakeDirectory directory = new();
        return LdapServer.StartAsync(
            new LdapServerOptions(), [listener], null, new FakeAuthenticator(directory, directory), NullLoggerFactory.Instance, TimeProvider.System);
    }
}

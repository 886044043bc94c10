using Postern.Ldap.Codec;
using Postern.Testing;

namespace Postern.Ldap.Server.Tests.Connections;

/// <summary>Every limit, at it and just above it.</summary>
public class LimitTests
{
    private const int UnauthenticatedBytes = 64 * 1024;

    private static readonly ExtendedRequest WhoAmI = new(LdapOids.WhoAmI);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Message_size_before_a_bind(bool tls)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = tls ? await server.ConnectTlsAsync() : await server.ConnectAsync();
        await client.SendRawAsync(MessageOf(UnauthenticatedBytes));
        Assert.True(TestClient.ResultOf((await client.ReceiveAsync())!.Operation).IsSuccess);

        await client.SendRawAsync(MessageOf(UnauthenticatedBytes + 1));
        LdapResult notice = await client.ExpectNoticeAsync();
        Assert.Equal(LdapResultCode.ProtocolError, notice.Code);
        Assert.Contains("longer than 65536 octets before a bind", notice.DiagnosticMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_size_after_a_bind()
    {
        LdapServerOptions options = new() { Limits = LdapLimits.Default with { MaxMessageBytes = 2 * UnauthenticatedBytes } };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(options);
        using TestClient client = await server.ConnectBoundAsync();
        await client.SendRawAsync(MessageOf(2 * UnauthenticatedBytes));
        Assert.True(TestClient.ResultOf((await client.ReceiveAsync())!.Operation).IsSuccess);

        await client.SendRawAsync(MessageOf((2 * UnauthenticatedBytes) + 1).AsMemory(..10)); // the announced size is enough
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ExpectNoticeAsync()).Code);
    }

    [Fact]
    public async Task Operations_in_flight()
    {
        LdapServerOptions options = new() { MaxOperationsInFlight = 2 };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(options, new FakeDirectory { OnSearch = (_, token) => Endless.Search(token) });
        using TestClient client = await server.ConnectAsync();
        int first = await client.SendAsync(SearchRequest.ReadEntry("cn=1"));
        await client.SendAsync(SearchRequest.ReadEntry("cn=2"));
        LdapResult third = await client.ResultAsync(SearchRequest.ReadEntry("cn=3"));
        Assert.Equal(LdapResultCode.Busy, third.Code);
        Assert.Contains("2 operations in flight", third.DiagnosticMessage, StringComparison.Ordinal);

        // An ended one makes room; abandon needs none.
        await client.SendAsync(new AbandonRequest(first));
        while ((await client.ResultAsync(new AddRequest("cn=x"))).Code == LdapResultCode.Busy)
        {
            // The abandoned search ends on its own thread.
        }
    }

    [Fact]
    public async Task Octets_in_flight_hold_up_reading()
    {
        TaskCompletionSource<LdapResult> first = new();
        int arrived = 0;
        FakeDirectory directory = new() { OnAdd = (_, _) => Interlocked.Increment(ref arrived) == 1 ? first.Task : Task.FromResult(LdapResult.Success) };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new LdapServerOptions { MaxBytesInFlight = 1000 }, directory);
        using TestClient client = await server.ConnectBoundAsync();
        byte[] value = new byte[1000];
        int a = await client.SendAsync(new AddRequest("cn=a", new LdapAttribute("cn", value)));
        int b = await client.SendAsync(new AddRequest("cn=b", new LdapAttribute("cn", value)));
        await Eventually.TrueAsync(() => Volatile.Read(ref arrived) > 0);
        Assert.Equal(1, Volatile.Read(ref arrived));
        first.SetResult(LdapResult.Success);
        Assert.Equal((a, b), ((await client.ReceiveAsync())!.MessageId, (await client.ReceiveAsync())!.MessageId));
    }

    [Theory]
    [InlineData(2, 100)]
    [InlineData(100, 2)]
    public async Task Connections_in_all_and_per_address(int all, int perAddress)
    {
        LdapServerOptions options = new() { MaxConnections = all, MaxConnectionsPerAddress = perAddress };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(options);
        TestClient first = await server.ConnectAsync();
        await first.AskAsync(WhoAmI);
        using TestClient second = await server.ConnectTlsAsync();
        await second.AskAsync(WhoAmI);

        using TestClient refused = await server.ConnectAsync();
        Assert.Equal(LdapResultCode.Busy, (await refused.ExpectNoticeAsync()).Code);
        await refused.ExpectEndAsync();
        using TestClient refusedOverTls = await server.ConnectTlsAsync();
        Assert.Equal(LdapResultCode.Busy, (await refusedOverTls.ExpectNoticeAsync()).Code);

        first.Dispose();
        await Eventually.TrueAsync(() => server.Server.ConnectionCount == 1);
        using TestClient next = await server.ConnectAsync();
        await next.AskAsync(WhoAmI);
    }

    [Fact]
    public async Task Flood_of_refused_connections_is_closed_without_words()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new LdapServerOptions { MaxConnections = 1 });
        using TestClient first = await server.ConnectAsync();
        await first.AskAsync(WhoAmI);
        for (int i = 0; i < 100; i++)
        {
            using TestClient refused = await server.ConnectAsync(); // leaves before it is told anything
        }

        await first.AskAsync(WhoAmI);
    }

    [Fact]
    public async Task Idle_time_before_a_bind()
    {
        ManualTimeProvider time = new();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(time: time);
        using TestClient client = await server.ConnectAsync();
        await client.AskAsync(WhoAmI);
        time.Advance(TimeSpan.FromSeconds(29));
        await client.AskAsync(WhoAmI);
        time.Advance(TimeSpan.FromSeconds(29));
        await client.SendRawAsync(new byte[] { 0x30 }); // octets are no request
        time.Advance(TimeSpan.FromSeconds(1));
        LdapResult notice = await client.ExpectNoticeAsync();
        Assert.Equal((LdapResultCode.AdminLimitExceeded, "no request for 30 s"), (notice.Code, notice.DiagnosticMessage));
    }

    [Fact]
    public async Task Message_that_trickles_is_cut_off_although_an_answer_is_awaited()
    {
        ManualTimeProvider time = new();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(
            directory: new FakeDirectory { OnSearch = (_, token) => Endless.Search(token) }, time: time);
        using TestClient client = await server.ConnectBoundAsync();
        await client.SendAsync(SearchRequest.ReadEntry(""));
        await client.AskAsync(WhoAmI);
        byte[] slow = MessageOf(1000);
        Task<LdapMessage?> end = client.ReceiveAsync();
        int sent = 0;
        await Eventually.EndsAsync(end, () =>
        {
            if (!end.IsCompleted && sent < slow.Length - 1)
            {
                client.Socket.Send(slow, sent++, 1, System.Net.Sockets.SocketFlags.None); // always something, never all of it
            }

            time.Advance(TimeSpan.FromSeconds(1));
        });
        ExtendedResponse notice = Assert.IsType<ExtendedResponse>((await end)!.Operation);
        Assert.Equal((LdapResultCode.AdminLimitExceeded, "a message that was not whole after 60 s"), (notice.Result.Code, notice.Result.DiagnosticMessage));
    }

    [Fact]
    public async Task Requests_before_a_bind()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new LdapServerOptions { MaxUnauthenticatedOperations = 3 });
        using TestClient client = await server.ConnectAsync();
        await client.AskAsync(WhoAmI);
        await client.AskAsync(WhoAmI);
        Assert.True((await client.ResultAsync(BindRequest.Simple(FakeAuthenticator.Admin, "secret"))).IsSuccess);
        for (int i = 0; i < 10; i++)
        {
            await client.AskAsync(WhoAmI);
        }

        for (int i = 0; i < 4; i++)
        {
            // The first is sent by a bound session; each leaves an anonymous one.
            Assert.Equal(LdapResultCode.InvalidCredentials, (await client.ResultAsync(BindRequest.Simple(FakeAuthenticator.Admin, "wrong"))).Code);
        }

        await client.SendAsync(WhoAmI);
        Assert.Equal("more than 3 requests before a bind", (await client.ExpectNoticeAsync()).DiagnosticMessage);
        await client.ExpectEndAsync();
    }

    [Fact]
    public async Task Announced_sizes_take_no_memory()
    {
        const int sessions = 90;
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        List<TestClient> clients = [];
        long before = GC.GetTotalMemory(forceFullCollection: true);
        byte[] half = [0x30, 0x84, 0x00, 0x3f, 0xff, 0x00, 0x02, 0x01, 0x07, .. new byte[991]]; // 4 MiB to come, 1000 octets there
        for (int i = 0; i < sessions; i++)
        {
            clients.Add(await server.ConnectBoundAsync());
            await clients[i].SendRawAsync(half);
        }

        await clients[0].SendRawAsync(new byte[100_000]);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        clients.ForEach(c => c.Dispose());
        Assert.InRange(after - before, long.MinValue, sessions * 4L * 1024 * 1024 / 4); // a quarter of what was announced would be far too much
    }

    [Fact]
    public async Task Idle_time_after_a_bind()
    {
        ManualTimeProvider time = new();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(time: time);
        using TestClient client = await server.ConnectBoundAsync();
        await client.AskAsync(WhoAmI); // now the limit of a bound session is in force
        time.Advance(TimeSpan.FromMinutes(14));
        await client.AskAsync(WhoAmI);
        time.Advance(TimeSpan.FromMinutes(15));
        Assert.Equal("no request for 900 s", (await client.ExpectNoticeAsync()).DiagnosticMessage);
    }

    [Fact]
    public async Task Waiting_for_an_answer_is_not_idling()
    {
        ManualTimeProvider time = new();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(
            directory: new FakeDirectory { OnSearch = (_, token) => Endless.Search(token) }, time: time);
        using TestClient client = await server.ConnectAsync();
        await client.SendAsync(SearchRequest.ReadEntry(""));
        await client.AskAsync(WhoAmI);
        time.Advance(TimeSpan.FromHours(1));
        await client.AskAsync(WhoAmI);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reader_that_takes_nothing_is_cut_off_and_the_directory_waits_for_it(bool tls)
    {
        ManualTimeProvider time = new();
        long pulled = 0;
        LdapEntry entry = new("cn=x,o=test", [new LdapAttribute("cn", new byte[1000])]);
        FakeDirectory directory = new() { OnSearch = (_, token) => Endless.Flood(entry, () => pulled++, token) };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory, time: time);
        using TestClient client = await TestClient.ConnectAsync(tls ? server.Ldaps : server.Ldap, receiveBufferBytes: 4096);
        if (tls)
        {
            await client.HandshakeAsync();
        }

        await client.SendAsync(SearchRequest.ReadEntry(""));
        await Eventually.TrueAsync(() => Volatile.Read(ref pulled) > 0);
        await Eventually.TrueAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(20));
            return server.Log.Lines.Any(l => l.Text.Contains("cut off: took nothing for 60 s", StringComparison.Ordinal));
        });
        await Eventually.TrueAsync(() => server.Server.ConnectionCount == 0);
        Assert.InRange(pulled, 1, 64 * 1024); // at most 64 MiB sit in socket buffers; the rest was never asked for
    }

    [Fact]
    public void Limits_of_zero_are_refused_by_name()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new LdapServerOptions { MaxConnections = 0 }.Validate());
        Assert.Contains("MaxConnections", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new LdapServerOptions { MessageTimeout = TimeSpan.Zero }.Validate());
        Assert.Throws<ArgumentException>(() => new LdapServerOptions { WriteTimeout = TimeSpan.Zero }.Validate());
        Assert.Throws<ArgumentException>(() => new LdapServerOptions { ShutdownGrace = TimeSpan.FromTicks(-1) }.Validate());
    }

    /// <summary>A "Who am I?" padded by a control's value to exactly this many octets.</summary>
    private static byte[] MessageOf(int bytes)
    {
        int padding = bytes;
        byte[] message;
        while ((message = Padded(padding)).Length != bytes)
        {
            padding += bytes - message.Length; // a shorter value may have shorter length octets, too
        }

        return message;

        static byte[] Padded(int padding) =>
            LdapCodec.Encode(new LdapMessage(1000, new ExtendedRequest(LdapOids.WhoAmI), [new LdapControl("1.2.3", false, new byte[padding])]));
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Ldap;
using Postern.Testing;

namespace Postern.Transport.Tests.Socketmap;

public sealed class SocketmapServerTests : IAsyncLifetime
{
    private readonly EdgeFake _edge = EdgeFake.Synchronized();
    private readonly ManualTimeProvider _time = new();
    private readonly List<IDisposable> _clients = [];
    private SocketmapServer? _server;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _clients.ForEach(client => client.Dispose());
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }

    private async Task<SocketmapClient> ConnectAsync(SocketmapOptions? options = null)
    {
        _server ??= await SocketmapServer.StartAsync(
            SocketmapEndpoint.Tcp(IPAddress.Loopback, 0), _edge.Lookup(), options ?? new SocketmapOptions(), NullLoggerFactory.Instance, _time);
        SocketmapClient client = await SocketmapClient.ConnectAsync(_server.EndPoint);
        _clients.Add(client);
        return client;
    }

    [Theory]
    [InlineData("recipients", "anna@example.com", "OK authoritative")]
    [InlineData("recipients", "ANNA@example.com", "OK authoritative")]
    [InlineData("recipients", "nobody@example.com", "NOTFOUND ")]
    [InlineData("recipients", "anna+x@example.com", "NOTFOUND ")]
    [InlineData("recipients", "anna", "NOTFOUND ")]
    [InlineData("recipients", "", "NOTFOUND ")]
    [InlineData("recipients", "@example.com", "NOTFOUND ")]
    [InlineData("recipients", "@sub.example.com", "OK internalRelay")]
    [InlineData("recipients", "any@sub.example.com", "OK internalRelay")]
    [InlineData("recipients", "@partner.example", "OK externalRelay")]
    [InlineData("recipients", "any one@partner.example", "OK externalRelay")]
    [InlineData("recipients", "anna@example.org", "NOTFOUND ")]
    [InlineData("recipients", "@example.org", "NOTFOUND ")]
    [InlineData("domains", "example.com", "OK authoritative")]
    [InlineData("domains", "a.b.example.com", "OK internalRelay")]
    [InlineData("domains", ".example.com", "OK internalRelay")]
    [InlineData("domains", ".partner.example", "NOTFOUND ")]
    [InlineData("domains", "example.org", "NOTFOUND ")]
    [InlineData("domains", "anna@example.com", "NOTFOUND ")]
    [InlineData("domains", "192.0.2.1", "NOTFOUND ")]
    public async Task Key_gets_the_reply_that_Postfix_needs(string map, string key, string expected)
    {
        SocketmapClient client = await ConnectAsync();

        Assert.Equal(expected, await client.AskAsync(map, key));
    }

    [Theory]
    [InlineData("others anna@example.com")]
    [InlineData("recipients")]
    [InlineData("")]
    [InlineData(" anna@example.com")]
    public async Task Unknown_map_is_refused_and_the_connection_goes_on(string request)
    {
        SocketmapClient client = await ConnectAsync();

        await client.SendAsync(SocketmapClient.Request(request));

        Assert.StartsWith("PERM ", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal("OK authoritative", await client.AskAsync("recipients", "anna@example.com"));
    }

    [Fact]
    public async Task Key_that_is_no_UTF8_is_not_found()
    {
        SocketmapClient client = await ConnectAsync();

        await client.SendAsync((byte[])[.. "14:recipients "u8, 0xFF, (byte)'@', (byte)'b', (byte)',']);

        Assert.Equal("NOTFOUND ", await client.ReadAsync());
    }

    [Theory]
    [InlineData("recipients staff@example.com", "NOTFOUND ")]
    [InlineData("allRecipients staff@example.com", "OK authoritative")]
    [InlineData("allRecipients anna@example.com", "OK authoritative")]
    [InlineData("allRecipients nobody@example.com", "NOTFOUND ")]
    [InlineData("access staff@example.com", "OK 550 5.7.1 recipient accepts mail from inside only")]
    [InlineData("access anna@example.com", "NOTFOUND ")]
    [InlineData("access nobody@example.com", "NOTFOUND ")]
    [InlineData("access any@partner.example", "NOTFOUND ")]
    [InlineData("access example.com", "NOTFOUND ")]
    [InlineData("access staff@", "NOTFOUND ")]
    [InlineData("access @example.com", "NOTFOUND ")]
    public async Task Recipients_from_inside_only_are_refused_by_the_access_map(string request, string answer)
    {
        SocketmapClient client = await ConnectAsync();
        string[] words = request.Split(' ');
        Assert.Equal(answer, await client.AskAsync(words[0], words[1]));
    }

    [Fact]
    public async Task Access_map_is_not_ready_before_the_first_synchronization()
    {
        _edge.Forget();
        SocketmapClient client = await ConnectAsync();
        Assert.StartsWith("TEMP ", await client.AskAsync("access", "staff@example.com"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_sent_together_are_answered_in_order()
    {
        SocketmapClient client = await ConnectAsync();
        const int pairs = 2_000;
        List<byte> all = [];
        for (int i = 0; i < pairs; i++)
        {
            all.AddRange(SocketmapClient.Request("recipients anna@example.com"));
            all.AddRange(SocketmapClient.Request($"recipients nobody{i}@example.com"));
        }

        Task sending = client.SendAsync(all.ToArray());

        for (int i = 0; i < pairs; i++)
        {
            Assert.Equal("OK authoritative", await client.ReadAsync());
            Assert.Equal("NOTFOUND ", await client.ReadAsync());
        }

        await sending;
    }

    [Fact]
    public async Task Request_that_arrives_octet_by_octet_is_answered()
    {
        SocketmapClient client = await ConnectAsync();

        foreach (byte octet in SocketmapClient.Request("recipients anna@example.com"))
        {
            await client.SendAsync(new[] { octet });
        }

        Assert.Equal("OK authoritative", await client.ReadAsync());
    }

    [Fact]
    public async Task Request_of_the_limit_is_answered_and_one_octet_more_ends_the_connection()
    {
        SocketmapOptions options = new();
        string key = new('a', options.MaxRequestBytes - "recipients ".Length);
        SocketmapClient client = await ConnectAsync(options);

        Assert.Equal("NOTFOUND ", await client.AskAsync("recipients", key));

        Assert.Equal($"PERM a request has at most {options.MaxRequestBytes} octets", await client.AskAsync("recipients", key + "a"));
        Assert.Null(await client.ReadAsync());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: edge\r\n\r\n")]
    [InlineData("27:recipients anna@example.com;")]
    [InlineData("0000000000")]
    [InlineData("99999999999999999999:")]
    public async Task Garbage_ends_its_connection_and_no_other(string garbage)
    {
        SocketmapClient other = await ConnectAsync();
        SocketmapClient client = await ConnectAsync();

        await client.SendAsync(Encoding.ASCII.GetBytes(garbage));

        Assert.StartsWith("PERM ", await client.ReadAsync(), StringComparison.Ordinal);
        Assert.Null(await client.ReadAsync());
        Assert.Equal("OK authoritative", await other.AskAsync("recipients", "anna@example.com"));
    }

    [Fact]
    public async Task Truncated_request_is_dropped_without_an_answer()
    {
        SocketmapClient client = await ConnectAsync();

        await client.SendAsync("27:recipients anna@exam"u8.ToArray());
        client.EndSending();

        Assert.Null(await client.ReadAsync());
        Assert.Equal("OK authoritative", await (await ConnectAsync()).AskAsync("recipients", "anna@example.com"));
    }

    [Fact]
    public async Task Failing_directory_means_TEMP_and_no_word_of_the_cause()
    {
        SocketmapClient client = await ConnectAsync();
        _edge.Failure = new InvalidOperationException("secret path /var/lib");

        foreach (string map in (string[])["recipients", "domains"])
        {
            string reply = await client.AskAsync(map, map == "domains" ? "example.org" : "nobody@example.com");
            Assert.StartsWith("TEMP ", reply, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", reply, StringComparison.Ordinal);
        }

        _edge.Failure = null;
        Assert.Equal("NOTFOUND ", await client.AskAsync("recipients", "nobody@example.com"));
    }

    [Fact]
    public async Task Search_cut_short_by_the_directory_means_TEMP()
    {
        SocketmapClient client = await ConnectAsync();
        _edge.Failure = new LdapException(LdapResultCode.Busy, "try later");

        Assert.StartsWith("TEMP ", await client.AskAsync("recipients", "nobody@example.com"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("recipients", "nobody@example.com")]
    [InlineData("recipients", "@example.org")]
    [InlineData("domains", "example.org")]
    public async Task Before_the_first_synchronization_the_reply_is_TEMP(string map, string key)
    {
        _edge.Forget();
        SocketmapClient client = await ConnectAsync();

        Assert.StartsWith("TEMP no synchronization", await client.AskAsync(map, key), StringComparison.Ordinal);

        _edge.Complete();
        Assert.Equal("NOTFOUND ", await client.AskAsync(map, key));
    }

    [Fact]
    public async Task Connection_above_the_limit_is_refused_until_another_ends()
    {
        SocketmapOptions options = new() { MaxConnections = 2 };
        SocketmapClient first = await ConnectAsync(options);
        SocketmapClient second = await ConnectAsync();
        await first.AskAsync("domains", "example.com");
        await second.AskAsync("domains", "example.com");

        SocketmapClient third = await ConnectAsync();
        Assert.Equal("TEMP too many connections", await third.ReadAsync());
        Assert.Null(await third.ReadAsync());

        first.Dispose();
        string? reply;
        do
        {
            // The server sees the end of the first one in its own time.
            SocketmapClient next = await ConnectAsync();
            await next.SendAsync(SocketmapClient.Request("domains example.com"));
            reply = await next.ReadAsync();
        }
        while (reply is null || reply.StartsWith("TEMP", StringComparison.Ordinal));

        Assert.Equal("OK authoritative", reply);
    }

    [Fact]
    public async Task Idle_connection_is_closed_and_a_busy_one_is_kept()
    {
        SocketmapOptions options = new();
        SocketmapClient idle = await ConnectAsync(options);
        SocketmapClient busy = await ConnectAsync();
        await idle.AskAsync("domains", "example.com");
        await busy.AskAsync("domains", "example.com");

        _time.Advance(options.IdleTimeout - TimeSpan.FromSeconds(1));
        await busy.AskAsync("domains", "example.com");
        _time.Advance(TimeSpan.FromMinutes(2));

        Assert.Null(await idle.ReadAsync());
        Assert.Equal("OK authoritative", await busy.AskAsync("domains", "example.com"));
    }

    [Fact]
    public async Task Octets_that_make_no_request_do_not_keep_a_connection_open()
    {
        SocketmapOptions options = new();
        SocketmapClient slow = await ConnectAsync(options);
        await slow.AskAsync("domains", "example.com");

        await slow.SendAsync("27:reci"u8.ToArray());
        _time.Advance(options.IdleTimeout * 2);

        Assert.Null(await slow.ReadAsync());
    }

    [Fact]
    public async Task Stop_lets_the_request_in_work_end_and_closes_idle_connections()
    {
        SocketmapClient idle = await ConnectAsync();
        SocketmapClient client = await ConnectAsync();
        await idle.AskAsync("domains", "example.com");
        TaskCompletionSource entered = new();
        TaskCompletionSource go = new();
        _edge.OnSearch = _ =>
        {
            entered.TrySetResult();
            return go.Task;
        };
        Task<string> answer = client.AskAsync("recipients", "anna@example.com");
        await entered.Task;

        Task stop = _server!.StopAsync();
        Assert.Null(await idle.ReadAsync());
        go.SetResult();

        Assert.Equal("OK authoritative", await answer);
        await stop;
        await Assert.ThrowsAsync<SocketException>(() => ConnectAsync());
    }

    [Fact]
    public async Task Stop_waits_for_a_hanging_directory_no_longer_than_its_grace()
    {
        SocketmapOptions options = new();
        SocketmapClient client = await ConnectAsync(options);
        TaskCompletionSource entered = new();
        _edge.OnSearch = _ =>
        {
            entered.TrySetResult();
            return new TaskCompletionSource().Task;
        };
        Task sending = client.SendAsync(SocketmapClient.Request("recipients anna@example.com"));
        await entered.Task;
        await sending;

        Task stop = _server!.StopAsync();
        Task reading = client.ReadAsync();
        while (!stop.IsCompleted)
        {
            _time.Advance(options.ShutdownGrace);
            await Task.Yield();
        }

        await stop;
        await reading;
    }

    [Fact]
    public async Task Port_in_use_is_named()
    {
        await ConnectAsync();
        int port = ((IPEndPoint)_server!.EndPoint).Port;

        IOException e = await Assert.ThrowsAsync<IOException>(() => SocketmapServer.StartAsync(
            SocketmapEndpoint.Tcp(IPAddress.Loopback, port), _edge.Lookup(), new SocketmapOptions(), NullLoggerFactory.Instance));

        Assert.Contains($"127.0.0.1:{port}", e.Message, StringComparison.Ordinal);
    }
}

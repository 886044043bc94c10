using System.Net;
using System.Net.Sockets;
using System.Text;
using Postern.Ldap.Client.Tests.Scripted;
using Postern.Testing;

namespace Postern.Ldap.Client.Tests.Connecting;

public sealed class ConnectTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Unknown_name_is_told_as_such()
    {
        LdapConnectionException failure = await FailsAsync(new LdapClientOptions { Endpoint = LdapEndpoint.Parse("ldap://no-such-host.invalid") });

        Assert.Equal(LdapFailureKind.NameNotFound, failure.Kind);
        Assert.Contains("no-such-host.invalid", failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Hint);
    }

    [Fact]
    public async Task Closed_port_is_told_as_refused()
    {
        int port = LoopbackPort.Free();

        LdapConnectionException failure = await FailsAsync(new LdapClientOptions { Endpoint = new LdapEndpoint("127.0.0.1", port, false) });

        Assert.Equal(LdapFailureKind.Refused, failure.Kind);
        Assert.Contains($"127.0.0.1:{port}", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Server_that_says_nothing_is_given_up(bool ldaps)
    {
        ManualTimeProvider time = new();
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        Task<LdapConnectionException> failing = FailsAsync(new LdapClientOptions
        {
            Endpoint = new LdapEndpoint("127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port, ldaps),
            StartTls = !ldaps,
            Time = time,
        });
        using Socket accepted = await silent.AcceptSocketAsync();
        await accepted.ReceiveAsync(new byte[1]);

        time.Advance(TimeSpan.FromSeconds(15));

        LdapConnectionException failure = await failing;
        Assert.Equal(LdapFailureKind.TimedOut, failure.Kind);
        Assert.Contains("15 s", failure.Message, StringComparison.Ordinal);
        Assert.Contains(ldaps ? "hands for TLS" : "StartTLS", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelled_connect_is_a_cancellation()
    {
        using TcpListener silent = new(IPAddress.Loopback, 0);
        silent.Start();
        using CancellationTokenSource cancel = new(Short);
        LdapClientOptions options = new() { Endpoint = new LdapEndpoint("127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port, true) };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => LdapConnection.ConnectAsync(options, cancel.Token));
    }

    [Fact]
    public async Task Port_without_TLS_is_told_as_a_failed_handshake()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.SendRawAsync(Encoding.ASCII.GetBytes("220 mail.example.com ESMTP\r\n"));
            await Assert.ThrowsAnyAsync<Exception>(session.ReadAsync);
        });

        LdapConnectionException failure = await FailsAsync(peer.Options with { Endpoint = peer.Options.Endpoint with { Ldaps = true } });

        Assert.Equal(LdapFailureKind.TlsFailed, failure.Kind);
        Assert.Contains("may not speak TLS", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Handshake_cut_short_is_told_as_failed()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(_ => Task.CompletedTask);

        LdapConnectionException failure = await FailsAsync(peer.Options with { Endpoint = peer.Options.Endpoint with { Ldaps = true } });

        Assert.Equal(LdapFailureKind.TlsFailed, failure.Kind);
    }

    internal static Task<LdapConnectionException> FailsAsync(LdapClientOptions options) =>
        Assert.ThrowsAsync<LdapConnectionException>(async () => await (await LdapConnection.ConnectAsync(options)).DisposeAsync());
}

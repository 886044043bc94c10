using System.Security.Cryptography.X509Certificates;
using Postern.Testing;

namespace Postern.Ldap.Server.Tests.Tls;

public class TlsTests
{
    private static readonly ExtendedRequest StartTls = new(LdapOids.StartTls);
    private static readonly ExtendedRequest WhoAmI = new(LdapOids.WhoAmI);

    [Fact]
    public async Task StartTls_protects_the_session_and_forgets_who_was_heard_in_clear()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        ExtendedResponse answer = (ExtendedResponse)(await client.AskAsync(StartTls)).Operation;
        Assert.Equal((LdapResultCode.Success, LdapOids.StartTls), (answer.Result.Code, answer.Name));
        await client.HandshakeAsync();
        Assert.Equal("", await Sessions.BindTests.WhoAsync(client));
        Assert.True((await client.ResultAsync(BindRequest.Simple(FakeAuthenticator.Admin, "secret"))).IsSuccess);
        Assert.True(server.Authenticator.LastPeer!.IsTls);
        Assert.Equal(LdapResultCode.OperationsError, (await client.ResultAsync(StartTls)).Code);
    }

    [Theory]
    [InlineData(LdapOids.StartTls)]
    [InlineData(LdapOids.WhoAmI)]
    public async Task Requests_without_a_value_do_not_take_one(string oid)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ResultAsync(new ExtendedRequest(oid, new byte[] { 1 }))).Code);
        Assert.Equal(FakeAuthenticator.Admin, (await Sessions.BindTests.WhoAsync(client))["dn:".Length..]);
    }

    [Fact]
    public async Task Octets_behind_StartTls_are_never_believed()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(1));
        using TestClient client = await server.ConnectAsync();
        byte[] injected =
        [
            .. Codec.LdapCodec.Encode(new LdapMessage(1, StartTls)),
            .. Codec.LdapCodec.Encode(new LdapMessage(2, new DelRequest("cn=p0,o=test"))),
        ];
        await client.SendRawAsync(injected);
        Assert.Equal(LdapResultCode.OperationsError, TestClient.ResultOf((await client.ReceiveAsync())!.Operation).Code);
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ExpectNoticeAsync()).Code);
        await client.ExpectEndAsync();
        Assert.Single(server.Directory.Names);
    }

    [Fact]
    public async Task Clear_text_after_the_StartTls_answer_is_never_believed()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(1));
        using TestClient client = await server.ConnectAsync();
        await client.AskAsync(StartTls);
        await client.SendAsync(new DelRequest("cn=p0,o=test"));
        try
        {
            while (await client.ReceiveAsync() is not null)
            {
                Assert.Fail("an answer in clear");
            }
        }
        catch (InvalidDataException)
        {
            // A TLS alert, which is no LDAP.
        }

        Assert.Single(server.Directory.Names);
    }

    [Fact]
    public async Task StartTls_waits_for_no_operation()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory { OnSearch = (_, token) => Endless.Search(token) });
        using TestClient client = await server.ConnectAsync();
        await client.SendAsync(SearchRequest.ReadEntry(""));
        LdapResult result = await client.ResultAsync(StartTls);
        Assert.Equal((LdapResultCode.OperationsError, "StartTLS while 1 operations are outstanding"), (result.Code, result.DiagnosticMessage));
    }

    [Fact]
    public async Task StartTls_without_a_certificate_is_not_offered()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new ServerSetup(new FakeDirectory()) { WithTls = false });
        using TestClient client = await server.ConnectAsync();
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ResultAsync(StartTls)).Code);
        await client.AskAsync(WhoAmI);
    }

    [Fact]
    public async Task Certificate_is_swapped_while_a_session_stays_open()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient before = await server.ConnectTlsAsync();
        await before.AskAsync(WhoAmI);
        X509Certificate2 old = server.Certificate;
        server.Certificate = server.Authority.IssueServer();
        using TestClient after = await server.ConnectTlsAsync();
        Assert.Equal(old.Thumbprint, before.ServerCertificate!.Thumbprint);
        Assert.Equal(server.Certificate.Thumbprint, after.ServerCertificate!.Thumbprint);
        await before.AskAsync(WhoAmI);
        await after.AskAsync(WhoAmI);
    }

    [Fact]
    public async Task Missing_certificate_costs_the_connection_and_no_other()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new ServerSetup(new FakeDirectory()) { ExpectErrors = true });
        using TestClient open = await server.ConnectTlsAsync();
        X509Certificate2 good = server.Certificate;
        server.Certificate = null!;
        await Assert.ThrowsAnyAsync<IOException>(server.ConnectTlsAsync);
        await open.AskAsync(WhoAmI);
        server.Certificate = good;
        using TestClient again = await server.ConnectTlsAsync();
    }

    [Fact]
    public async Task Client_certificate_reaches_the_authenticator()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using X509Certificate2 mine = server.Authority.IssueServer("client.example");
        using TestClient client = await TestClient.ConnectAsync(server.Ldaps);
        await client.HandshakeAsync(mine);
        await client.ResultAsync(BindRequest.External());
        Assert.Equal(mine.Thumbprint, server.Authenticator.LastPeer!.ClientCertificate!.Thumbprint);
        using TestClient without = await server.ConnectTlsAsync();
        await without.ResultAsync(BindRequest.External());
        Assert.Null(server.Authenticator.LastPeer!.ClientCertificate);
    }

    [Fact]
    public async Task Slow_handshake_is_cut_off()
    {
        ManualTimeProvider time = new();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(time: time);
        using TestClient slow = await TestClient.ConnectAsync(server.Ldaps);
        await slow.SendRawAsync(new byte[] { 0x16, 3, 1, 2, 0, 1, 0 }); // a ClientHello's beginning, and nothing more
        Task end = slow.ExpectEndAsync();
        await Eventually.EndsAsync(end, () => time.Advance(TimeSpan.FromSeconds(10)));
        await Eventually.TrueAsync(() => server.Log.Lines.Any(l => l.Text.Contains("not finished after 10 s", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Handshakes_of_garbage_do_not_kill_the_server()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        Random random = new(7);
        for (int i = 0; i < 100; i++)
        {
            byte[] garbage = new byte[random.Next(1, 2000)];
            random.NextBytes(garbage);
            if (i % 2 == 0)
            {
                ReadOnlySpan<byte> hello = [0x16, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3];
                hello[..Math.Min(hello.Length, garbage.Length)].CopyTo(garbage);
            }

            using TestClient client = await TestClient.ConnectAsync(server.Ldaps);
            try
            {
                await client.SendRawAsync(garbage);
                client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
            {
                // The server was faster.
            }
        }

        using TestClient sane = await server.ConnectTlsAsync();
        await sane.AskAsync(WhoAmI);
    }
}

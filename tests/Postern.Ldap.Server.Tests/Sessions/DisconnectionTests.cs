using Postern.Ldap.Codec;

namespace Postern.Ldap.Server.Tests.Sessions;

/// <summary>What ends a session, with which words.</summary>
public class DisconnectionTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\0\0\0\0")]
    [InlineData("0\u0003\u0002\u0001\u0001")] // a message with an id and nothing else
    public async Task Garbage_gets_a_notice_with_protocolError(string garbage)
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient plain = await server.ConnectAsync();
        await plain.SendRawAsync(System.Text.Encoding.Latin1.GetBytes(garbage));
        Assert.Equal(LdapResultCode.ProtocolError, (await plain.ExpectNoticeAsync()).Code);
        await plain.ExpectEndAsync();

        using TestClient tls = await server.ConnectTlsAsync();
        await tls.SendRawAsync(System.Text.Encoding.Latin1.GetBytes(garbage));
        Assert.Equal(LdapResultCode.ProtocolError, (await tls.ExpectNoticeAsync()).Code);
        await tls.ExpectEndAsync();
    }

    [Fact]
    public async Task Tls_handshake_on_the_ldap_port_is_told_so()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        await client.SendRawAsync(new byte[] { 0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5 });
        Assert.Contains("TLS handshake", (await client.ExpectNoticeAsync()).DiagnosticMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Response_from_a_client_ends_the_session()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        await client.SendAsync(new AddResponse(LdapResult.Success));
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ExpectNoticeAsync()).Code);
    }

    [Fact]
    public async Task Message_id_zero_ends_the_session()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        await client.SendRawAsync(LdapCodec.Encode(new LdapMessage(0, new DelRequest("cn=x"))));
        Assert.Contains("message id 0", (await client.ExpectNoticeAsync()).DiagnosticMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_id_in_use_ends_the_session()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory { OnSearch = (_, token) => Endless.Search(token) });
        using TestClient client = await server.ConnectAsync();
        LdapMessage search = new(7, SearchRequest.ReadEntry(""));
        await client.SendRawAsync(LdapCodec.Encode(search));
        await client.SendRawAsync(LdapCodec.Encode(search));
        Assert.Contains("message id 7", (await client.ExpectNoticeAsync()).DiagnosticMessage, StringComparison.Ordinal);
        await client.ExpectEndAsync();
    }

    [Fact]
    public async Task Half_a_message_and_then_the_end_ends_the_session_quietly()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        await client.SendRawAsync(LdapCodec.Encode(new LdapMessage(1, new DelRequest("cn=x"))).AsMemory(..5));
        client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
        await client.ExpectEndAsync();
    }

    [Fact]
    public async Task Lost_connection_stops_its_searches()
    {
        TaskCompletionSource ended = new();
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory { OnSearch = (_, token) => Endless.Search(token, ended) });
        using (TestClient client = await server.ConnectAsync())
        {
            await client.SendAsync(SearchRequest.ReadEntry(""));
            Assert.NotEmpty((await client.AskAsync(new ExtendedRequest(LdapOids.WhoAmI))).Operation.ToString());
        }

        await ended.Task.WaitAsync(TestClient.Patience);
    }

    [Fact]
    public async Task Thousand_mutated_streams_do_not_kill_the_server()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(20));
        byte[] good =
        [
            .. LdapCodec.Encode(new LdapMessage(1, BindRequest.Simple(FakeAuthenticator.Admin, "secret"))),
            .. LdapCodec.Encode(new LdapMessage(2, new SearchRequest("o=test", SearchScope.WholeSubtree, Filter.Equal("cn", "p1"), ["cn"]) { SizeLimit = 5 })),
            .. LdapCodec.Encode(new LdapMessage(3, new AddRequest("cn=new,o=test", new LdapAttribute("cn", "new")))),
            .. LdapCodec.Encode(new LdapMessage(4, new ExtendedRequest(LdapOids.StartLburpRequest, Lburp.EncodeStart(LdapOids.LburpIncrementalStyle)))),
            .. LdapCodec.Encode(new LdapMessage(5, new ExtendedRequest(LdapOids.LburpUpdateRequest, Lburp.EncodeUpdate(1, [new DelRequest("cn=p1,o=test")])))),
            .. LdapCodec.Encode(new LdapMessage(6, new ExtendedRequest(LdapOids.EndLburpRequest, Lburp.EncodeEnd(2)))),
            .. LdapCodec.Encode(new LdapMessage(7, new AbandonRequest(2), [new LdapControl("1.2.3", true, null)])),
            .. LdapCodec.Encode(new LdapMessage(8, new CompareRequest("cn=p2,o=test", "cn", "p2"u8.ToArray()))),
            .. LdapCodec.Encode(new LdapMessage(9, new UnbindRequest())),
        ];
        Random random = new(20260101);
        for (int i = 0; i < 1000; i++)
        {
            byte[] bad = Mutate(good, random);
            using TestClient client = await server.ConnectAsync();
            await client.SendRawAsync(bad);
            try
            {
                client.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            }
            catch (System.Net.Sockets.SocketException)
            {
                continue; // the server was faster and has closed
            }

            while (await client.ReceiveAsync() is not null)
            {
                // Whatever it answers is whole LDAP messages, or this throws.
            }
        }

        using TestClient sane = await server.ConnectBoundAsync();
        Assert.Equal($"dn:{FakeAuthenticator.Admin}", await BindTests.WhoAsync(sane));
    }

    private static byte[] Mutate(byte[] good, Random random)
    {
        List<byte> octets = [.. good];
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            int at = random.Next(octets.Count);
            switch (random.Next(4))
            {
                case 0: octets[at] = (byte)random.Next(256); break;
                case 1: octets.RemoveAt(at); break;
                case 2: octets.Insert(at, (byte)random.Next(256)); break;
                default: octets[at] ^= (byte)(1 << random.Next(8)); break;
            }
        }

        return [.. octets.Take(random.Next(4) == 0 ? random.Next(1, octets.Count) : octets.Count)];
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Postern.Ldap.Client.Tests.Scripted;
using Postern.Ldap.Codec;
using Postern.Testing;

namespace Postern.Ldap.Client.Tests.Connecting;

/// <summary>StartTLS is a wall: nothing in clear passes it, and there is no way around.</summary>
public sealed class StartTlsTests : IDisposable
{
    private readonly Certs _certs = Certs.Create();
    private readonly X509Certificate2 _server;

    public StartTlsTests() => _server = _certs.IssueServer();

    public void Dispose()
    {
        _server.Dispose();
        _certs.Dispose();
    }

    [Fact]
    public async Task Session_goes_on_under_TLS()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(
            async session =>
            {
                (int id, ExtendedRequest request) = await session.ReadAsync<ExtendedRequest>();
                Assert.Equal(LdapOids.StartTls, request.Name);
                await session.SendAsync(id, new ExtendedResponse(LdapResult.Success, LdapOids.StartTls));
                await session.HandshakeAsync();
                (int next, _) = await session.ReadAsync<ExtendedRequest>();
                Assert.True(next > id);
                await session.SendAsync(next, Answers.WhoAmI("dn:cn=a"));
                await session.UntilClosedAsync();
            },
            _server);

        await using LdapConnection connection = await ConnectAsync(peer);

        Assert.True(connection.IsTls);
        Assert.Equal("dn:cn=a", await connection.WhoAmIAsync());
    }

    [Fact]
    public async Task Refusal_ends_the_connection()
    {
        bool closed = false;
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, new ExtendedResponse(new LdapResult(LdapResultCode.ProtocolError, "no TLS here")));
            closed = await session.TryReadAsync() is null;
        });

        LdapConnectionException failure = await FailsAsync(peer);

        Assert.Equal(LdapFailureKind.StartTlsRefused, failure.Kind);
        Assert.Contains("no TLS here", failure.Message, StringComparison.Ordinal);
        await peer.Finished;
        Assert.True(closed);
    }

    [Fact]
    public async Task Octets_behind_the_answer_are_an_attack()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(
            async session =>
            {
                (int id, _) = await session.ReadAsync<ExtendedRequest>();
                // What somebody between would like to be taken for the server's answer to the bind under TLS.
                await session.SendAsync(
                    new LdapMessage(id, new ExtendedResponse(LdapResult.Success, LdapOids.StartTls)),
                    new LdapMessage(id + 1, new BindResponse(LdapResult.Success)));
                await Assert.ThrowsAnyAsync<Exception>(session.HandshakeAsync);
            },
            _server);

        LdapConnectionException failure = await FailsAsync(peer);

        Assert.Equal(LdapFailureKind.StartTlsRefused, failure.Kind);
        Assert.Contains("in clear", failure.Message, StringComparison.Ordinal);
        await peer.Finished;
    }

    [Fact]
    public async Task Every_truncation_of_the_answer_is_a_failure()
    {
        byte[] answer = LdapCodec.Encode(new LdapMessage(1, new ExtendedResponse(LdapResult.Success, LdapOids.StartTls)));
        for (int length = 0; length < answer.Length; length++)
        {
            ReadOnlyMemory<byte> part = answer.AsMemory(0, length);
            await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
            {
                await session.ReadAsync();
                await session.SendRawAsync(part);
            });

            Assert.Equal(LdapFailureKind.StartTlsRefused, (await FailsAsync(peer)).Kind);
        }
    }

    public static TheoryData<byte[], LdapFailureKind> WrongAnswers => new()
    {
        { "HTTP/1.1 400 Bad Request\r\n"u8.ToArray(), LdapFailureKind.ProtocolError },
        { [0x30, 0x84, 0x7f, 0xff, 0xff, 0xff], LdapFailureKind.ProtocolError },
        { LdapCodec.Encode(new LdapMessage(2, new ExtendedResponse(LdapResult.Success))), LdapFailureKind.ProtocolError },
        { LdapCodec.Encode(new LdapMessage(1, new BindResponse(LdapResult.Success))), LdapFailureKind.ProtocolError },
        { LdapCodec.Encode(Answers.Notice(LdapResultCode.Unavailable, "going down")), LdapFailureKind.ConnectionLost },
    };

    [Theory]
    [MemberData(nameof(WrongAnswers))]
    public async Task What_is_no_answer_is_a_failure(byte[] answer, LdapFailureKind kind)
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.ReadAsync();
            await session.SendRawAsync(answer);
            await session.UntilClosedAsync();
        });

        Assert.Equal(kind, (await FailsAsync(peer)).Kind);
    }

    [Fact]
    public async Task StartTls_is_for_plain_endpoints_and_no_request_of_its_own()
    {
        LdapClientOptions both = new() { Endpoint = LdapEndpoint.Parse("ldaps://127.0.0.1"), StartTls = true };
        await Assert.ThrowsAsync<ArgumentException>(() => LdapConnection.ConnectAsync(both));

        await using ScriptedPeer peer = ScriptedPeer.Plain(session => session.UntilClosedAsync());
        await using LdapConnection connection = await peer.ConnectAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => connection.ExtendedAsync(new ExtendedRequest(LdapOids.StartTls)));
    }

    private Task<LdapConnection> ConnectAsync(ScriptedPeer peer) => LdapConnection.ConnectAsync(Options(peer));

    private Task<LdapConnectionException> FailsAsync(ScriptedPeer peer) => ConnectTests.FailsAsync(Options(peer));

    private LdapClientOptions Options(ScriptedPeer peer) => peer.Options with
    {
        StartTls = true,
        Trust = new LdapTrust.Pin(SHA256.HashData(_server.RawData)),
    };
}

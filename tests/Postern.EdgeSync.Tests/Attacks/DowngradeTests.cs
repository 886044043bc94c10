using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Diagnosis;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Tests.Attacks;

/// <summary>Somebody between who would have hub and edge speak an older TLS, or none.</summary>
public sealed class DowngradeTests
{
    /// <summary>ServerHello of TLS 1.1 (RFC 4346 section 7.4.1.3): version 3.2, 32 octets of random, no session,
    /// TLS_RSA_WITH_AES_128_CBC_SHA, no compression.</summary>
    private static readonly byte[] OldServerHello =
    [
        0x16, 0x03, 0x02, 0x00, 42,
        0x02, 0x00, 0x00, 38, 0x03, 0x02, .. Enumerable.Repeat((byte)0x5a, 32), 0x00, 0x00, 0x2f, 0x00,
    ];

    /// <summary>ClientHello of TLS 1.1: version 3.2, one suite, no extensions (so no supported_versions).</summary>
    private static readonly byte[] OldClientHello =
    [
        0x16, 0x03, 0x01, 0x00, 45,
        0x01, 0x00, 0x00, 41, 0x03, 0x02, .. Enumerable.Repeat((byte)0x5a, 32), 0x00, 0x00, 0x02, 0x00, 0x2f, 0x01, 0x00,
    ];

    /// <summary>RFC 8446 section 6: alert, fatal.</summary>
    private const byte Alert = 0x15;
    private const byte Fatal = 2;

    [Fact]
    public async Task Hub_does_not_follow_a_server_to_tls_1_1()
    {
        await using Ward ward = await Ward.OpenAsync();
        await using Impostor between = Impostor.Saying(OldServerHello);
        await ward.DialAsync(between.Address);
        IReadOnlyList<SyncResult> results = await ward.TrySynchronizeAsync();
        Assert.All(results, result => Assert.Equal(SyncOutcome.CouldNotConnect, result.Result));
        Assert.All(results, result => Assert.Contains("TLS", result.FailureDetails, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Edge_does_not_follow_a_client_to_tls_1_1()
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        byte[] answer = await SayAsync(edge, OldClientHello);
        Assert.True(answer is [Alert, _, _, 0, 2, Fatal, ..] or [], Convert.ToHexString(answer));
    }

    [Fact]
    public async Task Edge_says_nothing_in_clear_on_its_ldaps_port()
    {
        await using TestEdge edge = await TestEdge.StartAsync();

        // An anonymous bind, RFC 4511 section 4.2; the answer would begin with 0x30.
        byte[] answer = await SayAsync(edge, [0x30, 0x0c, 0x02, 0x01, 0x01, 0x60, 0x07, 0x02, 0x01, 0x03, 0x04, 0x00, 0x80, 0x00]);
        Assert.False(answer is [0x30, ..], Convert.ToHexString(answer));
    }

    /// <summary>Whoever has no hub's key gets a session at most, of one of the two versions that are allowed.</summary>
    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Edge_takes_tls_1_2_and_1_3_with_forward_secrecy(SslProtocols version)
    {
        await using TestEdge edge = await TestEdge.StartAsync();
        edge.Service.EnsureCertificate(TestEdge.Fqdn);
        LdapEndpoint endpoint = LdapEndpoint.Parse($"ldaps://{edge.Address}");
        using TcpClient client = new(endpoint.Host, endpoint.Port);
        await using SslStream tls = new(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = TestEdge.Fqdn,
            EnabledSslProtocols = version,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null,
        });
        Assert.Equal(version, tls.SslProtocol);
        string suite = tls.NegotiatedCipherSuite.ToString();
        Assert.True(version == SslProtocols.Tls13 || suite.Contains("ECDHE", StringComparison.Ordinal) || suite.Contains("DHE", StringComparison.Ordinal), suite);
    }

    private static async Task<byte[]> SayAsync(TestEdge edge, byte[] octets)
    {
        LdapEndpoint endpoint = LdapEndpoint.Parse($"ldaps://{edge.Address}");
        using TcpClient client = new(endpoint.Host, endpoint.Port);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(octets);
        client.Client.Shutdown(SocketShutdown.Send);
        using MemoryStream heard = new();
        try
        {
            await stream.CopyToAsync(heard);
        }
        catch (IOException)
        {
            // Reset: no answer either.
        }

        return heard.ToArray();
    }
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Postern.Transport.Services;

namespace Postern.Transport.Tests.Services;

/// <summary>A client that stays: its session began before something changed.</summary>
internal sealed class TlsClient : IAsyncDisposable
{
    private readonly TcpClient _client = new();
    private SslStream? _tls;

    /// <summary>SHA-256 of the certificate of this session.</summary>
    public string Sha256 { get; private set; } = "";

    /// <param name="talk">What is said before TLS, line by line; each answer ends with a line.</param>
    public static async Task<TlsClient> ConnectAsync(int port, params string[] talk)
    {
        TlsClient client = new();
        await client._client.ConnectAsync(IPAddress.Loopback, port);
        NetworkStream stream = client._client.GetStream();
        byte[] buffer = new byte[4096];
        foreach (string line in talk)
        {
            Assert.NotEqual(0, await stream.ReadAsync(buffer));
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
        }

        if (talk.Length > 0)
        {
            Assert.NotEqual(0, await stream.ReadAsync(buffer));
        }

        client._tls = new SslStream(stream, false, (_, certificate, _, _) => certificate is not null);
        await client._tls.AuthenticateAsClientAsync("");
        client.Sha256 = Convert.ToHexStringLower(SHA256.HashData(client._tls.RemoteCertificate!.GetRawCertData()));
        return client;
    }

    /// <summary>One line, and what comes back.</summary>
    public async Task<string> SayAsync(string line)
    {
        await _tls!.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"));
        byte[] buffer = new byte[4096];
        return Encoding.ASCII.GetString(buffer, 0, await _tls.ReadAsync(buffer));
    }

    /// <summary>What the product sees, now.</summary>
    public static Task<string> ShownAsync(int port, ProbeProtocol protocol, string? name = null) =>
        ServedCertificate.AskAsync(new ServiceProbe(default, $"127.0.0.1:{port}", protocol, name, "", false), CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        if (_tls is not null)
        {
            await _tls.DisposeAsync();
        }

        _client.Dispose();
    }
}

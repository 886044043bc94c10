using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Postern.Certificates;

namespace Postern.Control;

/// <summary>A way to a daemon: the Unix socket of a data folder, or HTTPS with a token.</summary>
/// <param name="Name">For people.</param>
/// <param name="Host">Of the Host header.</param>
/// <param name="Token">Null on the socket: whoever may open it may everything.</param>
/// <param name="ConnectAsync">The stream that requests go over.</param>
internal sealed record DaemonDoor(string Name, string Host, string? Token, Func<CancellationToken, Task<Stream>> ConnectAsync)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static DaemonDoor OfSocket(string path) => new(path, "postern", null, async cancellationToken =>
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    });

    /// <param name="pin">SHA-256 of the one certificate that is trusted; else the chain must end at <paramref name="authorities"/>, or at the system's
    /// where there are none, and name the host.</param>
    public static DaemonDoor OfServer(Uri server, string token, CertificatePin? pin, X509Certificate2Collection? authorities) => new(
        server.GetLeftPart(UriPartial.Authority), server.Authority, token, async cancellationToken =>
        {
            using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(Patience);
            TcpClient client = new();
            try
            {
                await client.ConnectAsync(server.Host.Trim('[', ']'), server.Port, patience.Token);
                SslStream stream = new(client.GetStream(), leaveInnerStreamOpen: false);
                await stream.AuthenticateAsClientAsync(Trust(server.Host.Trim('[', ']'), pin, authorities), patience.Token);
                return stream;
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                client.Dispose();
                throw new IOException(string.Create(CultureInfo.InvariantCulture, $"no answer within {Patience.TotalSeconds} s"), e);
            }
            catch
            {
                client.Dispose();
                throw;
            }
        });

    private static SslClientAuthenticationOptions Trust(string host, CertificatePin? pin, X509Certificate2Collection? authorities)
    {
        SslClientAuthenticationOptions options = new() { TargetHost = host, EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13 };
        if (pin is { } one)
        {
            options.RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 certificate && one.Matches(certificate);
        }
        else if (authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        return options;
    }
}

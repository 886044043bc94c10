using System.Net;
using System.Net.Sockets;

namespace Postern.Ldap.Client.Connecting;

/// <summary>Name to connected socket.</summary>
internal static class Dialer
{
    private const int KeepAliveIntervalSeconds = 6;

    /// <summary>Signs of life missed until the kernel gives the connection up. A silent death is then noticed within two minutes.</summary>
    private const int KeepAliveRetries = 8;

    /// <exception cref="LdapConnectionException">NameNotFound, Refused or TimedOut; of several addresses the last one's failure.</exception>
    public static async Task<Socket> DialAsync(LdapClientOptions options, CancellationToken cancellationToken)
    {
        LdapEndpoint endpoint = options.Endpoint;
        IPAddress[] addresses = await ResolveAsync(endpoint, cancellationToken).ConfigureAwait(false);
        LdapConnectionException? last = null;
        for (int i = 0; i < addresses.Length; i++)
        {
            // Each address gets an even share of the time, so that a dead first one leaves something for the next.
            TimeSpan share = options.ConnectTimeout / addresses.Length;
            using CancellationTokenSource turn = new(share, options.Time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(turn.Token, cancellationToken);
            Socket socket = new(addresses[i].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                // Requests are small and each waits for its answer: Nagle would add 40 ms to many of them.
                socket.NoDelay = true;
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Math.Max(1, (int)options.KeepAliveTime.TotalSeconds));
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, KeepAliveIntervalSeconds);
                socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, KeepAliveRetries);
                await socket.ConnectAsync(new IPEndPoint(addresses[i], endpoint.Port), either.Token).ConfigureAwait(false);
                return socket;
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = LdapFailures.NotReached(endpoint, addresses[i], e);
            }
            catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
            {
                socket.Dispose();
                last = LdapFailures.TimedOut(endpoint, $"connecting to {new IPEndPoint(addresses[i], endpoint.Port)}", share, e);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last!;
    }

    private static async Task<IPAddress[]> ResolveAsync(LdapEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(endpoint.Host, out IPAddress? literal))
        {
            return [literal];
        }

        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(endpoint.Host, cancellationToken).ConfigureAwait(false);
            return addresses.Length > 0
                ? addresses
                : throw LdapFailures.NameNotFound(endpoint, new SocketException((int)SocketError.HostNotFound));
        }
        catch (SocketException e)
        {
            throw LdapFailures.NameNotFound(endpoint, e);
        }
    }
}

using System.Net;
using System.Net.Sockets;

namespace Postern.Testing;

/// <summary>Ports for programs that cannot bind port 0 and tell.</summary>
public static class LoopbackPort
{
    // Below Linux's ephemeral range (32768-60999): no outgoing connection takes the port between two starts of a server.
    private const int First = 20_000;
    private const int Last = 31_999;
    private const int Attempts = 200;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>A port of 127.0.0.1 that nobody listens on right now.</summary>
    public static int Free()
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            int port = Random.Shared.Next(First, Last + 1);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: try another.
            }
        }

        throw new InvalidOperationException($"No free port on 127.0.0.1 between {First} and {Last} after {Attempts} attempts.");
    }

    /// <summary>Waits until someone accepts connections there.</summary>
    /// <param name="stillAlive">Says why waiting is pointless (the program ended, with its output), or null.</param>
    public static Task WaitUntilOpenAsync(int port, TimeSpan patience, Func<string?> stillAlive, CancellationToken cancellationToken = default) =>
        WaitUntilOpenAsync("127.0.0.1", port, patience, stillAlive, cancellationToken);

    /// <summary>The same at another address.</summary>
    public static async Task WaitUntilOpenAsync(string address, int port, TimeSpan patience, Func<string?> stillAlive, CancellationToken cancellationToken = default)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(address, port, cancellationToken);
                return;
            }
            catch (SocketException) when (TimeProvider.System.GetElapsedTime(start) < patience)
            {
                if (stillAlive() is { } reason)
                {
                    throw new InvalidOperationException(reason);
                }

                await Task.Delay(PollInterval, cancellationToken);
            }
        }
    }
}

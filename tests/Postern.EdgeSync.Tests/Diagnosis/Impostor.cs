using System.Net;
using System.Net.Sockets;

namespace Postern.EdgeSync.Tests.Diagnosis;

/// <summary>Something on a port of loopback that is no edge: it sends a few octets to whoever comes, and hangs up.</summary>
internal sealed class Impostor : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly List<Socket> _waiting = [];
    private Task _serving = Task.CompletedTask;

    private Impostor(int backlog)
    {
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _socket.Listen(backlog);
    }

    public string Address => _socket.LocalEndPoint!.ToString()!;

    public static Impostor Saying(params byte[] octets)
    {
        Impostor impostor = new(16);
        impostor._serving = impostor.ServeAsync(octets);
        return impostor;
    }

    /// <summary>Takes no connection: its queue is full, and the kernel drops what comes, as a firewall does.</summary>
    public static async Task<Impostor> SilentAsync()
    {
        Impostor impostor = new(0);

        // A queue of 0 takes one connection (listen(2) of Linux); the others wait for an answer to their SYN.
        for (int i = 0; i < 3; i++)
        {
            Socket client = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            impostor._waiting.Add(client);
            Task connecting = client.ConnectAsync(impostor._socket.LocalEndPoint!);
            if (i == 0)
            {
                await connecting;
            }
        }

        return impostor;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _waiting.ForEach(client => client.Dispose());
        await _serving;
    }

    private async Task ServeAsync(byte[] octets)
    {
        byte[] heard = new byte[4096];
        try
        {
            while (true)
            {
                using Socket client = await _socket.AcceptAsync();
                await client.ReceiveAsync(heard);
                await client.SendAsync(octets);
                client.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}

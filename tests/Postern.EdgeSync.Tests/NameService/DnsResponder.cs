using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postern.EdgeSync.Tests.NameService;

/// <summary>A name server on loopback, by UDP and TCP, that answers every question with what the test says.</summary>
internal sealed class DnsResponder : IAsyncDisposable
{
    private readonly Socket _udp = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly TcpListener _tcp;
    private readonly Func<byte[], bool, byte[][]> _answer;
    private readonly Task _running;

    /// <param name="answer">Gets the query and whether it came by TCP; the datagrams to send.</param>
    private DnsResponder(Func<byte[], bool, byte[][]> answer)
    {
        _answer = answer;
        _udp.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)_udp.LocalEndPoint!;
        _tcp = new TcpListener(EndPoint);
        _tcp.Start();
        _running = Task.WhenAll(Task.Run(ServeUdpAsync), Task.Run(ServeTcpAsync));
    }

    public IPEndPoint EndPoint { get; }

    public static DnsResponder Start(Func<byte[], bool, byte[][]> answer) => new(answer);

    /// <summary>Answers with these records, their targets compressed where they end as the question does.</summary>
    public static DnsResponder Of(params (ushort Priority, ushort Weight, ushort Port, string Target)[] records) =>
        new((query, _) => [Answer(query, 0x8180, records)]);

    public static byte[] Answer(byte[] query, ushort flags, params (ushort Priority, ushort Weight, ushort Port, string Target)[] records)
    {
        MemoryStream message = new();
        message.Write(query.AsSpan(0, 2));
        Write(message, flags, 1, (ushort)records.Length, 0, 0);
        message.Write(query.AsSpan(12));
        foreach ((ushort priority, ushort weight, ushort port, string target) in records)
        {
            byte[] name = [.. target.Split('.', StringSplitOptions.RemoveEmptyEntries).SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0];
            Write(message, 0xc00c, 33, 1, 0, 600, (ushort)(6 + name.Length), priority, weight, port);
            message.Write(name);
        }

        return message.ToArray();
    }

    public async ValueTask DisposeAsync()
    {
        _udp.Dispose();
        _tcp.Dispose();
        await _running;
    }

    private static void Write(MemoryStream message, params ushort[] fields)
    {
        Span<byte> octets = stackalloc byte[2];
        foreach (ushort field in fields)
        {
            BinaryPrimitives.WriteUInt16BigEndian(octets, field);
            message.Write(octets);
        }
    }

    private async Task ServeUdpAsync()
    {
        byte[] buffer = new byte[512];
        try
        {
            while (true)
            {
                SocketReceiveFromResult received = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0));
                foreach (byte[] answer in _answer(buffer[..received.ReceivedBytes], false))
                {
                    await _udp.SendToAsync(answer, received.RemoteEndPoint);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the test.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                using Socket socket = await _tcp.AcceptSocketAsync();
                await using NetworkStream stream = new(socket);
                byte[] prefix = new byte[2];
                await stream.ReadExactlyAsync(prefix);
                byte[] query = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
                await stream.ReadExactlyAsync(query);
                byte[] answer = _answer(query, true)[0];
                BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)answer.Length);
                await stream.WriteAsync((byte[])[.. prefix, .. answer]);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // The end of the test.
        }
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Postern.EdgeSync.NameService;

/// <summary>Asks the machine's name servers for SRV records, which the platform's resolver does not do. UDP first, TCP for long answers.</summary>
/// <param name="servers">In order; each is asked <see cref="Attempts"/> times.</param>
internal sealed class DnsClient(IReadOnlyList<IPEndPoint> servers, TimeProvider time)
{
    public const int Attempts = 2;

    /// <summary>As resolv.conf(5) has it by default.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private const string ResolverFile = "/etc/resolv.conf";
    private const int DnsPort = 53;
    private const int MaxMessageBytes = 65_535;

    /// <summary>The name servers of the machine: of its resolver file, else this machine itself, as resolv.conf(5) has it.</summary>
    public static DnsClient OfMachine(TimeProvider time)
    {
        string[] lines = File.Exists(ResolverFile) ? File.ReadAllLines(ResolverFile) : [];
        return new DnsClient(ServersOf(lines), time);
    }

    public static IReadOnlyList<IPEndPoint> ServersOf(IEnumerable<string> lines)
    {
        List<IPEndPoint> servers = [];
        foreach (string line in lines)
        {
            string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var address, ..] && IPAddress.TryParse(address, out IPAddress? server))
            {
                servers.Add(new IPEndPoint(server, DnsPort));
            }
        }

        return servers.Count > 0 ? servers : [new IPEndPoint(IPAddress.Loopback, DnsPort)];
    }

    /// <returns>As the server sent them; empty: there is no such name.</returns>
    /// <exception cref="DnsException">No server answered.</exception>
    public async Task<IReadOnlyList<SrvRecord>> FindAsync(string name, CancellationToken cancellationToken)
    {
        Exception? last = null;
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            foreach (IPEndPoint server in servers)
            {
                try
                {
                    using CancellationTokenSource timeout = new(Timeout, time);
                    using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
                    return await AskAsync(server, name, either.Token);
                }
                catch (Exception e) when (e is SocketException or IOException or FormatException or DnsException or OperationCanceledException)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    last = e is OperationCanceledException ? new DnsException($"no answer within {Timeout.TotalSeconds:0} s") : e;
                }
            }
        }

        throw new DnsException($"SRV records of {name}: asked {string.Join(", ", servers)}: {last!.Message}", last);
    }

    private static async Task<IReadOnlyList<SrvRecord>> AskAsync(IPEndPoint server, string name, CancellationToken cancellationToken)
    {
        // Not to be guessed by whoever would answer in the server's stead.
        byte[] query = DnsMessage.EncodeQuery((ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), name);
        using Socket socket = new(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken);
        await socket.SendAsync(query, cancellationToken);
        byte[] buffer = new byte[MaxMessageBytes];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, cancellationToken);
            try
            {
                return DnsMessage.DecodeAnswer(buffer.AsSpan(0, length), query) ?? await AskByTcpAsync(server, query, cancellationToken);
            }
            catch (FormatException)
            {
                // Not from whom we asked, perhaps: the right answer may still come.
            }
        }
    }

    private static async Task<IReadOnlyList<SrvRecord>> AskByTcpAsync(IPEndPoint server, byte[] query, CancellationToken cancellationToken)
    {
        using Socket socket = new(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken);
        await using NetworkStream stream = new(socket);
        byte[] prefix = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)query.Length);
        await stream.WriteAsync((byte[])[.. prefix, .. query], cancellationToken);
        await stream.ReadExactlyAsync(prefix, cancellationToken);
        byte[] answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(answer, cancellationToken);
        return DnsMessage.DecodeAnswer(answer, query) ?? throw new DnsException("an answer cut short although asked for by TCP");
    }
}

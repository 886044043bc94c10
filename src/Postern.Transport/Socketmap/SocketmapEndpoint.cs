using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Postern.Transport;

/// <summary>Where the socketmap server listens: <c>ADDR:PORT</c> or <c>unix:PATH</c>.</summary>
/// <param name="Address">For TCP; null for a Unix socket.</param>
/// <param name="Path">For a Unix socket; null for TCP.</param>
public sealed record SocketmapEndpoint(IPEndPoint? Address, string? Path)
{
    private const string UnixPrefix = "unix:";

    // sun_path has 108 octets on Linux with the zero at its end (unix(7)), 104 elsewhere.
    private const int MaxPathOctets = 103;

    public static SocketmapEndpoint Tcp(IPAddress address, int port) => new(new IPEndPoint(address, port), null);

    public static SocketmapEndpoint Unix(string path) => new(null, path);

    /// <exception cref="FormatException">Neither form; the message says what is.</exception>
    public static SocketmapEndpoint Parse(string text)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            string path = text[UnixPrefix.Length..];
            int octets = Encoding.UTF8.GetByteCount(path);
            return octets is > 0 and <= MaxPathOctets
                ? Unix(path)
                : throw new FormatException($"'{text}': the path of a Unix socket has 1 to {MaxPathOctets} octets, not {octets}");
        }

        int colon = text.LastIndexOf(':');
        if (colon > 0
            && IPAddress.TryParse(text.AsSpan(0, colon), out IPAddress? address)
            && (address.AddressFamily == AddressFamily.InterNetwork || text[0] == '[')
            && int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port)
            && port <= IPEndPoint.MaxPort)
        {
            return Tcp(address, port);
        }

        throw new FormatException($"'{text}' is no place to listen; give ADDR:PORT (127.0.0.1:8024, [::1]:8024) or unix:PATH");
    }

    public override string ToString() => Path is null ? Address!.ToString() : UnixPrefix + Path;
}

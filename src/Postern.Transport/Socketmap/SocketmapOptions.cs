namespace Postern.Transport;

/// <summary>Limits and habits of the socketmap server; every limit is checked before it costs anything.</summary>
public sealed record SocketmapOptions
{
    /// <summary>A request's content in octets: map name, blank, key. Default 1024: the longest address (320) written with escapes, and room.
    /// Postfix itself would send up to 100,000. A longer one is answered PERM and the connection is closed.</summary>
    public int MaxRequestBytes { get; init; } = 1024;

    /// <summary>Connections open at once. Default 512: Postfix keeps one per process and map, or a handful through proxymap(8).
    /// One more is answered TEMP and closed.</summary>
    public int MaxConnections { get; init; } = 512;

    /// <summary>A connection without a whole request, or whose answer is not taken, for this long is closed. Default 5 minutes;
    /// Postfix connects again by itself.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long requests that are being answered may go on once the server stops. Default 2 seconds.</summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(2);
}

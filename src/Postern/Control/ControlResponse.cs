using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Postern.Control;

/// <summary>
/// One POST to a daemon and its answer. HTTP/1.0, so that the body simply ends with the connection. HttpClient would do the same;
/// loading it and what it needs takes longer than everything else that a verb does (150 of 220 ms of CPU, measured 2026-11).
/// </summary>
internal sealed class ControlResponse : IDisposable
{
    private const int FirstSuccess = 200;
    private const int LastSuccess = 299;

    /// <summary>Kestrel sends five.</summary>
    private const int MaxHeaderLines = 64;

    private readonly int _status;

    private ControlResponse(int status, StreamReader body)
    {
        _status = status;
        Body = body;
    }

    public bool IsSuccess => _status is >= FirstSuccess and <= LastSuccess;

    public StreamReader Body { get; }

    /// <exception cref="SocketException">Nobody listens there, or no permission.</exception>
    /// <exception cref="IOException">Whoever listens there did not answer in HTTP, or went away.</exception>
    public static async Task<ControlResponse> PostAsync(DaemonDoor door, string route, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        Stream stream = await door.ConnectAsync(cancellationToken);
        StreamReader reader = new(stream, Encoding.UTF8);
        try
        {
            string authorization = door.Token is null ? "" : $"Authorization: Bearer {door.Token}\r\n";
            byte[] head = Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"POST {route} HTTP/1.0\r\nHost: {door.Host}\r\n{authorization}Content-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n"));
            await stream.WriteAsync((byte[])[.. head, .. json.Span], cancellationToken);
            return new ControlResponse(await ReadHeadAsync(reader, cancellationToken), reader);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    public void Dispose() => Body.Dispose();

    /// <returns>The status; the reader stands at the body.</returns>
    private static async Task<int> ReadHeadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        string? first = await reader.ReadLineAsync(cancellationToken);
        string[] words = first?.Split(' ') ?? [];
        if (words.Length < 2 || !words[0].StartsWith("HTTP/", StringComparison.Ordinal)
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int status))
        {
            throw new IOException("the answer is not HTTP");
        }

        for (int line = 0; line < MaxHeaderLines; line++)
        {
            string? header = await reader.ReadLineAsync(cancellationToken);
            if (header is null)
            {
                break;
            }

            if (header.Length == 0)
            {
                return status;
            }
        }

        throw new IOException("the head of the answer does not end");
    }
}

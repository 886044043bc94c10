using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Postern.Operations.Synchronization;

namespace Postern.Control;

/// <summary>Carries a verb to the daemon of a data folder and brings back the result, or throws what the terminal shows.</summary>
public sealed class ControlClient : IDisposable
{
    /// <summary>The host name means nothing on a Unix socket; HTTP wants one.</summary>
    private static readonly Uri BaseAddress = new("http://postern");

    private readonly HttpClient _http;
    private readonly string _socketPath;

    private ControlClient(string dataFolder, DaemonSide side)
    {
        DataFolder = dataFolder;
        Side = side;
        _socketPath = ControlSocket.CheckLength(ControlSocket.PathFor(side, dataFolder));
        _http = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync, UseProxy = false, UseCookies = false })
        {
            BaseAddress = BaseAddress,
            // A first synchronization takes as long as it takes; the user has Ctrl-C.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public string DataFolder { get; }

    /// <summary>What the folder looks like; a daemon that is not that answers for itself.</summary>
    public DaemonSide Side { get; }

    /// <exception cref="CommandFailure">There is no such folder.</exception>
    public static ControlClient For(string dataFolder)
    {
        string folder = Path.GetFullPath(dataFolder);
        return System.IO.Directory.Exists(folder)
            ? new ControlClient(folder, ControlSocket.SideOf(folder))
            : throw new CommandFailure(
                ExitCode.NoDaemon, "noDaemon", $"there is no data folder {folder}", "check --data; `postern edge run` or `postern hub run` makes the folder");
    }

    public async Task<TResult> SendAsync<TRequest, TResult>(
        string route, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TResult> resultType, CancellationToken cancellationToken)
    {
        using HttpResponseMessage response = await PostAsync(route, request, requestType, cancellationToken);
        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return await ReadAsync(body, resultType, cancellationToken);
    }

    /// <summary>Reads lines until the one with the result; hands the others to <paramref name="progress"/> as they come.</summary>
    public async Task<TResult> StreamAsync<TRequest, TResult>(
        string route, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<StreamLine<TResult>> lineType,
        IProgress<SyncProgressView> progress, CancellationToken cancellationToken)
        where TResult : class
    {
        using HttpResponseMessage response = await PostAsync(route, request, requestType, cancellationToken);
        using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
        using StreamReader reader = new(body);
        try
        {
            while (await reader.ReadLineAsync(cancellationToken) is { } text)
            {
                StreamLine<TResult>? line = JsonSerializer.Deserialize(text, lineType);
                if (line?.Error is { } error)
                {
                    throw error.ToFailure();
                }

                if (line?.Result is { } result)
                {
                    return result;
                }

                if (line?.Progress is { } step)
                {
                    progress.Report(step);
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException)
        {
            throw Lost(e);
        }

        throw Lost(null);
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> PostAsync<TRequest>(
        string route, TRequest request, JsonTypeInfo<TRequest> requestType, CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, route)
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, requestType))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            },
        };
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException e) when (e.InnerException is SocketException refused)
        {
            throw Unreached(refused);
        }
        catch (HttpRequestException e)
        {
            throw Lost(e);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            using Stream body = await response.Content.ReadAsStreamAsync(cancellationToken);
            ControlError error = await ReadAsync(body, PosternJson.Default.ControlError, cancellationToken);
            throw error.ToFailure();
        }
    }

    private async Task<T> ReadAsync<T>(Stream body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken) ?? throw Lost(null);
        }
        catch (Exception e) when (e is IOException or HttpRequestException or JsonException)
        {
            throw Lost(e);
        }
    }

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(_socketPath), cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private CommandFailure Unreached(SocketException e) => e.SocketErrorCode == SocketError.AccessDenied
        ? new CommandFailure(
            ExitCode.NoDaemon, "noDaemon", $"no permission to reach the daemon at {_socketPath}", "run this as the user who runs the daemon, or as root", e)
        : new CommandFailure(
            ExitCode.NoDaemon, "noDaemon", $"no daemon answers at {_socketPath}",
            Side == DaemonSide.Edge
                ? $"start it: postern edge run --data {DataFolder} --fqdn NAME"
                : $"start it: postern hub run --data {DataFolder} --fqdn NAME --config hub.json (or check --data)",
            e);

    private CommandFailure Lost(Exception? e) => new(
        ExitCode.Failed, "daemonLost", $"the daemon at {_socketPath} went away, or did not answer in full",
        "look at its log, start it again, and repeat the command: verbs can be repeated", e);
}

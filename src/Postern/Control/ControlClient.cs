using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Postern.Operations.Synchronization;

namespace Postern.Control;

/// <summary>Carries a verb to the daemon of a data folder and brings back the result, or throws what the terminal shows.</summary>
public sealed class ControlClient
{
    private readonly DaemonDoor _door;
    private readonly string _startIt;

    private ControlClient(DaemonDoor door, DaemonSide? side, string startIt)
    {
        _door = door;
        _startIt = startIt;
        Side = side;
    }

    /// <summary>What the data folder looks like; a daemon that is not that answers for itself. Null: on another machine.</summary>
    public DaemonSide? Side { get; }

    /// <exception cref="CommandFailure">There is no such folder.</exception>
    public static ControlClient For(string dataFolder)
    {
        string folder = Path.GetFullPath(dataFolder);
        if (!System.IO.Directory.Exists(folder))
        {
            throw new CommandFailure(
                ExitCode.NoDaemon, "noDaemon", $"there is no data folder {folder}", "check --data; `postern edge run` or `postern hub run` makes the folder");
        }

        DaemonSide side = ControlSocket.SideOf(folder);
        return new ControlClient(
            DaemonDoor.OfSocket(ControlSocket.CheckLength(ControlSocket.PathFor(side, folder))), side,
            side == DaemonSide.Edge ? $"start it: postern edge run --data {folder} --fqdn NAME" : $"start it: postern hub run --data {folder} --fqdn NAME --config hub.json (or check --data)");
    }

    internal static ControlClient For(DaemonDoor door) => new(door, null, "check --server; the daemon listens there when it is started with --https ADDR:PORT");

    public async Task<TResult> SendAsync<TRequest, TResult>(
        string route, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TResult> resultType, CancellationToken cancellationToken)
    {
        using ControlResponse response = await PostAsync(route, request, requestType, cancellationToken);
        return await ReadAsync(response, resultType, cancellationToken);
    }

    /// <summary>Reads lines until the one with the result; hands the others to <paramref name="progress"/> as they come.</summary>
    public async Task<TResult> StreamAsync<TRequest, TResult>(
        string route, TRequest request, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<StreamLine<TResult>> lineType,
        IProgress<SyncProgressView> progress, CancellationToken cancellationToken)
        where TResult : class
    {
        using ControlResponse response = await PostAsync(route, request, requestType, cancellationToken);
        try
        {
            while (await response.Body.ReadLineAsync(cancellationToken) is { } text)
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
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw Lost(e);
        }

        throw Lost(null);
    }

    private async Task<ControlResponse> PostAsync<TRequest>(
        string route, TRequest request, JsonTypeInfo<TRequest> requestType, CancellationToken cancellationToken)
    {
        ControlResponse response;
        try
        {
            response = await ControlResponse.PostAsync(_door, route, JsonSerializer.SerializeToUtf8Bytes(request, requestType), cancellationToken);
        }
        catch (SocketException e)
        {
            throw Unreached(e);
        }
        catch (AuthenticationException e)
        {
            throw new CommandFailure(
                ExitCode.Failed, "notTrusted", $"the certificate that {_door.Name} shows is not trusted: {e.Message}",
                "give --pin with its SHA-256 (`postern certificate list` there), or --ca with the authority that issued it", e);
        }
        catch (IOException e)
        {
            throw Lost(e);
        }

        if (response.IsSuccess)
        {
            return response;
        }

        using (response)
        {
            throw (await ReadAsync(response, PosternJson.Default.ControlError, cancellationToken)).ToFailure();
        }
    }

    private async Task<T> ReadAsync<T>(ControlResponse response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return JsonSerializer.Deserialize(await response.Body.ReadToEndAsync(cancellationToken), type) ?? throw Lost(null);
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw Lost(e);
        }
    }

    private CommandFailure Unreached(SocketException e) => e.SocketErrorCode == SocketError.AccessDenied
        ? new CommandFailure(
            ExitCode.NoDaemon, "noDaemon", $"no permission to reach the daemon at {_door.Name}", "run this as the user who runs the daemon, or as root", e)
        : new CommandFailure(ExitCode.NoDaemon, "noDaemon", $"no daemon answers at {_door.Name}", _startIt, e);

    private CommandFailure Lost(Exception? e) => new(
        ExitCode.Failed, "daemonLost", $"the daemon at {_door.Name} went away, or did not answer in full",
        "look at its log, start it again, and repeat the command: verbs can be repeated", e);
}

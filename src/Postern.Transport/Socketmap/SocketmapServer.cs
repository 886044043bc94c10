using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Postern.Sockets;

namespace Postern.Transport;

/// <summary>Postfix's socketmap protocol (socketmap_table(5)) in front of a <see cref="RecipientLookup"/>; maps <c>recipients</c> and <c>domains</c>.</summary>
public sealed class SocketmapServer : IAsyncDisposable
{
    // Connections that wait to be accepted; Postfix opens them in bursts when a queue of clients arrives.
    private const int Backlog = 256;

    // Idle connections are looked for this many times per idle time-out.
    private const int SweepsPerIdleTimeout = 4;

    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Anyone may connect: Postfix runs as another user. The folder says who reaches the file.</summary>
    private const UnixFileMode UnixSocketMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly Socket _listener;
    private readonly SocketmapEndpoint _endpoint;
    private readonly SocketmapOptions _options;
    private readonly SocketmapMaps _maps;
    private readonly LookupHealth _health;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly ConcurrentDictionary<SocketmapConnection, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _aborting = new();
    private readonly Task _accepting;
    private int _stopped;
    private int _open;
    private bool _refusing;

    private SocketmapServer(Socket listener, SocketmapEndpoint endpoint, RecipientLookup lookup, SocketmapOptions options, ILogger logger, TimeProvider time)
    {
        _listener = listener;
        _endpoint = endpoint;
        _options = options;
        _maps = new SocketmapMaps(lookup);
        _health = new LookupHealth(logger);
        _logger = logger;
        _time = time;
        EndPoint = listener.LocalEndPoint!;
        TimeSpan period = options.IdleTimeout / SweepsPerIdleTimeout;
        _sweep = time.CreateTimer(_ => CloseIdle(), null, period, period);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens really: with the port chosen, if 0 was asked for.</summary>
    public EndPoint EndPoint { get; }

    /// <inheritdoc cref="StartAsync(SocketmapEndpoint, RecipientLookup, SocketmapOptions, ILoggerFactory, TimeProvider, CancellationToken)"/>
    public static Task<SocketmapServer> StartAsync(
        SocketmapEndpoint endpoint, RecipientLookup lookup, SocketmapOptions options, ILoggerFactory loggers, CancellationToken cancellationToken = default) =>
        StartAsync(endpoint, lookup, options, loggers, TimeProvider.System, cancellationToken);

    /// <exception cref="IOException">The address is in use or cannot be listened on; the message names it.</exception>
    public static async Task<SocketmapServer> StartAsync(
        SocketmapEndpoint endpoint,
        RecipientLookup lookup,
        SocketmapOptions options,
        ILoggerFactory loggers,
        TimeProvider time,
        CancellationToken cancellationToken = default)
    {
        ILogger logger = loggers.CreateLogger<SocketmapServer>();
        if (endpoint.Path is not null)
        {
            switch (await UnixSocketFile.FreeAsync(endpoint.Path, cancellationToken).ConfigureAwait(false))
            {
                case UnixSocketPlace.InUse:
                    throw new IOException($"another process listens on '{endpoint.Path}'; stop it, or choose another path");
                case UnixSocketPlace.Occupied:
                    throw new IOException($"'{endpoint.Path}' is there and is no socket that could be replaced; move it away or choose another path");
            }
        }
        else if (!IPAddress.IsLoopback(endpoint.Address!.Address))
        {
            logger.NotLoopback(endpoint);
        }

        Socket listener = Listen(endpoint);
        SocketmapEndpoint actual = endpoint.Path is null ? new SocketmapEndpoint((IPEndPoint)listener.LocalEndPoint!, null) : endpoint;
        logger.Listening(actual);
        return new SocketmapServer(listener, actual, lookup, options, logger, time);
    }

    /// <summary>Takes no more connections, lets requests that are being answered end (<see cref="SocketmapOptions.ShutdownGrace"/>), closes.</summary>
    public async Task StopAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        await _sweep.DisposeAsync().ConfigureAwait(false);
        _listener.Dispose();
        if (_endpoint.Path is not null)
        {
            File.Delete(_endpoint.Path);
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await _accepting.ConfigureAwait(false);
        Task all = Task.WhenAll(_connections.Values);
        try
        {
            await all.WaitAsync(_options.ShutdownGrace, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            await _aborting.CancelAsync().ConfigureAwait(false);
            foreach (SocketmapConnection connection in _connections.Keys)
            {
                connection.Dispose();
            }
        }

        _logger.Stopped(_endpoint);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _aborting.Dispose();
    }

    private static Socket Listen(SocketmapEndpoint endpoint)
    {
        Socket listener = endpoint.Path is null
            ? new Socket(endpoint.Address!.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(endpoint.Path is null ? endpoint.Address! : new UnixDomainSocketEndPoint(endpoint.Path));
            if (endpoint.Path is not null && !OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(endpoint.Path, UnixSocketMode);
            }

            listener.Listen(Backlog);
            return listener;
        }
        catch (SocketException e)
        {
            listener.Dispose();
            string hint = e.SocketErrorCode == SocketError.AddressAlreadyInUse ? "; stop the other process, or choose another port" : "";
            throw new IOException($"socketmap cannot listen on {endpoint}: {e.Message}{hint}", e);
        }
    }

    private async Task AcceptAsync()
    {
        bool failing = false;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                failing = false;
                if (Volatile.Read(ref _open) >= _options.MaxConnections)
                {
                    await RefuseAsync(socket).ConfigureAwait(false);
                }
                else
                {
                    _refusing = false;
                    Start(socket);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException || Volatile.Read(ref _stopped) != 0)
            {
                return;
            }
            catch (SocketException e)
            {
                // No descriptor is free, or the client was gone before it was taken: neither is a reason to stop listening.
                if (!failing)
                {
                    failing = true;
                    _logger.AcceptFailed(_endpoint, e);
                }

                await Task.Delay(AcceptPause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void Start(Socket socket)
    {
        if (_endpoint.Path is null)
        {
            socket.NoDelay = true;
        }

        Interlocked.Increment(ref _open);
        SocketmapConnection connection = new(socket, _maps, _options, _health, _logger, _time);
        TaskCompletionSource registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ServeAsync(connection, registered.Task);
        registered.SetResult();
    }

    private async Task ServeAsync(SocketmapConnection connection, Task registered)
    {
        // Not before it is in the table, else it could leave the table before it came in.
        await registered.ConfigureAwait(false);
        try
        {
            await connection.RunAsync(_stopping.Token, _aborting.Token).ConfigureAwait(false);
        }
        finally
        {
            connection.Dispose();
            Interlocked.Decrement(ref _open);
            _connections.TryRemove(connection, out _);
        }
    }

    /// <summary>A few octets fit every socket's buffer, so this does not wait for the client.</summary>
    private async Task RefuseAsync(Socket socket)
    {
        using (socket)
        {
            if (!_refusing)
            {
                _refusing = true;
                _logger.TooManyConnections(_options.MaxConnections);
            }

            try
            {
                await socket.SendAsync("25:TEMP too many connections,"u8.ToArray(), SocketFlags.None).ConfigureAwait(false);
                socket.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException e)
            {
                _logger.ConnectionLost(e.Message);
            }
        }
    }

    private void CloseIdle()
    {
        foreach (SocketmapConnection connection in _connections.Keys)
        {
            if (connection.Idle >= _options.IdleTimeout)
            {
                // Ends its reading or writing, and with that its task.
                connection.Dispose();
            }
        }
    }
}

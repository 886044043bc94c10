using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Postern.Ldap.Server.Connections;
using Postern.Ldap.Server.Sessions;
using Postern.Ldap.Server.Tls;

namespace Postern.Ldap.Server;

// RFC 4511 (complete): every operation; the directory holds neither aliases nor referral objects, so there is nothing to follow

/// <summary>An LDAPv3 server in front of an <see cref="IControlledDirectory"/>: on sockets of its own.</summary>
public sealed class LdapServer : IAsyncDisposable
{
    /// <summary>How long good-byes may take after the grace, before the rest is aborted.</summary>
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(1);

    private readonly ServerContext _server;
    private readonly CancellationTokenSource _stopping;
    private readonly ActiveConnections _active = new();
    private readonly ConnectionCounter _counter;
    private readonly SemaphoreSlim _seats;
    private readonly List<SocketListener> _listeners = [];
    private readonly List<Task> _acceptLoops = [];
    private readonly Lock _lock = new();
    private Task? _stop;

    private LdapServer(ServerContext server, int listeners, CancellationTokenSource stopping)
    {
        _server = server;
        _stopping = stopping;
        _counter = new ConnectionCounter(server.Options.MaxConnections, server.Options.MaxConnectionsPerAddress);
        _seats = new SemaphoreSlim(server.Options.MaxConnections + (listeners * (LdapConnectionHandler.MaxExplainedRefusals + 1)));
    }

    /// <summary>Controls that the server itself honours; for supportedControl, RFC 4512 section 5.1.</summary>
    public static IReadOnlyList<string> Controls { get; } = [LdapOids.DontUseCopy, LdapOids.TransactionSpecification];

    /// <summary>Extended operations that the server itself answers; for supportedExtension.</summary>
    public static IReadOnlyList<string> Extensions { get; } =
    [
        LdapOids.StartTls, LdapOids.WhoAmI, LdapOids.Cancel, LdapOids.StartLburpRequest, LdapOids.EndLburpRequest, LdapOids.LburpUpdateRequest,
        LdapOids.PasswordModify, LdapOids.StartTransaction, LdapOids.EndTransaction,
    ];

    /// <summary>For supportedFeatures: the update style of RFC 4373 section 4.</summary>
    public static IReadOnlyList<string> Features { get; } = [LdapOids.LburpIncrementalStyle];

    /// <summary>The network addresses in use, in the order of the listeners asked for; Unix sockets are where they were asked to be.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints => [.. _listeners.Select(l => l.EndPoint).OfType<IPEndPoint>()];

    /// <summary>Connections open now.</summary>
    public int ConnectionCount => _counter.Count;

    /// <param name="certificate">Asked at each handshake: a new certificate takes effect without dropping a session. It should give
    /// the same object until then, since preparing one for TLS costs time. Null: no TLS.</param>
    /// <exception cref="LdapListenException">An address is in use or not ours.</exception>
    /// <exception cref="ArgumentException">A limit makes no sense, or a TLS listener has no certificate.</exception>
    public static async Task<LdapServer> StartAsync(
        LdapServerOptions options,
        IReadOnlyList<LdapListener> listeners,
        Func<X509Certificate2>? certificate,
        ILdapAuthenticator authenticator,
        ILoggerFactory loggerFactory,
        TimeProvider time,
        CancellationToken cancellationToken = default)
    {
        options.Validate();
        if (certificate is null && listeners.FirstOrDefault(l => l.Tls) is { } without)
        {
            throw new ArgumentException($"LDAPS on {without.EndPoint} needs a certificate", nameof(certificate));
        }

        CancellationTokenSource stopping = new();
        TlsAcceptor? tls = certificate is null ? null : new TlsAcceptor(certificate, options.HandshakeTimeout, time);
        ServerContext context = new(options, authenticator, tls, loggerFactory.CreateLogger<LdapServer>(), time, stopping.Token);
        LdapServer server = new(context, listeners.Count, stopping);
        try
        {
            await server.ListenAsync(listeners, cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Takes no more connections, lets operations in flight end within <see cref="LdapServerOptions.ShutdownGrace"/>, tells
    /// every peer good-bye by a Notice of Disconnection. Cancelling <paramref name="cancellationToken"/> ends the grace.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return _stop ??= StopOnceAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopping.Dispose();
        _seats.Dispose();
    }

    private async Task ListenAsync(IReadOnlyList<LdapListener> listeners, CancellationToken cancellationToken)
    {
        foreach (LdapListener listener in listeners)
        {
            _listeners.Add(await SocketListener.BindAsync(listener.EndPoint, _server, cancellationToken).ConfigureAwait(false));
        }

        for (int i = 0; i < listeners.Count; i++)
        {
            LdapConnectionHandler handler = new(_server, _counter, _active, listeners[i].Tls);
            _acceptLoops.Add(AcceptAsync(_listeners[i], handler));
            _server.Logger.Listening(_listeners[i].EndPoint, listeners[i].Tls ? "LDAPS" : "LDAP");
        }
    }

    private async Task AcceptAsync(SocketListener listener, LdapConnectionHandler handler)
    {
        try
        {
            while (true)
            {
                // Who comes while every seat is taken waits in the kernel's queue, and costs no descriptor.
                await _seats.WaitAsync(_server.Stopping).ConfigureAwait(false);
                if (await listener.AcceptAsync().ConfigureAwait(false) is not ({ } connection, var peer))
                {
                    return;
                }

                _ = Task.Run(() => ServeAsync(connection, peer, handler));
            }
        }
        catch (Exception e) when (!_stopping.IsCancellationRequested)
        {
            _server.Logger.AcceptFailed(e, listener.EndPoint);
        }
        catch (Exception)
        {
            // The listener was closed under the accept: that is the stop.
        }
    }

    private async Task ServeAsync(ConnectionContext connection, EndPoint? peer, LdapConnectionHandler handler)
    {
        try
        {
            await handler.RunAsync(connection, peer).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _server.Logger.SessionFailed(e, peer);
        }

        // Disposing waits until the peer has taken the last octets; one that takes none is not waited for.
        Task disposed = connection.DisposeAsync().AsTask();
        try
        {
            await disposed.WaitAsync(_server.Options.WriteTimeout, _server.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            connection.Abort(new ConnectionAbortedException("the last octets were not taken"));
        }
        catch (Exception e)
        {
            _server.Logger.SessionFailed(e, peer);
        }
        finally
        {
            _seats.Release();
        }
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        foreach (SocketListener listener in _listeners)
        {
            listener.Dispose();
        }

        _server.Logger.Stopping(_active.Count);
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (!await EmptyWithinAsync(_server.Options.ShutdownGrace, cancellationToken).ConfigureAwait(false))
        {
            _server.Logger.GraceIsOver(_server.Options.ShutdownGrace);
            await _active.CancelOperationsAsync().ConfigureAwait(false);
            if (!await EmptyWithinAsync(FarewellTime, CancellationToken.None).ConfigureAwait(false))
            {
                _active.AbortAll("the server stops");
                await EmptyWithinAsync(FarewellTime, CancellationToken.None).ConfigureAwait(false);
            }
        }

        await Task.WhenAll(_acceptLoops).ConfigureAwait(false);
    }

    private async Task<bool> EmptyWithinAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            await _active.WhenEmptyAsync().WaitAsync(limit, _server.Time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }
}

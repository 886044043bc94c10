using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Postern.Control;

/// <summary>
/// The daemon's end of the control socket: HTTP/1.1 and JSON on Kestrel. The bare server is used, without a web host around it: a few
/// dozen routes need no configuration sources, no dependency injection and none of the environment variables that come with them.
/// </summary>
public sealed class ControlServer : IAsyncDisposable
{
    /// <summary>Octets of the body of a request. A subscription file with an RSA-4096 certificate has about 8 KiB.</summary>
    internal const int MaxRequestBytes = 256 * 1024;

    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(5);

    private readonly KestrelServer _kestrel;

    private ControlServer(KestrelServer kestrel, string socketPath)
    {
        _kestrel = kestrel;
        SocketPath = socketPath;
    }

    public string SocketPath { get; }

    /// <summary>Listens. The caller holds the lock of the data folder, so a socket file that is there already is a dead daemon's.</summary>
    public static async Task<ControlServer> StartAsync(string socketPath, ControlVerbs verbs, ILoggerFactory log, CancellationToken cancellationToken)
    {
        ControlSocket.CheckLength(socketPath);
        File.Delete(socketPath);
        KestrelServerOptions options = new() { AddServerHeader = false };
        options.Limits.MaxRequestBodySize = MaxRequestBytes;
        options.ListenUnixSocket(socketPath);
        KestrelServer kestrel = new(
            Options.Create(options), new SocketTransportFactory(Options.Create(new SocketTransportOptions()), log), log);
        try
        {
            await kestrel.StartAsync(new Application(new VerbApplication(verbs, log)), cancellationToken);
        }
        catch
        {
            kestrel.Dispose();
            throw;
        }

        return new ControlServer(kestrel, socketPath);
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource grace = new(ShutdownGrace);
        await _kestrel.StopAsync(grace.Token);
        _kestrel.Dispose();
        File.Delete(SocketPath);
    }

    private sealed class Application(VerbApplication verbs) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public void DisposeContext(HttpContext context, Exception? exception) => ((DefaultHttpContext)context).Uninitialize();

        public Task ProcessRequestAsync(HttpContext context) => verbs.ProcessAsync(context);
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Postern.Operations;

namespace Postern.Control;

/// <summary>
/// The daemon's end of the control socket: HTTP/1.1 and JSON on Kestrel. The bare server is used, without a web host around it: a few
/// dozen routes need no configuration sources, no dependency injection and none of the environment variables that come with them.
/// </summary>
public sealed partial class ControlServer : IAsyncDisposable
{
    /// <summary>A subscription file with an RSA-4096 certificate has about 8 KiB.</summary>
    private const int MaxRequestBytes = 256 * 1024;

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
            await kestrel.StartAsync(new Application(verbs, log.CreateLogger<ControlServer>()), cancellationToken);
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

    private sealed partial class Application(ControlVerbs verbs, ILogger logger) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public void DisposeContext(HttpContext context, Exception? exception) => ((DefaultHttpContext)context).Uninitialize();

        public async Task ProcessRequestAsync(HttpContext context)
        {
            string route = context.Request.Path.Value ?? "";
            try
            {
                if (!HttpMethods.IsPost(context.Request.Method))
                {
                    throw new OperationException(FailureCategory.BadRequest, "badRequest", $"{route}: verbs are POSTed", "see docs/cli.md");
                }

                await verbs.Find(route)(context);
            }
            catch (OperationException e)
            {
                VerbFailed(logger, route, e.Code, e.Message);
                await AnswerAsync(context, ControlError.From(e));
            }
            catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
            {
                VerbAbandoned(logger, route);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // The daemon lives on.
                await AnswerAsync(context, ControlError.From(verbs.Broken(route, e)));
            }
        }

        private static async Task AnswerAsync(HttpContext context, ControlError error)
        {
            if (context.Response.HasStarted)
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = error.Status;
            context.Response.ContentType = "application/problem+json";
            await JsonSerializer.SerializeAsync(context.Response.Body, error, PosternJson.Default.ControlError, context.RequestAborted);
        }

        [LoggerMessage(4100, LogLevel.Information, "{Route} was refused or failed ({Code}): {Reason}")]
        private static partial void VerbFailed(ILogger logger, string route, string code, string reason);

        [LoggerMessage(4101, LogLevel.Information, "{Route} was abandoned by its caller")]
        private static partial void VerbAbandoned(ILogger logger, string route);
    }
}

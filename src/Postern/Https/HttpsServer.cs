using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Postern.Certificates;
using Postern.Control;
using Postern.EdgeSync.Auth;
using Postern.Operations;
using Postern.Transport.Services;

namespace Postern.Https;

/// <summary>The verbs of the control socket for other machines: HTTPS, and a token of the organization in every request (docs/management-api.md).</summary>
internal sealed partial class HttpsServer : IAsyncDisposable
{
    /// <summary>Connections at a time. Administrators, other nodes and monitoring are few. Ours.</summary>
    public const int MaxConnections = 100;

    /// <summary>Characters of the Authorization header: ours have about 600. Ours.</summary>
    public const int MaxAuthorization = 8192;

    private const string Scheme = "Bearer ";

    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(5);

    private readonly WebApplication _web;
    private readonly ITokenValidator _tokens;
    private readonly ILogger _logger;

    private HttpsServer(WebApplication web, ITokenValidator tokens, ILogger logger)
    {
        _web = web;
        _tokens = tokens;
        _logger = logger;
    }

    public IPEndPoint EndPoint { get; private set; } = null!;

    /// <summary>Of a daemon.</summary>
    /// <param name="dataFolder">Absolute; services/https below it has the certificate that is bound to https.</param>
    /// <param name="own">The node's own certificate.</param>
    /// <exception cref="OperationException">The address cannot be listened on.</exception>
    public static async Task<HttpsServer> StartAsync(
        IPEndPoint address, string dataFolder, Func<X509Certificate2> own, ControlVerbs verbs, ITokenValidator tokens, ILoggerFactory log, CancellationToken cancellationToken)
    {
        HttpsCertificate certificate = new(Path.Combine(dataFolder, "services", "https"), own, log.CreateLogger<HttpsCertificate>());
        try
        {
            HttpsServer server = await StartAsync(address, certificate, verbs, tokens, log, cancellationToken);

            TellWhere(Path.Combine(dataFolder, "services", "https"), server.EndPoint);
            return server;
        }
        catch (IOException e)
        {
            throw new OperationException(FailureCategory.Failed, "cannotListen", $"--https: {e.Message}", "stop what listens there, or choose another address", e);
        }
    }

    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public static async Task<HttpsServer> StartAsync(
        IPEndPoint address, HttpsCertificate certificate, ControlVerbs verbs, ITokenValidator tokens, ILoggerFactory log, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(log);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = ControlServer.MaxRequestBytes;
            options.Limits.MaxConcurrentConnections = MaxConnections;
            options.Limits.MaxRequestHeadersTotalSize = MaxAuthorization * 2;
            options.Listen(address, listen =>
            {
                listen.Protocols = HttpProtocols.Http1;
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = HandshakePatience,
                    OnConnection = _ => ValueTask.FromResult(new SslServerAuthenticationOptions
                    {
                        ServerCertificateContext = certificate.Current,
                        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    }),
                });
            });
        });
        WebApplication web = builder.Build();
        HttpsServer server = new(web, tokens, log.CreateLogger<HttpsServer>());
        VerbApplication application = new(verbs, log) { Admit = server.AdmitAsync };
        web.Run(application.ProcessAsync);
        try
        {
            await web.StartAsync(cancellationToken);
        }
        catch
        {
            await web.DisposeAsync();
            throw;
        }

        string bound = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        server.EndPoint = new IPEndPoint(address.Address, new Uri(bound).Port);
        return server;
    }

    /// <summary>For `postern certificate enable`, which looks there whether the certificate is shown.</summary>
    private static void TellWhere(string folder, IPEndPoint address)
    {
        try
        {
            PrivateFile.CreateFolder(folder);
            PrivateFile.Replace(Path.Combine(folder, HttpsDriver.ListeningFile), System.Text.Encoding.ASCII.GetBytes($"{address}\n"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PrivateFileException)
        {
            // The folder may be root's, from a binding of Postfix: the daemon starts all the same, and enable says that it compared nothing.
        }
    }

    public async ValueTask DisposeAsync()
    {
        using CancellationTokenSource grace = new(ShutdownGrace);
        await _web.StopAsync(grace.Token);
        await _web.DisposeAsync();
    }

    /// <exception cref="OperationException">No token, one that counts for nothing, or one for less than this.</exception>
    private async Task AdmitAsync(HttpContext context, string route)
    {
        string header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length > MaxAuthorization)
        {
            throw new OperationException(FailureCategory.Unauthorized, "noToken", "the request carries no token", "send Authorization: Bearer TOKEN; `postern auth token` on a hub makes one");
        }

        TokenIdentity who;
        try
        {
            who = await _tokens.ValidateAsync(header[Scheme.Length..].Trim(), context.RequestAborted);
        }
        catch (TokenException e)
        {
            Refused(_logger, Peer(context), route, e.Code);
            throw new OperationException(FailureCategory.Unauthorized, "token", $"the token counts for nothing here: {e.Message}", "make another one: `postern auth token` on a hub", e);
        }

        if (VerbRights.IsLocalOnly(route))
        {
            throw new OperationException(FailureCategory.Forbidden, "forbidden", "tokens are made on a hub itself, and not over the network", "log on there and run `postern auth token`");
        }

        TokenRole needed = VerbRights.Needed(route);
        if (who.Role < needed)
        {
            throw new OperationException(FailureCategory.Forbidden, "forbidden", $"{who.Subject} is {Word(who.Role)}; {route} is for {Word(needed)}", $"use a token of that role: `postern auth token --role {Word(needed)}`");
        }

        Admitted(_logger, who.Subject, Word(who.Role), Peer(context), route);
    }

    private static string Word(TokenRole role) => role.ToString().ToLowerInvariant();

    private static string Peer(HttpContext context) => string.Create(CultureInfo.InvariantCulture, $"{context.Connection.RemoteIpAddress}:{context.Connection.RemotePort}");

    [LoggerMessage(4112, LogLevel.Information, "{Subject} ({Role}) at {Peer} calls {Route}")]
    private static partial void Admitted(ILogger logger, string subject, string role, string peer, string route);

    [LoggerMessage(4113, LogLevel.Warning, "{Peer} calls {Route} with a token that counts for nothing ({Reason})")]
    private static partial void Refused(ILogger logger, string peer, string route, string reason);
}

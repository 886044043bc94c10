using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Postern.Mail;
using Postern.Operations;
using Postern.Operations.Auth;
using Postern.Operations.Certificates;
using Postern.Operations.Configuration;
using Postern.Operations.Synchronization;

namespace Postern.Control;

/// <summary>The verbs that a daemon offers: route, shapes, method. One table, filled once at start.</summary>
public sealed partial class ControlVerbs(DaemonSide side, ILoggerFactory log)
{
    /// <summary>Progress lines kept while the reader is slow; older ones are dropped, they are only news.</summary>
    private const int ProgressBacklog = 16;

    private static readonly byte[] NewLine = "\n"u8.ToArray();

    private readonly Dictionary<string, Func<HttpContext, Task>> _verbs = [];
    private readonly ILogger _logger = log.CreateLogger<ControlVerbs>();

    /// <summary>A verb with one answer.</summary>
    public ControlVerbs Map<TRequest, TResult>(
        string route, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<TResult> resultType, Func<TRequest, CancellationToken, Task<TResult>> method)
    {
        _verbs.Add(route, async context =>
        {
            TRequest request = await ReadAsync(context, requestType);
            TResult result = await method(request, context.RequestAborted);
            context.Response.ContentType = "application/json";
            await JsonSerializer.SerializeAsync(context.Response.Body, result, resultType, context.RequestAborted);
        });
        return this;
    }

    /// <summary>The verbs of every class of the mail configuration.</summary>
    public ControlVerbs MapConfiguration(ConfigurationOperations operations)
    {
        PosternJson json = PosternJson.Default;
        foreach (ConfigurationClass kind in ConfigurationClasses.All)
        {
            Map(ControlRoutes.Configuration(kind, "list"), json.ConfigurationRequest, json.ConfigurationList, (_, cancellation) => operations.ListAsync(kind, cancellation));
            Map(ControlRoutes.Configuration(kind, "show"), json.ConfigurationRequest, json.JsonObject, (request, cancellation) => operations.ShowAsync(kind, request, cancellation));
            Map(ControlRoutes.Configuration(kind, "add"), json.ConfigurationRequest, json.JsonObject, (request, cancellation) => operations.AddAsync(kind, request, cancellation));
            Map(ControlRoutes.Configuration(kind, "set"), json.ConfigurationRequest, json.JsonObject, (request, cancellation) => operations.SetAsync(kind, request, cancellation));
            Map(ControlRoutes.Configuration(kind, "remove"), json.ConfigurationRequest, json.JsonObject, (request, cancellation) => operations.RemoveAsync(kind, request, cancellation));
        }

        return this;
    }

    /// <summary>The verbs about the node's own certificate.</summary>
    public ControlVerbs MapCertificates(CertificateOperations operations)
    {
        PosternJson json = PosternJson.Default;
        return Map(ControlRoutes.CertificateShow, json.Nothing, json.NodeCertificateView, (_, cancellation) => operations.ShowAsync(cancellation))
            .Map(ControlRoutes.CertificateRenew, json.ReplaceCertificate, json.NodeCertificateView, operations.RenewAsync)
            .Map(ControlRoutes.CertificateRevoke, json.ReplaceCertificate, json.CertificateRevoked, operations.RevokeAsync);
    }

    /// <summary>The verbs about the auth certificate, on a hub.</summary>
    public ControlVerbs MapAuth(AuthOperations operations)
    {
        PosternJson json = PosternJson.Default;
        return Map(ControlRoutes.AuthShow, json.Nothing, json.AuthView, (_, cancellation) => operations.ShowAsync(cancellation))
            .Map(ControlRoutes.AuthSet, json.SetAuth, json.AuthView, operations.SetAsync)
            .Map(ControlRoutes.AuthPublish, json.Nothing, json.AuthView, (_, cancellation) => operations.PublishAsync(cancellation))
            .Map(ControlRoutes.AuthClearPrevious, json.Nothing, json.AuthView, (_, cancellation) => operations.ClearPreviousAsync(cancellation))
            .Map(ControlRoutes.AuthMonitor, json.MonitorAuth, json.AuthMonitored, operations.MonitorAsync)
            .Map(ControlRoutes.AuthToken, json.NewToken, json.TokenMade, operations.NewTokenAsync);
    }

    /// <summary>A verb that takes long: NDJSON, progress first, the last line is the result or the error.</summary>
    public ControlVerbs MapStream<TRequest, TResult>(
        string route, JsonTypeInfo<TRequest> requestType, JsonTypeInfo<StreamLine<TResult>> lineType,
        Func<TRequest, IProgress<SyncProgressView>, CancellationToken, Task<TResult>> method)
        where TResult : class
    {
        _verbs.Add(route, async context =>
        {
            TRequest request = await ReadAsync(context, requestType);
            context.Response.ContentType = "application/x-ndjson";
            await context.Response.StartAsync(context.RequestAborted);

            // Progress comes from the engine's threads; one writer owns the response.
            Channel<SyncProgressView> news = Channel.CreateBounded<SyncProgressView>(
                new BoundedChannelOptions(ProgressBacklog) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
            Task<StreamLine<TResult>> work = RunAsync(route, request, new ChannelProgress(news.Writer), method, context.RequestAborted);
            _ = work.ContinueWith(_ => news.Writer.TryComplete(), TaskScheduler.Default);
            await foreach (SyncProgressView step in news.Reader.ReadAllAsync(context.RequestAborted))
            {
                await WriteLineAsync(context, new StreamLine<TResult>(step, null, null), lineType);
            }

            await WriteLineAsync(context, await work, lineType);
        });
        return this;
    }

    /// <exception cref="OperationException">There is no such verb here.</exception>
    public Func<HttpContext, Task> Find(string route) => _verbs.TryGetValue(route, out Func<HttpContext, Task>? verb)
        ? verb
        : throw (side == DaemonSide.Edge
            ? new OperationException(
                FailureCategory.BadRequest, "wrongSide", $"this data folder belongs to an edge, and an edge does not know {NameOf(route)}",
                "give the hub's folder as --data: imports and sync are the hub's business")
            : new OperationException(
                FailureCategory.BadRequest, "wrongSide", $"this data folder belongs to a hub, and a hub does not know {NameOf(route)}",
                "give the edge's folder as --data: subscription files are made, and recipients looked up, on the edge"));

    /// <summary>As people call it.</summary>
    private static string NameOf(string route) =>
        route.StartsWith(ControlRoutes.Prefix, StringComparison.Ordinal) ? $"`postern {route[ControlRoutes.Prefix.Length..].Replace('/', ' ')}`" : route;

    /// <summary>The error of a verb that nobody foresaw: whoever asked gets the cause, the log gets where.</summary>
    public OperationException Broken(string route, Exception e)
    {
        VerbBroke(_logger, route, e);
        return new OperationException(
            FailureCategory.Failed, "internal", $"{route}: {e.GetType().Name}: {e.Message}", "the daemon's log has the details (event 4102)", e);
    }

    /// <summary>A failure as the last line: the status is long sent.</summary>
    private async Task<StreamLine<TResult>> RunAsync<TRequest, TResult>(
        string route, TRequest request, IProgress<SyncProgressView> progress, Func<TRequest, IProgress<SyncProgressView>, CancellationToken, Task<TResult>> method,
        CancellationToken cancellationToken)
        where TResult : class
    {
        try
        {
            return new StreamLine<TResult>(null, await Task.Run(() => method(request, progress, cancellationToken), cancellationToken), null);
        }
        catch (OperationException e)
        {
            return new StreamLine<TResult>(null, null, ControlError.From(e));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new StreamLine<TResult>(null, null, ControlError.From(Broken(route, e)));
        }
    }

    private static async Task WriteLineAsync<T>(HttpContext context, T line, JsonTypeInfo<T> type)
    {
        await JsonSerializer.SerializeAsync(context.Response.Body, line, type, context.RequestAborted);
        await context.Response.Body.WriteAsync(NewLine, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
    {
        try
        {
            T request = await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted) ?? throw new JsonException("null");
            return Missing(request, type) is { } missing ? throw new JsonException($"{missing} is missing") : request;
        }
        catch (JsonException e)
        {
            throw new OperationException(
                FailureCategory.BadRequest, "badRequest", $"{context.Request.Path}: the body is not the JSON this verb takes: {e.Message}",
                "use the postern command of the same version as the daemon", e);
        }
    }

    /// <summary>The first member that the request needs and does not have.</summary>
    private static string? Missing<T>(T request, JsonTypeInfo<T> type) => type.Properties
        .FirstOrDefault(property => property is { AssociatedParameter: { IsNullable: false, HasDefaultValue: false }, Get: { } read } && read(request!) is null)?.Name;

    [LoggerMessage(4102, LogLevel.Error, "{Route} broke")]
    private static partial void VerbBroke(ILogger logger, string route, Exception e);

    private sealed class ChannelProgress(ChannelWriter<SyncProgressView> writer) : IProgress<SyncProgressView>
    {
        public void Report(SyncProgressView value) => writer.TryWrite(value);
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Postern.Operations;

namespace Postern.Control;

/// <summary>A request to a daemon, from either door: finds its verb, runs it, and turns what goes wrong into an answer. The daemon lives on.</summary>
public sealed partial class VerbApplication(ControlVerbs verbs, ILoggerFactory log)
{
    private readonly ILogger _logger = log.CreateLogger<VerbApplication>();

    /// <summary>Asked before a verb is looked for: who asks, and whether they may. Null: everybody who got here may everything.</summary>
    public Func<HttpContext, string, Task>? Admit { get; init; }

    public async Task ProcessAsync(HttpContext context)
    {
        string route = context.Request.Path.Value ?? "";
        try
        {
            if (Admit is { } admit)
            {
                await admit(context, route);
            }

            if (!HttpMethods.IsPost(context.Request.Method))
            {
                throw new OperationException(FailureCategory.BadRequest, "badRequest", $"{route}: verbs are POSTed", "see docs/cli.md");
            }

            await verbs.Find(route)(context);
        }
        catch (OperationException e)
        {
            VerbFailed(_logger, route, e.Code, e.Message);
            await AnswerAsync(context, ControlError.From(e));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            VerbAbandoned(_logger, route);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
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
        if (error.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer"; // RFC 6750 section 3
        }

        context.Response.ContentType = "application/problem+json";
        await JsonSerializer.SerializeAsync(context.Response.Body, error, PosternJson.Default.ControlError, context.RequestAborted);
    }

    [LoggerMessage(4100, LogLevel.Information, "{Route} was refused or failed ({Code}): {Reason}")]
    private static partial void VerbFailed(ILogger logger, string route, string code, string reason);

    [LoggerMessage(4101, LogLevel.Information, "{Route} was abandoned by its caller")]
    private static partial void VerbAbandoned(ILogger logger, string route);
}

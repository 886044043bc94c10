using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Postern.Control;
using Postern.Operations;
using Postern.Operations.Certificates;

namespace Postern.Commands;

/// <summary>After a renewal: connectors that named the old certificate follow, through the daemon, and what came of it is part of the result.</summary>
internal static class FollowingConnectors
{
    public static async Task<IReadOnlyList<string>> RunAsync(
        VerbContext context, Option<string?> data, X509Certificate2 old, X509Certificate2 successor, CancellationToken cancellationToken)
    {
        if (ConnectorFollowing.IsSame(old, successor))
        {
            return [];
        }

        try
        {
            ControlClient daemon = context.Daemon(data);
            ConnectorFollowing following = new(
                (kind, cancellation) => daemon.SendAsync(ControlRoutes.Configuration(kind, "list"), new(), PosternJson.Default.ConfigurationRequest, PosternJson.Default.ConfigurationList, cancellation),
                async (kind, request, cancellation) =>
                {
                    try
                    {
                        await daemon.SendAsync(ControlRoutes.Configuration(kind, "set"), request, PosternJson.Default.ConfigurationRequest, PosternJson.Default.JsonObject, cancellation);
                    }
                    catch (CommandFailure e)
                    {
                        throw new OperationException(FailureCategory.Failed, e.Code, e.Message, e.Hint, e);
                    }
                });
            return await following.FollowInWordsAsync(old, successor, cancellationToken);
        }
        catch (CommandFailure e) when (e.ExitCode == ExitCode.NoDaemon)
        {
            // A mail server that is neither hub nor edge has no connectors; where there are some, event 12014 comes once the daemon runs.
            return ["connectors that name the old certificate by issuer and subject were not looked for: no daemon runs here"];
        }
        catch (CommandFailure e)
        {
            return [$"connectors that name the old certificate could not be asked for: {e.Message}"];
        }
    }
}

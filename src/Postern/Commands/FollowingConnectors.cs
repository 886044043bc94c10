using System.CommandLine;
using System.Security.Cryptography.X509Certificates;
using Postern.Control;
using Postern.Operations;
using Postern.Operations.Certificates;

namespace Postern.Commands;

/// <summary>After a renewal: connectors that named the old certificate follow, through the daemon, and what came of it is said beside the result.</summary>
internal static class FollowingConnectors
{
    public static async Task RunAsync(VerbContext context, Option<string?> data, X509Certificate2 old, X509Certificate2 successor)
    {
        if (ConnectorFollowing.IsSame(old, successor))
        {
            return;
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
            foreach (ConnectorFollowed one in await following.FollowAsync(old, successor, context.Cancellation))
            {
                context.Output.Error.WriteLine(one.ToString());
            }
        }
        catch (CommandFailure e) when (e.ExitCode == ExitCode.NoDaemon)
        {
            // A mail server that is neither hub nor edge has no connectors; where there are some, event 12014 comes once the daemon runs.
            context.Output.Error.WriteLine("Connectors that name the old certificate by issuer and subject were not looked for: no daemon runs here.");
        }
        catch (CommandFailure e)
        {
            context.Output.Error.WriteLine($"Connectors that name the old certificate could not be asked for: {e.Message}");
        }
    }
}

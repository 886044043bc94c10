using System.CommandLine;
using Postern.Control;
using Postern.Operations.Hubs;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern hub list</c>, <c>identity</c> and <c>remove</c>: the hubs that share an organization directory.</summary>
internal static class SiteVerbs
{
    private const string DataDescription = "data folder of the hub that is asked";

    public static Command List()
    {
        Command command = new("list", "Lists the hubs of the organization, and the edges that each has credentials for.");
        Option<string?> data = command.AddDaemon(DataDescription);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            HubList list = await daemon.SendAsync(
                ControlRoutes.HubList, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.HubList, context.Cancellation);
            context.Output.Result(list.Hubs, PosternJson.Default.IReadOnlyListHubView, HubTables.Hubs);
            return ExitCode.Done;
        });
    }

    public static Command Identity()
    {
        Command command = new("identity", "Prints the hub's certificate: what `subscription new --for-hub` takes on an edge. The hub need not run.");
        Option<string?> data = command.AddData("data folder of the hub");
        return command.Does(context =>
        {
            context.Output.Result(HubCertificateView.Read(context.Get(data)!), PosternJson.Default.HubCertificateView, HubTables.Identity);
            return Task.FromResult(ExitCode.Done);
        });
    }

    public static Command Remove()
    {
        Argument<string> name = new("NAME") { Description = "the hub's short name" };
        Command command = new("remove", "Takes a hub out of the organization: its accounts on the edges end. Stop it first; started again, it joins again.") { name };
        Option<string?> data = command.AddDaemon(DataDescription);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            HubView removed = await daemon.SendAsync(
                ControlRoutes.HubRemove, new NamedHub(context.Get(name)),
                PosternJson.Default.NamedHub, PosternJson.Default.HubView, context.Cancellation);
            context.Output.Result(
                removed, PosternJson.Default.HubView, (output, one) => output.WriteLine($"removed: {one.Name}; its accounts on the edges end with the next look at hubs and edges"));
            return ExitCode.Done;
        });
    }
}

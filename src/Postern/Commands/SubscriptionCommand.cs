using System.CommandLine;
using Postern.Control;
using Postern.Operations.Subscriptions;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern subscription</c>: the relationship of one edge with the hub.</summary>
internal static class SubscriptionCommand
{
    private const string EitherSide = "data folder of an edge or a hub";

    public static Command Build() =>
        new("subscription", "Edge Subscriptions: made on the edge, imported on the hub.") { SubscriptionFileVerbs.New(), SubscriptionFileVerbs.Inspect(), SubscriptionFileVerbs.Import(), List(), Show(), Set(), Remove() };

    private static Command List()
    {
        Command command = new("list", "Lists the subscriptions, on either side.");
        Option<string?> data = command.AddDaemon(EitherSide);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            SubscriptionList list = await daemon.SendAsync(
                ControlRoutes.SubscriptionList, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.SubscriptionList, context.Cancellation);
            context.Output.Result(list.Subscriptions, PosternJson.Default.IReadOnlyListSubscriptionView, SubscriptionTables.List);
            return ExitCode.Done;
        });
    }

    private static Command Show()
    {
        Argument<string> name = new("NAME") { Description = "the edge's name" };
        Command command = new("show", "Shows one subscription, on either side.") { name };
        Option<string?> data = command.AddDaemon(EitherSide);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            SubscriptionView one = await daemon.SendAsync(
                ControlRoutes.SubscriptionShow, new NamedSubscription(context.Get(name)),
                PosternJson.Default.NamedSubscription, PosternJson.Default.SubscriptionView, context.Cancellation);
            context.Output.Result(one, PosternJson.Default.SubscriptionView, SubscriptionTables.Show);
            return ExitCode.Done;
        });
    }

    private static Command Set()
    {
        Argument<string> name = new("NAME") { Description = "the edge's name" };
        Option<string?> address = Arguments.Dial("--address", "where the edge is dialled from now on");
        address.Required = true;
        Option<bool> force = new("--force") { Description = "do not dial it there first" };
        Command command = new("set", "On the hub: dials an edge at another address or port, after a look that it is the same edge.") { name, address, force };
        Option<string?> data = command.AddDaemon("data folder of the hub");
        return command.Does(async context =>
        {
            SubscriptionSet set = await context.Daemon(data).SendAsync(
                ControlRoutes.SubscriptionSet, new SetSubscription(context.Get(name), context.Get(address)!, context.Get(force)),
                PosternJson.Default.SetSubscription, PosternJson.Default.SubscriptionSet, context.Cancellation);
            context.Output.Result(set, PosternJson.Default.SubscriptionSet, SubscriptionTables.Set);
            return ExitCode.Done;
        });
    }

    private static Command Remove()
    {
        Argument<string> name = new("NAME") { Description = "the edge's name" };
        Command command = new("remove", "Ends a subscription, on the side where it is run; the other side notices, and needs the same.") { name };
        Option<string?> data = command.AddDaemon(EitherSide);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            SubscriptionRemoved removed = await daemon.SendAsync(
                ControlRoutes.SubscriptionRemove, new NamedSubscription(context.Get(name)),
                PosternJson.Default.NamedSubscription, PosternJson.Default.SubscriptionRemoved, context.Cancellation);
            context.Output.Result(removed, PosternJson.Default.SubscriptionRemoved, SubscriptionTables.Removed);
            return ExitCode.Done;
        });
    }
}

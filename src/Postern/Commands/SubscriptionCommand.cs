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
        new("subscription", "Edge Subscriptions: made on the edge, imported on the hub.") { SubscriptionFileVerbs.New(), SubscriptionFileVerbs.Inspect(), SubscriptionFileVerbs.Import(), List(), Show(), Remove() };

    private static Command List()
    {
        Command command = new("list", "Lists the subscriptions, on either side.");
        Option<string?> data = command.AddData(EitherSide);
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
        Option<string?> data = command.AddData(EitherSide);
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

    private static Command Remove()
    {
        Argument<string> name = new("NAME") { Description = "the edge's name" };
        Command command = new("remove", "Ends a subscription, on the side where it is run; the other side needs the same.") { name };
        Option<string?> data = command.AddData(EitherSide);
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

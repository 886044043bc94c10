using System.CommandLine;
using Postern.Control;
using Postern.Operations.Recipients;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern recipient</c>: what the gateway would be told, and why.</summary>
internal static class RecipientCommand
{
    public static Command Build() => new("recipient", "Recipients: what the edge answers, and why.") { Lookup(), Explain() };

    private static Command Lookup()
    {
        Argument<string> address = new("ADDRESS");
        Command command = new("lookup", "Asks the edge about one address: exit code 0 when it is known, 1 when it is not.") { address };
        Option<string?> data = command.AddDaemon("data folder of the edge");
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            LookupRecipientResult answer = await daemon.SendAsync(
                ControlRoutes.RecipientLookup, new LookupRecipient(context.Get(address)),
                PosternJson.Default.LookupRecipient, PosternJson.Default.LookupRecipientResult, context.Cancellation);
            context.Output.Result(answer, PosternJson.Default.LookupRecipientResult, Tables.Lookup);
            return answer.IsKnown ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static Command Explain()
    {
        Argument<string> address = new("ADDRESS");
        Command command = new("explain", "Says why an address is a recipient or is none: exit code 0 when an object of a source makes it one, 1 otherwise.") { address };
        Option<string?> data = command.AddDaemon("data folder of the hub");
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            ExplainRecipientResult answer = await daemon.SendAsync(
                ControlRoutes.RecipientExplain, new ExplainRecipient(context.Get(address)),
                PosternJson.Default.ExplainRecipient, PosternJson.Default.ExplainRecipientResult, context.Cancellation);
            context.Output.Result(answer, PosternJson.Default.ExplainRecipientResult, ExplanationText.Write);
            return answer.IsRecipient ? ExitCode.Done : ExitCode.Failed;
        });
    }
}

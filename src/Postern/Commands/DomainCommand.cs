using System.CommandLine;
using Postern.Control;
using Postern.Operations.Domains;
using Postern.Output;

namespace Postern.Commands;

/// <summary><c>postern domain</c>: accepted domains, in the organization directory of the hub.</summary>
internal static class DomainCommand
{
    private const string DataDescription = "data folder of the hub";

    public static Command Build() => new("domain", "Accepted domains: which mail domains the edges take mail for.") { Add(), List(), Remove() };

    private static Command Add()
    {
        Argument<string> name = new("NAME") { Description = "the domain; *.example.com stands for all its subdomains" };
        Option<string> type = Arguments.Choice(
            "--type", "authoritative: unknown recipients are rejected; relays: every address of the domain is accepted",
            "authoritative", "internalRelay", "externalRelay");
        type.Required = true;
        Command command = new("add", "Adds an accepted domain; the edges have it after the next cycle.") { name, type };
        Option<string?> data = command.AddData(DataDescription);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            DomainView added = await daemon.SendAsync(
                ControlRoutes.DomainAdd, new AddDomain(context.Get(name), context.Get(type)),
                PosternJson.Default.AddDomain, PosternJson.Default.DomainView, context.Cancellation);
            context.Output.Result(
                added, PosternJson.Default.DomainView, (output, one) => output.WriteLine($"added: {one.Name} ({one.Type}); the edges have it after the next cycle"));
            return ExitCode.Done;
        });
    }

    private static Command List()
    {
        Command command = new("list", "Lists the accepted domains.");
        Option<string?> data = command.AddData(DataDescription);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            DomainList list = await daemon.SendAsync(
                ControlRoutes.DomainList, new Nothing(), PosternJson.Default.Nothing, PosternJson.Default.DomainList, context.Cancellation);
            context.Output.Result(list.Domains, PosternJson.Default.IReadOnlyListDomainView, Tables.Domains);
            return ExitCode.Done;
        });
    }

    private static Command Remove()
    {
        Argument<string> name = new("NAME");
        Command command = new("remove", "Removes an accepted domain; the edges refuse its mail after the next cycle.") { name };
        Option<string?> data = command.AddData(DataDescription);
        return command.Does(async context =>
        {
            ControlClient daemon = context.Daemon(data);
            DomainView removed = await daemon.SendAsync(
                ControlRoutes.DomainRemove, new RemoveDomain(context.Get(name)),
                PosternJson.Default.RemoveDomain, PosternJson.Default.DomainView, context.Cancellation);
            context.Output.Result(
                removed, PosternJson.Default.DomainView, (output, one) => output.WriteLine($"removed: {one.Name}; the edges refuse its mail after the next cycle"));
            return ExitCode.Done;
        });
    }
}

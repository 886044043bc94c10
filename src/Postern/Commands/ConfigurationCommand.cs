using System.CommandLine;
using System.Text.Json.Nodes;
using Postern.Control;
using Postern.Mail;
using Postern.Operations.Configuration;
using Postern.Output;

namespace Postern.Commands;

/// <summary>The commands of one class of configuration, made from its fields: <c>postern domain</c>, <c>postern connector send</c>, ...</summary>
internal static class ConfigurationCommand
{
    private const string EitherSide = "data folder of the hub, or of an edge";

    public static Command Build(ConfigurationClass kind, string description)
    {
        string word = kind.Command.Split(' ')[^1];
        return kind.OnlyName is null
            ? new Command(word, description) { List(kind), Show(kind), Add(kind), Set(kind), Remove(kind) }
            : new Command(word, description) { Show(kind), Set(kind) };
    }

    private static Command List(ConfigurationClass kind)
    {
        Command command = new("list", $"Lists the {kind.Noun}s, on either side.");
        Option<string?> data = command.AddDaemon(EitherSide);
        return command.Does(async context =>
        {
            ConfigurationList list = await context.Daemon(data).SendAsync(
                ControlRoutes.Configuration(kind, "list"), new ConfigurationRequest(),
                PosternJson.Default.ConfigurationRequest, PosternJson.Default.ConfigurationList, context.Cancellation);
            context.Output.Result(list.Objects, PosternJson.Default.IReadOnlyListJsonObject, (output, objects) => ConfigurationTables.List(output, kind, objects));
            return ExitCode.Done;
        });
    }

    private static Command Show(ConfigurationClass kind)
    {
        Command command = new("show", kind.OnlyName is null ? $"Shows all fields of {kind.OneOf}, on either side." : $"Shows the {kind.Noun}s, on either side.");
        Argument<string>? name = AddName(command, kind);
        Option<string?> data = command.AddDaemon(EitherSide);
        return command.Does(async context =>
        {
            JsonObject one = await SendAsync(context, kind, "show", data, new ConfigurationRequest(name is null ? null : context.Get(name)));
            context.Output.Result(one, PosternJson.Default.JsonObject, (output, shown) => ConfigurationTables.Show(output, kind, shown));
            return ExitCode.Done;
        });
    }

    private static Command Add(ConfigurationClass kind)
    {
        Command command = new("add", $"Adds {kind.OneOf}; the edges have it after the next cycle.");
        Argument<string>? name = AddName(command, kind);
        FieldOptions fields = new(command, kind, isNew: true);
        Option<string?> data = command.AddDaemon(EitherSide);
        return command.Does(async context =>
        {
            JsonObject made = await SendAsync(context, kind, "add", data, new ConfigurationRequest(context.Get(name!), Values: fields.Read(context)));
            context.Output.Result(made, PosternJson.Default.JsonObject, (output, one) => output.WriteLine($"added: {one["name"]}{After(context, data, "have it")}"));
            return ExitCode.Done;
        });
    }

    private static Command Set(ConfigurationClass kind)
    {
        Command command = new("set", $"Changes fields of {(kind.OnlyName is null ? kind.OneOf : $"the {kind.Noun}s")}; what is not named stays. An empty value (\"\") ends a field's being set.");
        Argument<string>? name = AddName(command, kind);
        Option<string?>? rename = null;
        if (kind.CanRename)
        {
            rename = new Option<string?>("--rename") { HelpName = "NAME", Description = "call it so from now on" };
            command.Options.Add(rename);
        }

        FieldOptions fields = new(command, kind, isNew: false);
        Option<string?> data = command.AddDaemon(EitherSide);
        command.Validators.Add(result =>
        {
            if (!fields.AreGiven(result) && (rename is null || result.GetResult(rename) is null))
            {
                result.AddError("there is nothing to change: name at least one field");
            }
        });
        return command.Does(async context =>
        {
            ConfigurationRequest request = new(name is null ? null : context.Get(name), rename is null ? null : context.Get(rename), fields.Read(context));
            JsonObject set = await SendAsync(context, kind, "set", data, request);
            context.Output.Result(set, PosternJson.Default.JsonObject, (output, one) => output.WriteLine($"changed: {one["name"]}{After(context, data, "know it")}"));
            return ExitCode.Done;
        });
    }

    private static Command Remove(ConfigurationClass kind)
    {
        Command command = new("remove", $"Removes {kind.OneOf}; the edges forget it with the next cycle.");
        Argument<string>? name = AddName(command, kind);
        Option<string?> data = command.AddDaemon(EitherSide);
        return command.Does(async context =>
        {
            JsonObject removed = await SendAsync(context, kind, "remove", data, new ConfigurationRequest(context.Get(name!)));
            context.Output.Result(removed, PosternJson.Default.JsonObject, (output, one) => output.WriteLine($"removed: {one["name"]}{After(context, data, "forget it")}"));
            return ExitCode.Done;
        });
    }

    private static Argument<string>? AddName(Command command, ConfigurationClass kind)
    {
        if (kind.OnlyName is not null)
        {
            return null;
        }

        Argument<string> name = new("NAME") { Description = kind.CanRename ? "what it is called" : "the domain; *.example.com stands for all its subdomains" };
        if (kind == ConfigurationClasses.Server)
        {
            name.Description = "its short name";
        }

        command.Arguments.Add(name);
        return name;
    }

    private static Task<JsonObject> SendAsync(VerbContext context, ConfigurationClass kind, string verb, Option<string?> data, ConfigurationRequest request) =>
        context.Daemon(data).SendAsync(
            ControlRoutes.Configuration(kind, verb), request, PosternJson.Default.ConfigurationRequest, PosternJson.Default.JsonObject, context.Cancellation);

    private static string After(VerbContext context, Option<string?> data, string what) =>
        context.Daemon(data).Side == DaemonSide.Hub ? $"; the edges {what} after the next cycle" : "";
}

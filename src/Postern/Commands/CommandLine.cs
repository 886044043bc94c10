using System.CommandLine;
using System.CommandLine.Parsing;
using Postern.Output;

namespace Postern.Commands;

/// <summary>From the arguments of the process to its exit code.</summary>
public static class CommandLine
{
    private static readonly InvocationConfiguration Invocation = new()
    {
        // Verbs have their own handling of failures and signals; see Verb.Does.
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
    };

    public static Task<int> RunAsync(string[] args)
    {
        ParseResult arguments = Grammar.Build().Parse(Joined(args));
        return arguments.Errors.Count > 0 ? Task.FromResult(WrongUsage(arguments, args)) : arguments.InvokeAsync(Invocation);
    }

    /// <summary>For these options <c>--</c> is a value, and not the end of the options, which makes no sense behind them.</summary>
    private static List<string> Joined(string[] args)
    {
        List<string> joined = [];
        foreach (string arg in args)
        {
            if ((arg == "--" || arg.StartsWith("--;", StringComparison.Ordinal)) && joined is [.., "--address-space" or "--smart-host"])
            {
                joined[^1] += "=" + arg;
            }
            else
            {
                joined.Add(arg);
            }
        }

        return joined;
    }

    private static int WrongUsage(ParseResult arguments, string[] args)
    {
        // The format is taken from the bare words: the parse that would tell has just failed.
        bool json = args.Contains("--output=json") || args.Contains("--output:json") || args.Zip(args.Skip(1)).Contains(("--output", "json"));
        CommandOutput output = new(json ? OutputFormat.Json : OutputFormat.Table, Console.Out, Console.Error);
        string message = string.Join("; ", arguments.Errors.Select(error => error.Message.TrimEnd('.')).Distinct());
        return output.Failure(CommandFailure.WrongUsage(message, $"see: {PathOf(arguments.CommandResult)} --help"));
    }

    private static string PathOf(CommandResult command)
    {
        List<string> names = [];
        for (SymbolResult? at = command; at is not null; at = at.Parent)
        {
            if (at is CommandResult one)
            {
                names.Insert(0, one.Command is RootCommand ? "postern" : one.Command.Name);
            }
        }

        return string.Join(' ', names);
    }
}

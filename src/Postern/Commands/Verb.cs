using System.CommandLine;
using Postern.Control;
using Postern.Operations;
using Postern.Output;

namespace Postern.Commands;

/// <summary>What the body of a verb gets: its arguments, where its words go, and a token that Ctrl-C cancels.</summary>
internal sealed record VerbContext(ParseResult Arguments, CommandOutput Output, CancellationToken Cancellation)
{
    public T Get<T>(Option<T> option) => Arguments.GetValue(option)!;

    public T Get<T>(Argument<T> argument) => Arguments.GetValue(argument)!;

    /// <summary>The daemon of a data folder, or on another machine.</summary>
    public ControlClient Daemon(Option<string?> data) => ServerOptions.Find(Arguments, data);
}

internal static class Verb
{
    /// <summary>Binds a body to a command: every verb ends in one of the exit codes, with an error that has a hint.</summary>
    public static Command Does(this Command command, Func<VerbContext, Task<int>> body)
    {
        command.SetAction(async (arguments, _) =>
        {
            CommandOutput output = new(arguments.GetValue(Postern.Commands.Arguments.Output), Console.Out, Console.Error);
            using SignalCancellation signals = new();
            try
            {
                return await body(new VerbContext(arguments, output, signals.Token));
            }
            catch (CommandFailure failure)
            {
                return output.Failure(failure);
            }
            catch (OperationException failure)
            {
                return output.Failure(CommandFailure.From(failure));
            }
            catch (Exception e) when (Failures.From(e) is { } failure)
            {
                return output.Failure(CommandFailure.From(failure));
            }
            catch (OperationCanceledException) when (signals.Token.IsCancellationRequested)
            {
                return output.Failure(new CommandFailure(ExitCode.Failed, "interrupted", "interrupted", ""));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return output.Failure(new CommandFailure(ExitCode.Failed, "inputOutput", e.Message, "check the path, its permissions and the free space", e));
            }
        });
        return command;
    }
}

using Postern.Operations;

namespace Postern;

/// <summary>The end of a command that did not work, as the terminal shows it: the code is for programs, message and hint for people.</summary>
public sealed class CommandFailure(int exitCode, string code, string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;

    public string Code { get; } = code;

    public string Hint { get; } = hint;

    public static CommandFailure From(OperationException failure) =>
        new(Postern.ExitCode.For(failure.Category), failure.Code, failure.Message, failure.Hint, failure);

    public static CommandFailure WrongUsage(string message, string hint) => new(Postern.ExitCode.WrongUsage, "wrongUsage", message, hint);
}

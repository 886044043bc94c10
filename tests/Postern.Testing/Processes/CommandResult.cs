namespace Postern.Testing;

/// <summary>What a program that ran to its end left.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    /// <exception cref="InvalidOperationException">The exit code is not 0; the message carries everything it wrote.</exception>
    public CommandResult MustSucceed() => ExitCode == 0 ? this : throw new InvalidOperationException(ToString());

    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Error}";
}

using System.CommandLine;
using System.Text;

namespace Postern.Commands;

/// <summary>Passphrases on the command line: from a file or from the terminal, never as an argument, which every process could read.</summary>
internal static class Passphrases
{
    /// <summary>Octets; the passphrase is the first line.</summary>
    private const int MaxFileBytes = 64 * 1024;

    public static Option<string?> FileOption(string description) => new("--passphrase-file") { HelpName = "FILE", Description = description };

    /// <summary>The first line of a file, without its end.</summary>
    /// <exception cref="CommandFailure">It cannot be read, or is empty.</exception>
    public static string Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxFileBytes)
            {
                throw new CommandFailure(ExitCode.Failed, "passphrase", $"{path} has more than {MaxFileBytes} octets", "the first line of the file is the passphrase; check the name");
            }

            return File.ReadLines(path, Encoding.UTF8).FirstOrDefault() is { Length: > 0 } line
                ? line
                : throw new CommandFailure(ExitCode.Failed, "passphrase", $"{path} has no passphrase", "its first line is the passphrase, without blanks around it");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCode.Failed, "passphrase", $"the passphrase in {path} cannot be read: {e.Message}", "check the path and its permissions", e);
        }
    }

    /// <summary>Asks at the terminal, without showing what is typed.</summary>
    /// <param name="twice">For a new passphrase.</param>
    /// <exception cref="CommandFailure">There is no terminal, or the second time was different.</exception>
    public static string Ask(string what, bool twice, TextWriter talk)
    {
        if (Console.IsInputRedirected)
        {
            throw new CommandFailure(ExitCode.WrongUsage, "passphrase", $"{what}: there is no terminal to ask at", "give --passphrase-file FILE");
        }

        string first = AskOnce($"{what}: ", talk);
        return !twice || AskOnce("again: ", talk) == first
            ? first
            : throw new CommandFailure(ExitCode.Failed, "passphrase", "the two passphrases differ", "repeat the command");
    }

    private static string AskOnce(string prompt, TextWriter talk)
    {
        talk.Write(prompt);
        talk.Flush();
        StringBuilder typed = new();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                typed.Length = Math.Max(0, typed.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                typed.Append(key.KeyChar);
            }
        }

        talk.WriteLine();
        return typed.ToString();
    }
}

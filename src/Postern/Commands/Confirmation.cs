namespace Postern.Commands;

/// <summary>Questions before something that cannot be undone, or that many would not want. No answer is no.</summary>
internal static class Confirmation
{
    /// <returns>False too where there is no terminal to ask at: scripts say what they want with an option.</returns>
    public static bool Ask(TextWriter talk, string question)
    {
        if (Console.IsInputRedirected)
        {
            return false;
        }

        talk.Write($"{question} [y/N] ");
        talk.Flush();
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }
}

namespace Postern.EdgeSync.Synchronization.Planning;

/// <summary>A plan cannot be applied.</summary>
/// <param name="message">Which one, and why.</param>
/// <param name="hint">What to do about it.</param>
public sealed class PlanException(string message, string hint) : Exception(message)
{
    public string Hint { get; } = hint;
}

namespace Postern.EdgeSync.Subscriptions;

/// <summary>A subscription could not be made, imported, shown or removed.</summary>
/// <param name="message">What failed and on which object.</param>
/// <param name="hint">What to do about it.</param>
public sealed class SubscriptionException(string message, string hint, Exception? inner = null) : Exception(message, inner)
{
    public string Hint { get; } = hint;

    /// <summary>There is no such subscription.</summary>
    public bool IsMissing { get; init; }

    /// <summary>The edge answered, and knows this hub neither by an account nor by its certificate.</summary>
    public bool IsForgotten { get; init; }
}

/// <summary>A subscription file cannot be used.</summary>
public sealed class SubscriptionFileException : Exception
{
    public SubscriptionFileException(string fileName, int line, string fault, string hint, Exception? inner = null)
        : base(line > 0 ? $"{fileName}, line {line}: {fault}" : $"{fileName}: {fault}", inner)
    {
        FileName = fileName;
        Line = line;
        Hint = hint;
    }

    public string FileName { get; }

    /// <summary>From 1; 0 when the fault is not at a line.</summary>
    public int Line { get; }

    /// <summary>What to do about it.</summary>
    public string Hint { get; }
}

namespace Postern.Mail;

/// <summary>The values of an enum as directory and commands write them: its names in camelCase.</summary>
internal static class EnumWords<T>
    where T : struct, Enum
{
    private static readonly T[] Values = Enum.GetValues<T>();

    public static IReadOnlyList<string> All { get; } = [.. Values.Select(Write)];

    public static string Write(T value)
    {
        string name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    /// <summary>Letter case does not matter.</summary>
    public static bool TryRead(string text, out T value)
    {
        int at = Array.FindIndex(Values, candidate => Write(candidate).Equals(text, StringComparison.OrdinalIgnoreCase));
        value = at >= 0 ? Values[at] : default;
        return at >= 0;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Mail;

/// <summary>The largest message that a connector takes: octets, written like <c>35MB</c>, <c>100KB</c>, <c>5000</c> or <c>unlimited</c>.</summary>
/// <param name="Octets">Null: unlimited.</param>
public sealed record ByteSize(long? Octets)
{
    public const string UnlimitedWord = "unlimited";

    /// <summary>One KB is 1024 octets.</summary>
    public const long Kilo = 1024;

    public const long Mega = Kilo * Kilo;

    /// <summary>Less is surely a mistake: it lets no message through. Octets; ours.</summary>
    public const long Least = 64 * Kilo;

    /// <summary>2 GB less one KB, octets: more than mail programs count. Ours.</summary>
    public const long Most = (2048 * Mega) - Kilo;

    public static ByteSize Unlimited { get; } = new((long?)null);

    public static bool TryParse(string text, [NotNullWhen(true)] out ByteSize? size, [NotNullWhen(false)] out string? error)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        size = null;
        error = null;
        if (rest.Equals(UnlimitedWord, StringComparison.OrdinalIgnoreCase))
        {
            size = Unlimited;
            return true;
        }

        long unit = rest.EndsWith("MB", StringComparison.OrdinalIgnoreCase) ? Mega : rest.EndsWith("KB", StringComparison.OrdinalIgnoreCase) ? Kilo : 1;
        rest = unit > 1 ? rest[..^2].TrimEnd() : rest;
        if (!long.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > Most)
        {
            error = $"'{text}' is not a size like 35MB, 100KB or {UnlimitedWord}, up to {new ByteSize(Most)}";
            return false;
        }

        long octets = number * unit;
        error = octets is >= Least and <= Most ? null : $"a size of {text} is out of range: from {new ByteSize(Least)} to {new ByteSize(Most)}, or {UnlimitedWord}";
        size = error is null ? new ByteSize(octets) : null;
        return error is null;
    }

    public override string ToString() => Octets switch
    {
        null => UnlimitedWord,
        { } octets when octets % Mega == 0 => string.Create(CultureInfo.InvariantCulture, $"{octets / Mega}MB"),
        { } octets when octets % Kilo == 0 => string.Create(CultureInfo.InvariantCulture, $"{octets / Kilo}KB"),
        { } octets => octets.ToString(CultureInfo.InvariantCulture),
    };
}

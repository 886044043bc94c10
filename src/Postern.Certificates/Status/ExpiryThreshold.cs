using System.Globalization;

namespace Postern.Certificates;

/// <summary>How much of its life a certificate has to have left: days, or a part of its whole life.</summary>
/// <param name="Days">Null: it is a part.</param>
/// <param name="Fraction">Of the life, 0 to 1. With <paramref name="Days"/>: the days, but no more than this part.</param>
public readonly record struct ExpiryThreshold(int? Days, double? Fraction)
{
    /// <summary>Days. Ten years: more is a slip.</summary>
    public const int MaxDays = 3660;

    private const double Percent = 100;

    /// <param name="text">E.g. <c>60d</c>, <c>60</c> or <c>25%</c>.</param>
    public static bool TryParse(string text, out ExpiryThreshold threshold)
    {
        string trimmed = text.Trim();
        if (trimmed.EndsWith('%') && double.TryParse(trimmed[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent) && percent is > 0 and < Percent)
        {
            threshold = new ExpiryThreshold(null, percent / Percent);
            return true;
        }

        bool good = int.TryParse(trimmed.TrimEnd('d', 'D'), NumberStyles.None, CultureInfo.InvariantCulture, out int days) && days is >= 0 and <= MaxDays;
        threshold = good ? new ExpiryThreshold(days, null) : default;
        return good;
    }

    /// <summary>Of a certificate that lives so long.</summary>
    public TimeSpan Of(TimeSpan life) => (Days, Fraction) switch
    {
        ({ } days, { } part) when TimeSpan.FromDays(days) > life * part => life * part,
        ({ } days, _) => TimeSpan.FromDays(days),
        (null, { } part) => life * part,
        _ => TimeSpan.Zero,
    };

    public override string ToString() => (Days, Fraction) switch
    {
        ({ } days, { } part) => string.Create(CultureInfo.InvariantCulture, $"{days}d, at most {part * Percent:0.##}%"),
        ({ } days, _) => string.Create(CultureInfo.InvariantCulture, $"{days}d"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Fraction * Percent:0.##}%"),
    };
}

/// <summary>When somebody wants to hear of it.</summary>
public sealed record ExpiryThresholds(ExpiryThreshold Warning, ExpiryThreshold Critical)
{
    /// <summary>60 and 30 days (fact sheet 8.3); but a quarter and an eighth of the life of those that live shorter than 240 days, which are renewed later.</summary>
    public static ExpiryThresholds Default { get; } = new(new ExpiryThreshold(60, 0.25), new ExpiryThreshold(30, 0.125));
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Postern.Ldap;

/// <summary>The option of Active Directory that a part of an attribute's values carries: <c>member;range=0-1499</c>, and <c>*</c> in place of
/// the upper end for the last part. MS-ADTS section 3.1.1.3.1.3.3 (range retrieval).</summary>
/// <param name="BaseDescription">Type and its other options.</param>
/// <param name="Low">Of the first value of this part, from 0.</param>
/// <param name="High">Of its last value; null: up to the end.</param>
public sealed record RangeOption(string BaseDescription, int Low, int? High)
{
    private const string Prefix = "range=";

    /// <summary>False for descriptions without the option, and for options that are none.</summary>
    public static bool TryParse(string description, [NotNullWhen(true)] out RangeOption? range)
    {
        range = null;
        int at = description.IndexOf(';', StringComparison.Ordinal);
        while (at >= 0)
        {
            int end = description.IndexOf(';', at + 1);
            ReadOnlySpan<char> option = description.AsSpan(at + 1, (end < 0 ? description.Length : end) - at - 1);
            if (option.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                return TryParse(option[Prefix.Length..], description.Remove(at, option.Length + 1), out range);
            }

            at = end;
        }

        return false;
    }

    /// <summary>The description to ask for.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{BaseDescription};{Prefix}{Low}-{(High is { } high ? high.ToString(CultureInfo.InvariantCulture) : "*")}");

    private static bool TryParse(ReadOnlySpan<char> ends, string baseDescription, [NotNullWhen(true)] out RangeOption? range)
    {
        range = null;
        int dash = ends.IndexOf('-');
        if (dash < 0 || !int.TryParse(ends[..dash], NumberStyles.None, CultureInfo.InvariantCulture, out int low))
        {
            return false;
        }

        ReadOnlySpan<char> upper = ends[(dash + 1)..];
        if (upper is "*")
        {
            range = new RangeOption(baseDescription, low, null);
        }
        else if (int.TryParse(upper, NumberStyles.None, CultureInfo.InvariantCulture, out int high) && high >= low)
        {
            range = new RangeOption(baseDescription, low, high);
        }

        return range is not null;
    }
}

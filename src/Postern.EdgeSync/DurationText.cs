using System.Globalization;
using System.Text.RegularExpressions;

namespace Postern.EdgeSync;

/// <summary>Durations as text: <c>[d.]hh:mm:ss</c>, e.g. <c>00:05:00</c> or <c>1.00:00:00</c>.</summary>
/// <remarks>Not TimeSpan.Parse: that reads <c>24:00:00</c> as 24 days (fact sheet 2.2).</remarks>
public static partial class DurationText
{
    public const string Form = "[d.]hh:mm:ss";

    public static bool TryParse(string text, out TimeSpan duration)
    {
        Match match = Shape().Match(text);
        if (!match.Success)
        {
            duration = default;
            return false;
        }

        duration = new TimeSpan(Number(match.Groups["d"]), Number(match.Groups["h"]), Number(match.Groups["m"]), Number(match.Groups["s"]));
        return true;
    }

    public static string Print(TimeSpan duration) => duration.ToString("c", CultureInfo.InvariantCulture);

    private static int Number(Group group) => group.Success ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex(@"\A(?:(?<d>[0-9]{1,5})\.)?(?<h>[01][0-9]|2[0-3]):(?<m>[0-5][0-9]):(?<s>[0-5][0-9])\z")]
    private static partial Regex Shape();
}

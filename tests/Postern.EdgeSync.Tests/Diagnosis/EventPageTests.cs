using System.Globalization;
using System.Runtime.CompilerServices;
using Postern.EdgeSync.Diagnosis;

namespace Postern.EdgeSync.Tests.Diagnosis;

/// <summary>docs/events: every code of the doctor has a page that says what it says, and every page a code; numbers of Exchange that are only logged have one, too.</summary>
public sealed class EventPageTests
{
    /// <summary>Exchange's numbers that are logged and no finding of the doctor, or have no counterpart; their pages say so.</summary>
    private static readonly int[] NoFindings = [1036, 12014, 12016, 12018, 12024];

    private static string Folder([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "docs", "events"));

    [Fact]
    public void Numbers_and_names_are_used_once()
    {
        Assert.Equal(FindingCodes.All.Count, FindingCodes.All.Select(one => one.Number).Distinct().Count());
        Assert.Equal(FindingCodes.All.Count, FindingCodes.All.Select(one => one.Name).Distinct().Count());
    }

    [Fact]
    public void Every_code_has_a_page_and_every_page_a_code() => Assert.Equal(
        FindingCodes.All.Select(one => one.Number).Concat(NoFindings).Select(one => one.ToString(CultureInfo.InvariantCulture)).Order(StringComparer.Ordinal),
        System.IO.Directory.GetFiles(Folder(), "*.md").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Fact]
    public void Pages_say_what_the_doctor_says()
    {
        foreach (FindingCode code in FindingCodes.All)
        {
            string number = code.Number.ToString(CultureInfo.InvariantCulture);
            string[] lines = File.ReadAllLines(Path.Combine(Folder(), number + ".md"));
            Assert.Equal($"# {number} {code.Name}", lines[0]);
            string text = string.Join(' ', lines);
            Assert.Contains(code.Cause, text, StringComparison.OrdinalIgnoreCase);
            Assert.Contains(code.Mend.Replace(FindingCode.Subject, "NAME", StringComparison.Ordinal), text, StringComparison.OrdinalIgnoreCase);
        }
    }
}

using System.Globalization;
using Postern.Operations.Diagnosis;

namespace Postern.Output;

/// <summary>A walk of the doctor for people: one line a step, and under a fault its cause, its page and what mends it.</summary>
internal static class DoctorText
{
    /// <summary>Columns of the state and the step; the longest words have 7 and 13 letters.</summary>
    private const int StateWidth = 9;
    private const int CheckWidth = 15;

    public static void Write(TextWriter output, DoctorReport report)
    {
        string? about = null;
        foreach (FindingView one in report.Findings)
        {
            if (about != (one.About ?? ""))
            {
                about = one.About ?? "";
                output.WriteLine(about.Length == 0 ? Node(report) : about);
            }

            string state = one.State == DoctorReport.Failed ? "FAILED" : one.State;
            output.WriteLine($"  {state.PadRight(StateWidth)}{one.Check.PadRight(CheckWidth)}{one.Evidence}");
            if (one.Code is { } code)
            {
                Under(output, "cause", one.Cause);
                Under(output, "mend", one.Mend);
                Under(output, "see", string.Create(CultureInfo.InvariantCulture, $"docs/events/{code}.md ({one.CodeName})"));
            }
        }

        int faults = report.Findings.Count(one => one.State == DoctorReport.Failed);
        int warnings = report.Findings.Count(one => one.State == DoctorReport.Warning);
        output.WriteLine(faults + warnings == 0 ? "all is well" : string.Create(CultureInfo.InvariantCulture, $"{faults} failed, {warnings} warnings"));
    }

    private static string Node(DoctorReport report) => report.Name.Length == 0 ? "this machine" : $"{report.Side} {report.Name}";

    private static void Under(TextWriter output, string what, string? text) => output.WriteLine($"{new string(' ', StateWidth + 2)}{what.PadRight(CheckWidth)}{text}");
}

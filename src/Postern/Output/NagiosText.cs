using System.Globalization;
using System.Text;
using Postern.Operations.Certificates;

namespace Postern.Output;

/// <summary>The watch as a Nagios plugin says it (Monitoring Plugins Development Guidelines): one line, <c>|</c>, performance data; then the rest.</summary>
internal static class NagiosText
{
    public const int ExitUnknown = 3;

    private const string Service = "CERTIFICATES";

    /// <summary>Octets that Nagios Core reads of an answer by default are 8192; half of it for each half. Ours.</summary>
    private const int MaxPerformanceData = 4000;

    /// <summary>Lines after the first. Ours.</summary>
    private const int MaxLines = 20;

    public static int ExitCodeOf(string level) => level switch { "ok" => 0, "warning" => 1, "critical" => 2, _ => ExitUnknown };

    public static string Unknown(string why) => $"{Service} UNKNOWN - {Plain(why)}";

    public static void Write(TextWriter output, CertificateWatchView view)
    {
        string data = PerformanceData(view);
        output.WriteLine($"{Service} {view.Level.ToUpperInvariant()} - {Plain(view.Summary)}{(data.Length > 0 ? $" | {data}" : "")}");
        foreach (string line in view.Certificates.Where(one => one.Level != "ok").Select(one => $"{one.Level}: {one.Node}: {one.Name}: {one.Text}").Concat(view.Faults).Take(MaxLines))
        {
            output.WriteLine(Plain(line));
        }
    }

    /// <summary>Seconds that are left, the thresholds as ranges: <c>60:</c> alerts below 60. Those in use only, the nearest end first.</summary>
    private static string PerformanceData(CertificateWatchView view)
    {
        StringBuilder text = new();
        foreach (WatchedCertificateView one in view.Certificates.Where(one => one is { InUse: true, RemainingSeconds: not null }).OrderBy(one => one.RemainingSeconds))
        {
            string label = $"{one.Node}/{(one.Services.Count > 0 ? string.Join('+', one.Services) : one.Kind)}/{one.Thumbprint?[..8] ?? one.Name}".Replace('\'', ' ').Replace('=', ' ').Replace('|', ' ');
            string value = string.Create(CultureInfo.InvariantCulture, $"'{label}'={one.RemainingSeconds}s;{one.WarningSeconds}:;{one.CriticalSeconds}:");
            if (text.Length + value.Length > MaxPerformanceData)
            {
                break;
            }

            text.Append(text.Length > 0 ? " " : "").Append(value);
        }

        return text.ToString();
    }

    /// <summary>A bar would begin performance data.</summary>
    private static string Plain(string text) => PlainTextWriter.OneLine(text.ReplaceLineEndings(" ")).Replace('|', '/');
}

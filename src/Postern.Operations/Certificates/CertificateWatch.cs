using System.Globalization;
using Postern.Certificates;

namespace Postern.Operations.Certificates;

/// <summary>Puts the reports of all nodes together and says what has to be done.</summary>
public static class CertificateWatch
{
    /// <summary>A node that reports at all does so each hour; after so long something is in its way. Ours.</summary>
    public static readonly TimeSpan StaleAfter = TimeSpan.FromDays(2);

    private const string Unknown = "unknown";

    /// <param name="faults">What could not be asked.</param>
    public static CertificateWatchView Judge(IReadOnlyList<NodeReport> nodes, IReadOnlyList<string> faults, ExpiryThresholds thresholds, DateTimeOffset now)
    {
        List<string> problems = [.. faults];
        List<WatchedCertificateView> all = [];
        foreach (NodeReport node in nodes)
        {
            if (node.Report is not { } octets || CertificateReport.TryRead(octets) is not { } report)
            {
                problems.Add(node.Report is null ? $"{node.Side} {node.Node} has not reported its certificates yet" : $"the report of {node.Side} {node.Node} cannot be read: it runs another version");
                continue;
            }

            if (now - report.TakenUtc > StaleAfter)
            {
                problems.Add($"the report of {node.Side} {node.Node} is of {report.TakenUtc:u}: it, or the way from it, stands still");
            }

            all.AddRange(report.Certificates.Select(one => View(node.Node, one, CertificateVerdict.Of(one, thresholds, now))));
            if (report.Left > 0)
            {
                problems.Add(string.Create(CultureInfo.InvariantCulture, $"{report.Left} certificates of {node.Side} {node.Node} are not in its report, which has {CertificateReport.MaxCertificates}"));
            }
        }

        WatchedCertificateView[] sorted = [.. all.OrderByDescending(one => Rank(one.Level)).ThenBy(one => one.EndsUtc ?? DateTimeOffset.MaxValue)];
        string level = sorted.Any(one => one.Level == "critical") ? "critical" : sorted.Any(one => one.Level == "warning") || problems.Count > 0 ? sorted.Length == 0 && problems.Count > 0 ? Unknown : "warning" : "ok";
        return new CertificateWatchView(level, Summary(sorted, problems), sorted, problems);
    }

    private static string Summary(WatchedCertificateView[] sorted, List<string> problems)
    {
        int critical = sorted.Count(one => one.Level == "critical");
        int warning = sorted.Count(one => one.Level == "warning") + problems.Count;
        string what = string.Create(CultureInfo.InvariantCulture, $"{sorted.Length} certificates of {sorted.Select(one => one.Node).Distinct().Count()} nodes: {critical} critical, {warning} warnings");
        if (sorted.FirstOrDefault(one => one.Level != "ok") is { } worst)
        {
            return $"{what}; {worst.Node}: {worst.Name}: {worst.Text}";
        }

        return problems.Count > 0 ? $"{what}; {problems[0]}"
            : sorted.Where(one => one.InUse && one.EndsUtc is not null).MinBy(one => one.EndsUtc) is { } next
                ? string.Create(CultureInfo.InvariantCulture, $"{what}; the next ends at {next.EndsUtc:u}: {next.Node}: {next.Name}") : what;
    }

    private static WatchedCertificateView View(string node, WatchedCertificate one, CertificateVerdict verdict) => new(
        Plain(node), Words.CamelCase(one.Kind), Plain(one.Name), one.Thumbprint is { } thumbprint ? Plain(thumbprint) : null, [.. one.Services.Select(Plain)], Words.CamelCase(one.Status), Words.CamelCase(verdict.Level), verdict.Text is { } text ? Plain(text) : null, one.EndsUtc,
        (long?)verdict.Remaining?.TotalSeconds, (long)verdict.Warning.TotalSeconds, (long)verdict.Critical.TotalSeconds, one.IsInUse);

    /// <summary>Names come from certificates of anybody: nothing in them moves a terminal's cursor.</summary>
    private static string Plain(string text) => string.Concat(text.Select(one => char.IsControl(one) ? '?' : one));

    private static int Rank(string level) => level switch { "critical" => 2, "warning" => 1, _ => 0 };
}

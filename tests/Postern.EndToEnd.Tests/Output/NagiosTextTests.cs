using Postern.Operations.Certificates;
using Postern.Output;

namespace Postern.EndToEnd.Tests.Output;

/// <summary>What a monitor reads: Monitoring Plugins Development Guidelines, plugin output and performance data.</summary>
public sealed class NagiosTextTests
{
    [Fact]
    public void One_line_says_it_with_performance_data_and_what_is_wrong_follows()
    {
        string text = Write(View("warning", One("edge1", "CN=mail | x", "warning", 3_542_400), One("hub1", "CN=good", "ok", 9_000_000)));

        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(
            "CERTIFICATES WARNING - 2 certificates | 'edge1/smtp/5D0C11A2'=3542400s;5184000:;2592000: 'hub1/smtp/5D0C11A2'=9000000s;5184000:;2592000:", lines[0]);
        Assert.Equal("warning: edge1: CN=mail / x: ends soon", lines[1]);
        Assert.Equal(2, lines.Length);
    }

    [Theory]
    [InlineData("ok", 0)]
    [InlineData("warning", 1)]
    [InlineData("critical", 2)]
    [InlineData("unknown", 3)]
    [InlineData("anything", 3)]
    public void Exit_codes_are_those_of_plugins(string level, int code) => Assert.Equal(code, NagiosText.ExitCodeOf(level));

    [Fact]
    public void A_monitor_reads_no_more_than_it_can_and_no_control_characters()
    {
        string text = Write(View("critical", [.. Enumerable.Range(0, 500).Select(i => One($"node{i}", "CN=a\u001b[31m\nb", "critical", i))]));

        string[] lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(21, lines.Length);
        Assert.True(lines[0].Length < 4_200, $"{lines[0].Length} characters");
        Assert.DoesNotContain(lines, line => line.Any(char.IsControl));
    }

    private static string Write(CertificateWatchView view)
    {
        using StringWriter written = new() { NewLine = "\n" };
        NagiosText.Write(written, view);
        return written.ToString();
    }

    private static CertificateWatchView View(string level, params WatchedCertificateView[] certificates) => new(level, $"{certificates.Length} certificates", certificates, []);

    private static WatchedCertificateView One(string node, string name, string level, long left) => new(
        node, "service", name, "5D0C11A2FF", ["smtp"], "valid", level, "ends soon", null, left, 5_184_000, 2_592_000, InUse: true);
}

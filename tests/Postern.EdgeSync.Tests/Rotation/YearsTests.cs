using System.Globalization;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Rotation;
using Xunit.Abstractions;

namespace Postern.EdgeSync.Tests.Rotation;

/// <summary>
/// The life of a whole installation: nothing that renews breaks a cycle, and nothing secret is ever written in clear. Two weeks with lives that
/// are a sixth as long; with <c>POSTERN_TEST_DAYS=730</c> in the environment two years with those of the defaults, which takes half an hour.
/// </summary>
public sealed class YearsTests(ITestOutputHelper output)
{
    private const string DaysVariable = "POSTERN_TEST_DAYS";
    private const int DefaultDays = 16;
    private const int HoursPerDay = 24;
    private const int HoursPerLook = 3;
    private const int Nodes = 5;

    private static readonly CredentialTimetable Fast = new()
    {
        Lifetime = TimeSpan.FromDays(5),
        SuccessorBefore = TimeSpan.FromHours(28),
        EffectiveBefore = TimeSpan.FromHours(12),
    };

    private static readonly CertificateTimetable FastCertificates = new() { Lifetime = TimeSpan.FromDays(9), PreviousStays = TimeSpan.FromDays(2), ExpiresSoon = TimeSpan.FromDays(2) };

    [Fact]
    public async Task Hourly_cycles_and_daily_restarts_never_fail_while_everything_renews()
    {
        string? wanted = Environment.GetEnvironmentVariable(DaysVariable);
        int days = wanted is null ? DefaultDays : int.Parse(wanted, CultureInfo.InvariantCulture);
        CredentialTimetable timetable = wanted is null ? Fast : new CredentialTimetable();
        CertificateTimetable certificates = wanted is null ? FastCertificates : new CertificateTimetable();
        await using YearsBench bench = await YearsBench.StartAsync(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), timetable, certificates);
        for (int day = 0; day < days; day++)
        {
            for (int hour = 0; hour < HoursPerDay; hour++)
            {
                bench.Time.Advance(TimeSpan.FromHours(1));
                if (hour % HoursPerLook == 0)
                {
                    await bench.LookAsync();
                }

                await bench.CycleAsync();
            }

            switch (day % Nodes)
            {
                case 0 or 1:
                    await bench.StartHubAsync(day % Nodes);
                    break;
                default:
                    await bench.RestartEdgeAsync((day % Nodes) - bench.Hubs.Length);
                    break;
            }

            Assert.Empty(bench.Failures);
        }

        output.WriteLine($"{days} days, {bench.Cycles} cycles, {bench.Accounts.Count} accounts, {bench.Secrets} secrets, {bench.Log.Lines.Count} lines of log, certificates: {string.Join(", ", bench.Certificates.Select(node => $"{node.Key} {node.Value.Count}"))}");

        // One more whenever the one before is about to expire: of two hubs on three edges.
        double perPair = days / (timetable.Lifetime - timetable.EffectiveBefore).TotalDays;
        int pairs = bench.Hubs.Length * bench.All.Length;
        Assert.InRange(bench.Accounts.Count, pairs * Math.Floor(perPair), pairs * (Math.Ceiling(perPair) + 1));
        int switches = (int)(days / (certificates.Lifetime * certificates.RenewAfter).TotalDays);
        Assert.Equal(Nodes, bench.Certificates.Count);
        Assert.All(bench.Certificates, node => Assert.InRange(node.Value.Count, switches, switches + 1));
        Assert.DoesNotContain(bench.Log.Lines, line => line.Event is 10104 or 12015 or 12017 or 12019);
        Assert.DoesNotContain(bench.Log.Lines, line => line.Event is 1004 or 1006 or 3530); // no successor refused, nothing healed: nothing had to be
        Assert.Empty(bench.FindSecrets());
        await bench.LeakAsync();
        Assert.Single(bench.FindSecrets()); // what is looked for would be found
    }
}

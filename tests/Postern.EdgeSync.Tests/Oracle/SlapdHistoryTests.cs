using System.Globalization;
using Postern.EdgeSync.Tests.Incidents;
using Postern.EdgeSync.Tests.Testbed;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>
/// Random histories of a real OpenLDAP, with content synchronization (with and without a session log) and without. POSTERN_ORACLE_SLAPD=n
/// runs n of each.
/// </summary>
[Trait("RFC", "4533")]
public sealed class SlapdHistoryTests
{
    private const int DefaultSeeds = 4;

    [SkippableTheory]
    [InlineData("overlay syncprov", "syncprov-sessionlog 1000")]
    [InlineData("overlay syncprov")]
    [InlineData]
    public async Task Edge_equals_the_directory_after_every_history(params string[] databaseLines)
    {
        bool tellsDeletes = databaseLines.Length > 0;
        HistoryShape shape = new()
        {
            Slots = 6,
            Addresses = 6,
            Steps = 30,
            ChangeWhileRead = false,
            SourceLosesHistory = false,
            Units = true,
            HandedAtOnce = false,
            SettlesByWholeCompares = !tellsDeletes,
        };
        ManualClock clock = new();
        await using OracleEdge edge = await OracleEdge.StartAsync(clock);
        for (int seed = 1; seed <= Setting("POSTERN_ORACLE_SLAPD", DefaultSeeds); seed++)
        {
            List<Step> steps = StepGenerator.Make(seed, shape);
            if (await FailsAsync(steps) is { } failure)
            {
                (IReadOnlyList<Step> needed, string why) = await Shrinker.ShrinkAsync(steps, failure, FailsAsync);
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {why}\nafter\n  {string.Join("\n  ", needed)}"));
            }
        }

        async Task<string?> FailsAsync(IReadOnlyList<Step> history)
        {
            try
            {
                await RunOneAsync(shape, history, edge, clock, databaseLines);
                return null;
            }
            catch (OracleException e)
            {
                return e.Message;
            }
        }
    }

    private static async Task RunOneAsync(HistoryShape shape, IReadOnlyList<Step> steps, OracleEdge edge, ManualClock clock, string[] databaseLines)
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(databaseLines, ("unit", 0)));
        await using CuttingProxy line = CuttingProxy.To(slapd.LdapPort);
        using TempFolder folder = new();
        World world = new(shape);
        History? history = null;
        SlapdWorld source = new(world, slapd, line, folder, clock, () => history!.Changed());
        await using (history = new History(world, [source], edge, clock))
        {
            await history.RunAsync(steps);
        }
    }

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}

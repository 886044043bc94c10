using System.Globalization;
using Postern.EdgeSync.Tests.Testbed;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>
/// Random histories of sources in memory. POSTERN_ORACLE_SEEDS=n runs n of each shape instead, POSTERN_ORACLE_FIRST=n begins with another
/// seed; a failure is printed with its seed and the steps that it needs.
/// </summary>
public sealed class ScriptedHistoryTests
{
    private const int DefaultSeeds = 150;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Edge_equals_the_sources_after_every_history(int sources) =>
        await RunAsync(new HistoryShape { Sources = sources, OwnersKeep = true, HandedAtOnce = sources == 1 });

    [Fact]
    public async Task Edge_equals_the_source_after_every_history_of_few_who_fight_for_addresses() =>
        await RunAsync(new HistoryShape { Slots = 4, Addresses = 3, Steps = 25, OwnersKeep = true, HandedAtOnce = true });

    /// <summary>Held, approved, dissolved: the guard changes when something goes, never what comes out.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Edge_equals_the_sources_after_every_history_with_a_guard_that_holds_often(int sources) =>
        await RunAsync(new HistoryShape { Sources = sources, Guard = true, HandedAtOnce = false });

    private static async Task RunAsync(HistoryShape shape)
    {
        ManualClock clock = new();
        await using OracleEdge edge = await OracleEdge.StartAsync(clock);
        int first = Setting("POSTERN_ORACLE_FIRST", 1);
        for (int seed = first; seed < first + Setting("POSTERN_ORACLE_SEEDS", DefaultSeeds); seed++)
        {
            List<Step> steps = StepGenerator.Make(seed, shape);
            int drawn = seed;
            if (await FailsAsync(steps) is { } failure)
            {
                (IReadOnlyList<Step> needed, string why) = await Shrinker.ShrinkAsync(steps, failure, FailsAsync);
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"seed {seed}: {why}\nafter\n  {string.Join("\n  ", needed)}"));
            }

            async Task<string?> FailsAsync(IReadOnlyList<Step> history)
            {
                try
                {
                    await RunOneAsync(shape, drawn, history, edge, clock);
                    return null;
                }
                catch (OracleException e)
                {
                    return e.Message;
                }
            }
        }
    }

    private static async Task RunOneAsync(HistoryShape shape, int seed, IReadOnlyList<Step> steps, OracleEdge edge, ManualClock clock)
    {
        World world = new(shape);
        History? history = null;
        ScriptedFeed[] feeds = [.. Enumerable.Range(0, shape.Sources).Select(source => new ScriptedFeed(world, source, seed, () => history!.Changed()))];
        await using (history = new History(world, feeds, edge, clock))
        {
            await history.RunAsync(steps);
        }
    }

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}

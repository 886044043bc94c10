using System.Globalization;
using Postern.EdgeSync.Tests.Sources.ActiveDirectory;
using Postern.EdgeSync.Tests.Testbed;

namespace Postern.EdgeSync.Tests.Oracle;

/// <summary>Random histories of a real domain controller, read by DirSync and, by an account without that right, by update sequence numbers.
/// POSTERN_ORACLE_SAMBA=n runs n of each.</summary>
public sealed class SambaHistoryTests(DomainFixture domain) : IClassFixture<DomainFixture>
{
    private const int DefaultSeeds = 3;

    [SkippableTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Edge_equals_the_domain_after_every_history(bool mayReplicate)
    {
        HistoryShape shape = new() { Slots = 6, Addresses = 6, Steps = 30, ChangeWhileRead = false, SourceLosesHistory = false, Units = true, HandedAtOnce = false };
        await domain.UnitAsync();
        string? reader = mayReplicate ? null : await domain.AddReaderAsync("oracle");
        await domain.ShowDeletedObjectsAsync();
        ManualClock clock = new();
        await using OracleEdge edge = await OracleEdge.StartAsync(clock);
        for (int seed = 1; seed <= Setting("POSTERN_ORACLE_SAMBA", DefaultSeeds); seed++)
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
                await RunOneAsync(shape, history, edge, clock, reader);
                return null;
            }
            catch (OracleException e)
            {
                return e.Message;
            }
        }
    }

    private async Task RunOneAsync(HistoryShape shape, IReadOnlyList<Step> steps, OracleEdge edge, ManualClock clock, string? reader)
    {
        TestUnit inside = await domain.UnitAsync();
        TestUnit outside = await domain.UnitAsync();
        World world = new(shape);
        History? history = null;
        SambaWorld source = new(world, domain, inside.Dn, outside.Dn, reader, clock, () => history!.Changed());
        await source.StartAsync();
        await using (history = new History(world, [source], edge, clock))
        {
            await history.RunAsync(steps);
        }
    }

    private static int Setting(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}

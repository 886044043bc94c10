using System.Diagnostics;
using System.Globalization;
using Postern.Ldap;
using Postern.Testing;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class CrashTests
{
    private const int DefaultRounds = 8;
    private const string RoundsVariable = "POSTERN_KILL_ROUNDS";
    private const int MaxBatchesPerRound = 120;

    [Fact]
    public async Task Kill_9_loses_no_acknowledged_write_and_leaves_no_half_batch()
    {
        using TempFolder folder = new();
        await using (DirectoryEngine engine = DirectoryEngine.Open(Options(folder.Path), PosternSchema.Edge, new OpenPolicy(), TimeProvider.System))
        {
            await AddStructureAsync(engine.As(Principal.System));
        }

        HashSet<int> acknowledged = [];
        Random random = new(20261122);
        int rounds = int.TryParse(Environment.GetEnvironmentVariable(RoundsVariable), NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) ? wanted : DefaultRounds;
        for (int round = 0; round < rounds; round++)
        {
            acknowledged.UnionWith(await WriteAndKillAsync(folder.Path, round * 1_000_000, random.Next(MaxBatchesPerRound) + 1));
            await using DirectoryEngine engine = DirectoryEngine.Open(Program.Options(folder.Path), PosternSchema.Edge, new OpenPolicy(), TimeProvider.System);
            Assert.Empty(await engine.CheckAsync());
            Dictionary<int, int> found = await CountByBatchAsync(engine.As(Principal.System));
            Assert.All(found.Values, count => Assert.Equal(Program.EntriesPerBatch, count));
            Assert.Empty(acknowledged.Except(found.Keys));
        }
    }

    private static async Task<List<int>> WriteAndKillAsync(string folder, int first, int batches)
    {
        ProcessStartInfo start = new("dotnet", [typeof(Program).Assembly.Location, folder, first.ToString(CultureInfo.InvariantCulture)])
        {
            RedirectStandardOutput = true,
        };
        using Process child = Process.Start(start)!;
        List<int> acknowledged = [];
        while (await child.StandardOutput.ReadLineAsync() is { } line)
        {
            // A line that the kill cut short has no meaning; numbers are written whole, in one call.
            acknowledged.Add(int.Parse(line, CultureInfo.InvariantCulture));
            if (acknowledged.Count == batches)
            {
                child.Kill();
            }
        }

        await child.WaitForExitAsync();
        Assert.True(acknowledged.Count >= batches, $"the writer ended by itself with {child.ExitCode}");
        return acknowledged;
    }

    private static async Task<Dictionary<int, int>> CountByBatchAsync(IDirectory directory)
    {
        Dictionary<int, int> found = [];
        await foreach (LdapEntry entry in directory.SearchAsync(new SearchRequest(Recipients, SearchScope.SingleLevel, Filter.Anything, ["cn"])))
        {
            int batch = int.Parse(entry.FirstString("cn")!.AsSpan(1, entry.FirstString("cn")!.IndexOf('-', StringComparison.Ordinal) - 1), CultureInfo.InvariantCulture);
            found[batch] = found.GetValueOrDefault(batch) + 1;
        }

        return found;
    }
}

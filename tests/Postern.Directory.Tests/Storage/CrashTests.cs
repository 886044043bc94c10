using System.Diagnostics;
using System.Globalization;
using Postern.Ldap;
using Postern.Testing;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class CrashTests
{
    private const int Rounds = 3;
    private const int BatchesPerRound = 40;

    [Fact]
    public async Task Kill_9_loses_no_acknowledged_write_and_leaves_no_half_batch()
    {
        using TempFolder folder = new();
        await using (DirectoryEngine engine = DirectoryEngine.Open(Options(folder.Path), PosternSchema.Edge, new OpenPolicy(), TimeProvider.System))
        {
            await AddStructureAsync(engine.As(Principal.System));
        }

        HashSet<int> acknowledged = [];
        for (int round = 0; round < Rounds; round++)
        {
            acknowledged.UnionWith(await WriteAndKillAsync(folder.Path, round * 1_000_000));
            await using DirectoryEngine engine = DirectoryEngine.Open(Options(folder.Path), PosternSchema.Edge, new OpenPolicy(), TimeProvider.System);
            Assert.Empty(await engine.CheckAsync());
            Dictionary<int, int> found = await CountByBatchAsync(engine.As(Principal.System));
            Assert.All(found.Values, count => Assert.Equal(Program.EntriesPerBatch, count));
            Assert.Empty(acknowledged.Except(found.Keys));
        }
    }

    private static async Task<List<int>> WriteAndKillAsync(string folder, int first)
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
            if (acknowledged.Count == BatchesPerRound)
            {
                child.Kill();
            }
        }

        await child.WaitForExitAsync();
        Assert.True(acknowledged.Count >= BatchesPerRound, $"the writer ended by itself with {child.ExitCode}");
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

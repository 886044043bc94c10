using System.Globalization;
using System.Text;
using Postern.EdgeSync.Credentials;
using Postern.EdgeSync.Synchronization;
using Postern.Mail;
using Xunit.Abstractions;

namespace Postern.EdgeSync.Tests.Rotation;

/// <summary>Accounts and the certificates of both sides change while recipients are being synchronized. With <c>POSTERN_TEST_RECIPIENTS</c>
/// in the environment as many as that.</summary>
public sealed class RotationUnderLoadTests(ITestOutputHelper output)
{
    private const string CountVariable = "POSTERN_TEST_RECIPIENTS";
    private const int DefaultCount = 20_000;

    /// <summary>By the real clock, since everything runs at once. Each account is good for a minute, and has a successor in effect after a quarter of that.</summary>
    private static readonly CredentialTimetable Quick = new()
    {
        Lifetime = TimeSpan.FromSeconds(60),
        SuccessorBefore = TimeSpan.FromSeconds(50),
        EffectiveBefore = TimeSpan.FromSeconds(45),
    };

    [Fact]
    public async Task Nothing_fails_and_the_edge_equals_the_source()
    {
        int count = Environment.GetEnvironmentVariable(CountVariable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : DefaultCount;
        await using RotationBench bench = await RotationBench.StartAsync(credentials: Quick);
        bench.First.Write(Recipients(count));
        string edge = RotationBench.Pin((await bench.Edge.Certificates.RenewAsync(given: null, algorithm: null)).Next);
        string hub = RotationBench.Pin((await bench.First.Topology.Certificates.RenewAsync(given: null, algorithm: null)).Next);
        HashSet<string> accounts = [];
        using CancellationTokenSource enough = new();
        Task<int> load = SynchronizeAsync(bench, enough.Token);
        try
        {
            // Two accounts after the first, and all that the renewals want.
            while (!load.IsCompleted && (accounts.Count < 3 || RotationBench.Pin(bench.Edge.Service.Certificate) != edge || RotationBench.Pin(bench.First.Identity.Certificate) != hub))
            {
                await bench.RoundAsync();
                accounts.UnionWith((await bench.Edge.NamesAsync(EdgeLayout.Accounts)).Where(name => name.Contains("HUB1", StringComparison.Ordinal)));
            }
        }
        finally
        {
            await enough.CancelAsync();
        }

        int cycles = await load;
        output.WriteLine($"{count} recipients, {cycles} cycles, accounts {string.Join(", ", accounts)}");
        Assert.Equal((edge, hub), (RotationBench.Pin(bench.Edge.Service.Certificate), RotationBench.Pin(bench.First.Identity.Certificate)));
        await bench.CyclesSucceedAsync();
        Assert.Equal(count, (await bench.Edge.RecipientsAsync()).Count);
    }

    /// <summary>Everything again and again; each cycle has to succeed.</summary>
    private static async Task<int> SynchronizeAsync(RotationBench bench, CancellationToken enough)
    {
        int cycles = 0;
        do
        {
            foreach (SyncResult result in await bench.First.Synchronizer.StartAsync(new SyncStart { Full = true }, progress: null, CancellationToken.None))
            {
                Assert.True(result.Result == SyncOutcome.Success, $"{result.Type}: {result.Result}: {result.FailureDetails}");
                cycles++;
            }
        }
        while (!enough.IsCancellationRequested);

        return cycles;
    }

    private static string Recipients(int count)
    {
        StringBuilder text = new();
        for (int i = 0; i < count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"dn: cn=r{i},dc=example\nobjectClass: person\ncn: r{i}\nsn: r{i}\nmail: r{i}@example.com\n\n");
        }

        return text.ToString();
    }
}

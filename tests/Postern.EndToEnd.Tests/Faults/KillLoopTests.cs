using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.EndToEnd.Tests.Processes;
using Postern.Ldap;
using Postern.Ldap.Client;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EndToEnd.Tests.Faults;

/// <summary>kill -9 of an edge, again and again, while four clients write over the wire.</summary>
public sealed class KillLoopTests
{
    /// <summary>Rounds, when the environment does not say otherwise. A round is two starts of a daemon at most.</summary>
    private const int DefaultRounds = 20;
    private const string RoundsVariable = "POSTERN_KILL_ROUNDS";
    private const string SeedVariable = "POSTERN_KILL_SEED";
    private const int Clients = 4;

    /// <summary>A kill comes after so many confirmed updates at most.</summary>
    private const int MaxUpdatesPerRound = 400;

    private const string Account = "writer";
    private const string Password = "correct horse battery staple";

    [Fact]
    public async Task What_was_acknowledged_outlives_every_kill_and_nothing_is_half_there()
    {
        using TempFolder folder = new(shared: true);
        string edgeFolder = folder["edge"];
        await AddAccountAsync(edgeFolder);
        int seed = Setting(SeedVariable, 20261122);
        Random random = new(seed);
        WriteLoad[] loads = [.. Enumerable.Range(0, Clients).Select(i => new WriteLoad(i, random.Next()))];
        for (int round = Setting(RoundsVariable, DefaultRounds); round > 0; round--)
        {
            await using DaemonProcess edge = await DaemonProcess.StartEdgeAsync(edgeFolder);
            await AssertAllAsync(edge, loads);
            await WriteAndKillAsync(edge, loads, random.Next(MaxUpdatesPerRound) + 1);
            if (random.Next(2) == 0)
            {
                await AssertConsistentAsync(edgeFolder, $"seed {seed}, {round} rounds before the end");
            }
        }

        await using (DaemonProcess edge = await DaemonProcess.StartEdgeAsync(edgeFolder))
        {
            await AssertAllAsync(edge, loads);
        }

        await AssertConsistentAsync(edgeFolder, $"seed {seed}, at the end");
    }

    private static async Task WriteAndKillAsync(DaemonProcess edge, WriteLoad[] loads, int updates)
    {
        List<LdapConnection> connections = [];
        try
        {
            foreach (WriteLoad _ in loads)
            {
                connections.Add(await ConnectAsync(edge));
            }

            TaskCompletionSource enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
            int left = updates;
            Task[] writing =
            [
                .. loads.Zip(connections).Select(pair => Task.Run(() => pair.First.RunAsync(pair.Second, confirmed =>
                {
                    if (Interlocked.Add(ref left, -confirmed) <= 0)
                    {
                        enough.TrySetResult();
                    }
                }))),
            ];
            Task first = await Task.WhenAny([enough.Task, .. writing]);
            await edge.KillAsync();
            await Task.WhenAll(writing);
            Assert.True(first == enough.Task, $"the edge ended before it was killed:\n{edge.Output}");
        }
        finally
        {
            foreach (LdapConnection connection in connections)
            {
                await connection.DisposeAsync();
            }
        }
    }

    private static async Task AssertAllAsync(DaemonProcess edge, WriteLoad[] loads)
    {
        await using LdapConnection connection = await ConnectAsync(edge);
        List<LdapEntry> all = [];
        await foreach (LdapEntry entry in connection.SearchAsync(
            new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, ["cn", PosternAttributes.Source, PosternAttributes.AddressHash])))
        {
            all.Add(entry);
        }

        foreach (WriteLoad load in loads)
        {
            load.AssertAfterCrash(all);
        }
    }

    /// <summary>Opens the file as the killed process left it.</summary>
    private static async Task AssertConsistentAsync(string edgeFolder, string when)
    {
        await using DirectoryEngine engine = Open(edgeFolder);
        IReadOnlyList<string> faults = await engine.CheckAsync();
        Assert.True(faults.Count == 0, $"{when}:\n{string.Join('\n', faults)}");
    }

    private static async Task<LdapConnection> ConnectAsync(DaemonProcess edge)
    {
        LdapConnection connection = await LdapConnection.ConnectAsync(new LdapClientOptions { Endpoint = LdapEndpoint.Parse($"ldap://127.0.0.1:{edge.LdapPort}") });
        await connection.BindAsync($"cn={Account},{EdgeLayout.Accounts}", Password);
        return connection;
    }

    private static async Task AddAccountAsync(string edgeFolder)
    {
        await using (DaemonProcess edge = await DaemonProcess.StartEdgeAsync(edgeFolder))
        {
            await edge.StopAsync();
        }

        await using DirectoryEngine engine = Open(edgeFolder);
        (await engine.As(Principal.System).AddAsync(new AddRequest(
            $"cn={Account},{EdgeLayout.Accounts}",
            new LdapAttribute("objectClass", PosternClasses.Account),
            new LdapAttribute("cn", Account),
            new LdapAttribute("userPassword", PasswordHash.Create(Encoding.UTF8.GetBytes(Password), PasswordStrength.Random)),
            new LdapAttribute(PosternAttributes.Role, "operator")))).ThrowIfFailed("account");
    }

    private static DirectoryEngine Open(string edgeFolder) => PosternDirectories.OpenEdge(new EdgePaths(edgeFolder), TimeProvider.System, NullLoggerFactory.Instance);

    private static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}

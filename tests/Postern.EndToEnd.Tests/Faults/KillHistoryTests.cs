using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Postern.Control;
using Postern.Directory;
using Postern.EdgeSync;
using Postern.EndToEnd.Tests.Processes;
using Postern.Ldap;
using Postern.Mail;
using Postern.Operations.Synchronization;

namespace Postern.EndToEnd.Tests.Faults;

/// <summary>
/// A random history of a source, in which hub or edge are killed (-9) at random points of each cycle; after each, the edge equals what this
/// test computes by itself. POSTERN_KILL_HISTORY=n sets the rounds, POSTERN_KILL_SEED=n the seed.
/// </summary>
public sealed class KillHistoryTests
{
    private const int DefaultRounds = 6;

    /// <summary>Several batches, so that a kill can come between them.</summary>
    private const int People = 6_000;

    /// <summary>Of each kind of change in a round. All deletions together stay below what the guard lets through in an hour.</summary>
    private const int Changes = 1_500;
    private const int Deletions = 60;

    [Fact]
    public async Task Edge_equals_the_source_after_each_kill_of_hub_or_edge()
    {
        int seed = Setting("POSTERN_KILL_SEED", 1);
        Random random = new(seed);
        SortedDictionary<int, List<string>> people = new(Enumerable.Range(0, People).ToDictionary(number => number, number => new List<string> { $"p{number}@example.com" }));
        await using Installation one = await Installation.StartAsync(1);
        Write(one, people);
        await one.SubscribeAsync();
        for (int round = 0; round < Setting("POSTERN_KILL_HISTORY", DefaultRounds); round++)
        {
            Change(people, round, random);
            Write(one, people);
            bool edge = random.Next(2) == 0;
            await SynchronizeAndKillAsync(one, edge ? one.Edge.KillAsync : one.Hub.KillAsync, random.Next(12));
            await (edge ? one.RestartEdgeAsync() : one.RestartHubAsync());
            JsonElement next = await one.SynchronizeAsync();
            string when = $"seed {seed}, round {round}, killed {(edge ? "the edge" : "the hub")}";
            Assert.True(next.GetProperty("result").GetString() == "success", $"{when}: {next}");
            await one.Edge.KillAsync();
            await AssertEqualAsync(one, people, when);
            await one.RestartEdgeAsync();
        }
    }

    private static void Change(SortedDictionary<int, List<string>> people, int round, Random random)
    {
        for (int i = 0; i < Changes; i++)
        {
            // Somebody new; one address more; one that goes from hand to hand.
            int some = people.Keys.ElementAt(random.Next(100));
            int number = (People * (round + 1)) + i;
            people.Add(number, [$"p{number}@example.com"]);
            if (i % 7 == 0 && people.TryGetValue(number - People, out List<string>? before))
            {
                before.Add(string.Create(CultureInfo.InvariantCulture, $"more{number}@example.com"));
            }

            if (i % 50 == 0 && people[some].Count > 0)
            {
                people[number].Add(people[some][0]);
                people[some].RemoveAt(0);
            }
        }

        foreach (int number in people.Keys.OrderBy(_ => random.Next()).Take(Deletions).ToArray())
        {
            people.Remove(number);
        }
    }

    /// <summary>The kill comes with that report of progress; a cycle that was faster is killed at its end.</summary>
    private static async Task SynchronizeAndKillAsync(Installation one, Func<Task> kill, int report)
    {
        KillAt killer = new(kill, report);
        try
        {
            await ControlClient.For(one.HubFolder).StreamAsync(
                ControlRoutes.SyncStart, new StartSync(null, Full: false, ApproveDeletes: false), PosternJson.Default.StartSync, PosternJson.Default.SyncStreamLine,
                killer, CancellationToken.None);
        }
        catch (CommandFailure)
        {
            // The hub is gone.
        }

        killer.Now();
    }

    private static void Write(Installation one, SortedDictionary<int, List<string>> people) => one.WriteOrganization(writer =>
    {
        writer.Write("version: 1\n\n");
        foreach ((int number, List<string> addresses) in people)
        {
            writer.Write(string.Create(CultureInfo.InvariantCulture, $"dn: cn=p{number},dc=example,dc=com\nobjectClass: person\ncn: p{number}\n"));
            foreach (string address in addresses)
            {
                writer.Write($"mail: {address}\n");
            }

            writer.Write('\n');
        }
    });

    private static async Task AssertEqualAsync(Installation one, SortedDictionary<int, List<string>> people, string when)
    {
        EdgePaths paths = new(one.EdgeFolder);
        byte[] key = await File.ReadAllBytesAsync(paths.AddressKeyFile);
        HashSet<string> expected = [.. people.Values.SelectMany(addresses => addresses).Select(address => Convert.ToHexString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(address))))];
        List<string> found = [];
        int entries = 0;
        await using DirectoryEngine engine = PosternDirectories.OpenEdge(paths, TimeProvider.System, NullLoggerFactory.Instance);
        await foreach (LdapEntry entry in engine.As(Principal.System).SearchAsync(
            new SearchRequest(EdgeLayout.Recipients, SearchScope.SingleLevel, Filter.Anything, [PosternAttributes.AddressHash])))
        {
            entries++;
            found.AddRange(entry.Find(PosternAttributes.AddressHash)!.Values.Select(value => Convert.ToHexString(value.Span)));
        }

        Assert.True(people.Values.Count(addresses => addresses.Count > 0) == entries, $"{when}: {entries} recipients");
        Assert.True(found.Count == expected.Count && expected.SetEquals(found), $"{when}: {found.Count} addresses for {expected.Count}");
    }

    private static int Setting(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : otherwise;

    private sealed class KillAt(Func<Task> kill, int report) : IProgress<SyncProgressView>
    {
        private int _left = report;
        private bool _done;

        public void Report(SyncProgressView value)
        {
            if (value.Type == "recipients" && _left-- == 0)
            {
                Now();
            }
        }

        public void Now()
        {
            if (!_done)
            {
                _done = true;
                kill().GetAwaiter().GetResult();
            }
        }
    }
}

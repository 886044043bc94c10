using System.Globalization;
using Postern.Ldap;
using Xunit.Abstractions;

namespace Postern.EndToEnd.Tests.Hubs;

/// <summary>Two hubs and two edges in network namespaces, and cables that are pulled: nobody is told, nobody dies.</summary>
public sealed class CutHubsTests(ITestOutputHelper output)
{
    /// <summary>Event of a hub: the edge has refused what it sent, for the fence.</summary>
    private const int LeaseLost = 3502;

    /// <summary>More than a hub has on its way at once: a cut comes between.</summary>
    private const int Many = 1_500;

    [SkippableFact]
    public async Task Hub_that_is_cut_off_is_replaced_and_never_writes_again_what_it_had_on_its_way()
    {
        await using HubLab lab = await HubLab.StartAsync();
        (LabHub first, LabHub second) = (lab.First, lab.Second);
        foreach (LabEdge edge in lab.Edges)
        {
            await lab.UntilEqualAsync(edge);
        }

        // The first hub is cut from the edges amid the stream of changes, and goes on hearing of them. What it sends stays in its machine.
        string[] many = [.. Enumerable.Range(0, Many).Select(number => $"many{number}")];
        Task changes = lab.AddAsync(many);
        string[] early = [.. lab.Edges.Select(edge => edge.Witness.Hash("many0@example.com"))];
        await lab.UntilAsync(
            () => Task.FromResult(lab.Edges.Zip(early).All(one => Knows(one.First, one.Second))), () => null, () => "the changes do not arrive");
        await lab.CutAsync(first.Machine, HubLab.Perimeter);
        await changes;
        foreach (LabEdge edge in lab.Edges)
        {
            await lab.UntilHolderAsync(edge, second);
            await lab.UntilEqualAsync(edge);
        }

        // From here on the addresses that the first hub has on its way belong to nobody.
        await lab.RenameAsync(many.Skip(Many / 2), "new");
        await lab.DeleteAsync(many.Take(Many / 2));
        int[] marks = new int[lab.Edges.Length];
        for (int i = 0; i < marks.Length; i++)
        {
            await lab.UntilEqualAsync(lab.Edges[i]);
            marks[i] = lab.Edges[i].Witness.Sights.Count;
        }

        await lab.HealAsync(first.Machine, HubLab.Perimeter);
        await lab.UntilAsync(
            () => Task.FromResult(lab.Edges.All(edge => HasLost(first, edge))), () => null, () => "what the first hub had on its way does not fail");

        // It stands by; the second hub, which is now cut off altogether, is replaced by it.
        await lab.CutAsync(second.Machine, HubLab.Inside, HubLab.Perimeter);
        await lab.AddAsync(["after1", "after2"]);
        foreach (LabEdge edge in lab.Edges)
        {
            await lab.UntilHolderAsync(edge, first);
            await lab.UntilEqualAsync(edge);
        }

        await lab.HealAsync(second.Machine, HubLab.Inside, HubLab.Perimeter);
        await lab.DeleteAsync(["after1"]);
        foreach (LabEdge edge in lab.Edges)
        {
            await lab.UntilEqualAsync(edge);
            await lab.UntilAsync(() => HubLab.SeesHolderAsync(second, edge, first), () => null, () => $"{second.Name} does not stand by");
        }

        for (int i = 0; i < marks.Length; i++)
        {
            AssertOneWriter(lab.Edges[i]);
            HashSet<string> old = [.. many.Select(name => lab.Edges[i].Witness.Hash($"{name}@example.com"))];
            Assert.DoesNotContain(lab.Edges[i].Witness.Sights.Skip(marks[i]), sight => sight.Hashes.Any(old.Contains));
        }
    }

    [SkippableFact]
    public async Task Edge_that_is_cut_off_keeps_no_other_waiting_and_misses_nothing()
    {
        await using HubLab lab = await HubLab.StartAsync();
        (LabEdge one, LabEdge other) = (lab.Edges[0], lab.Edges[1]);
        await lab.UntilEqualAsync(one);
        await lab.UntilEqualAsync(other);

        await lab.CutAsync(other.Machine, HubLab.Perimeter);
        await lab.AddAsync(Enumerable.Range(0, 300).Select(number => $"meanwhile{number}"));
        await lab.DeleteAsync(["first1", "first2"]);
        await lab.UntilEqualAsync(one);

        await lab.HealAsync(other.Machine, HubLab.Perimeter);
        await lab.UntilEqualAsync(other);
        await lab.RenameAsync(["first3"], "new");
        foreach (LabEdge edge in lab.Edges)
        {
            await lab.UntilEqualAsync(edge);
            AssertOneWriter(edge);
        }
    }

    /// <summary>Something that the hub sent arrived, a batch or a renewal, and was refused by the fence.</summary>
    private static bool HasLost(LabHub hub, LabEdge edge) =>
        hub.Process.Events(LeaseLost).Any(lost => lost.GetProperty("fields").GetProperty("edge").GetString() == edge.Name);

    private static bool Knows(LabEdge edge, string hash) => edge.Witness.Sights.Any(sight => sight.Hashes.Contains(hash));

    /// <summary>In the order of the edge's own commits: fences only grow, holders change with a fence only, and whoever writes is the holder.</summary>
    private void AssertOneWriter(LabEdge edge)
    {
        EdgeWitness.Lease? lease = null;
        List<EdgeWitness.Lease> holders = [];
        int writes = 0;
        foreach (EdgeWitness.Sight sight in edge.Witness.Sights)
        {
            if (sight.Lease is { } seen)
            {
                Assert.True(lease is null || seen.Fence > lease.Fence || seen == lease, $"{edge.Name}: after {lease} came {seen}");
                if (seen != lease)
                {
                    holders.Add(seen);
                }

                lease = seen;
            }
            else if (sight.Hub is { } writer && sight.State == SyncEntryState.Modify)
            {
                writes++;
                Assert.True(lease is not null && writer == lease.Holder, $"{edge.Name}: {writer} wrote {sight.Dn} under {lease}");
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{edge.Name}: {string.Join(", ", holders)}; {writes} states written"));
        Assert.NotEmpty(holders);
    }
}

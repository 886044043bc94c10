using System.Globalization;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Synchronization;
using Postern.EdgeSync.Tests.Testbed;

namespace Postern.EdgeSync.Tests.Incidents;

/// <summary>Nobody is deleted, and still nobody gets mail: exports whose entries all lost what they were known by, and approvals that meet
/// another source than the one that was looked at.</summary>
public sealed class LostAddressesTests
{
    private const int People = 600;

    [Fact]
    public async Task Row_1_Second_addresses_that_are_missing_in_an_export_stay_known()
    {
        await using Scene scene = await Scene.StartAsync(hub => Scene.SettingsOf(Export(hub, 0, People, Address, Second)));
        await scene.GoodCycleAsync();
        Export(scene.Hub, 0, People, Address);
        SyncResult held = await AssertHeldAsync(scene, People);
        Assert.Contains("600 an address that nobody else gets", held.FailureDetails, StringComparison.Ordinal);
        await scene.AssertKnowsOnlyAsync(Known(Address, Second));

        // Tried again with every comparison, and at no cost.
        SyncResult again = await AssertHeldAsync(scene, People, new SyncStart { Sources = null });
        Assert.Equal(0, again.Updated);

        // The export is mended: what was held dissolves.
        Export(scene.Hub, 0, People, Address, Second);
        Assert.Equal(0, (await scene.GoodCycleAsync()).DeletesHeld);
        await scene.AssertKnowsOnlyAsync(Known(Address, Second));
    }

    [Fact]
    public async Task Row_1_Everybody_with_one_and_the_same_address_stays_known_by_the_old_ones()
    {
        await using Scene scene = await Scene.StartAsync(hub => Scene.SettingsOf(Export(hub, 0, People, Address)));
        await scene.GoodCycleAsync();
        Export(scene.Hub, 0, People, _ => "info@example.com");
        await AssertHeldAsync(scene, People);
        await scene.AssertKnowsOnlyAsync([.. Known(Address), "info@example.com"]);
    }

    [Fact]
    public async Task Row_1_Domain_with_a_typo_in_the_export_makes_nobody_unknown()
    {
        await using Scene scene = await Scene.StartAsync(hub => Scene.SettingsOf(Export(hub, 0, People, Address)));
        await scene.GoodCycleAsync();
        Export(scene.Hub, 0, People, Typo);
        await AssertHeldAsync(scene, People);
        await scene.AssertKnowsOnlyAsync(Known(Address, Typo));
        Assert.Equal(SyncOutcome.Success, (await scene.CycleAsync(new SyncStart { ApproveHeld = true })).Result);
        await scene.AssertKnowsOnlyAsync(Known(Typo));
    }

    [Fact]
    public async Task Row_1_Map_that_makes_everybody_internal_only_is_held()
    {
        string? condition = null;
        await using Scene scene = await Scene.StartAsync(hub => Scene.SettingsOf(Internal(Export(hub, 0, People, Address), condition)));
        await scene.GoodCycleAsync();
        condition = "(cn=*)";
        scene.RestartHub();
        await AssertHeldAsync(scene, People);
        Assert.Equal(0, await scene.InternalOnlyAsync());
        condition = null;
        scene.RestartHub();
        Assert.Equal(0, (await scene.GoodCycleAsync()).DeletesHeld);

        condition = "(cn=*)";
        scene.RestartHub();
        await AssertHeldAsync(scene, People);
        Assert.Equal(SyncOutcome.Success, (await scene.CycleAsync(new SyncStart { ApproveHeld = true })).Result);
        Assert.Equal(People, await scene.InternalOnlyAsync());
    }

    [Fact]
    public async Task Row_1_First_reading_that_is_empty_does_not_make_the_edge_ready()
    {
        await using Scene scene = await Scene.StartAsync(hub => Scene.SettingsOf(hub.LdifText("")));
        SyncResult result = await AssertHeldAsync(scene, 0);
        Assert.Contains("never had any", result.FailureDetails, StringComparison.Ordinal);
        Assert.Contains("sync held approve", result.FailureDetails, StringComparison.Ordinal);
        await AssertHeldAsync(scene, 0);
        Assert.False(await scene.IsReadyAsync());

        scene.Hub.Ldif("anna");
        await scene.GoodCycleAsync();
        Assert.True(await scene.IsReadyAsync());
        await scene.AssertKnowsOnlyAsync("anna@example.com");
    }

    [Fact]
    public async Task Row_1_Edge_without_anybody_is_made_ready_by_an_approval()
    {
        await using Scene scene = await Scene.StartAsync(hub => Scene.SettingsOf(hub.LdifText("")));
        await AssertHeldAsync(scene, 0);
        Assert.Equal(SyncOutcome.Success, (await scene.CycleAsync(new SyncStart { ApproveHeld = true })).Result);
        Assert.True(await scene.IsReadyAsync());
        await scene.GoodCycleAsync();
    }

    [Fact]
    public async Task Row_1_Approval_takes_what_was_held_and_nothing_that_vanished_since()
    {
        await using Scene scene = await Scene.StartAsync(hub => Scene.SettingsOf(Export(hub, 0, People, Address)));
        await scene.GoodCycleAsync();
        Export(scene.Hub, 100, People, Address);
        await AssertHeldAsync(scene, 100);
        scene.Hub.LdifText("");
        SyncResult approved = await scene.CycleAsync(new SyncStart { ApproveHeld = true });
        Assert.Equal((SyncOutcome.HeldByGuard, 100L, 500L), (approved.Result, approved.Deleted, approved.DeletesHeld));
        await scene.AssertKnowsOnlyAsync(Known(Address).Skip(100));
    }

    [Fact]
    public async Task Row_1_Approval_while_the_source_fails_deletes_nothing()
    {
        await using Scene scene = await Scene.StartAsync(hub => Scene.SettingsOf(Export(hub, 0, People, Address)));
        await scene.GoodCycleAsync();
        Export(scene.Hub, 100, People, Address);
        await AssertHeldAsync(scene, 100);
        string path = scene.Hub.LdifText("").Path!;
        File.Delete(path);
        SyncResult approved = await scene.CycleAsync(new SyncStart { ApproveHeld = true });
        Assert.Equal((SyncOutcome.SourceFailed, 0L), (approved.Result, approved.Deleted));
        await scene.AssertKnowsOnlyAsync(Known(Address));

        Export(scene.Hub, 100, People, Address);
        approved = await scene.CycleAsync(new SyncStart { ApproveHeld = true });
        Assert.Equal((SyncOutcome.Success, 100L), (approved.Result, approved.Deleted));
    }

    [Fact]
    public async Task Row_11_Name_that_comes_twice_in_an_export_is_said_and_the_first_counts()
    {
        await using Scene scene = await Scene.StartAsync(hub => Scene.SettingsOf(Export(hub, 0, 3, Address)));
        await scene.GoodCycleAsync();
        string twice = Staff.Person("cn=user1,dc=example,dc=com", "other@example.com");
        scene.Hub.LdifText(string.Concat(Enumerable.Range(0, 3).Select(number => Staff.Person($"cn=user{number},dc=example,dc=com", Address(number)))) + twice);
        for (int i = 0; i < 2; i++)
        {
            SyncResult result = await scene.CycleAsync(new SyncStart { Full = true });
            Assert.Equal((SyncOutcome.Success, 1L), (result.Result, result.Conflicts));
            Assert.Contains(result.Details, detail => detail.Contains("cn=user1,dc=example,dc=com: an entry before it has the same id", StringComparison.Ordinal));
            await scene.AssertKnowsOnlyAsync(Known(Address).Take(3));
        }
    }

    private static string Address(int number) => string.Create(CultureInfo.InvariantCulture, $"user{number}@example.com");

    private static string Second(int number) => string.Create(CultureInfo.InvariantCulture, $"second{number}@example.com");

    private static string Typo(int number) => string.Create(CultureInfo.InvariantCulture, $"user{number}@exmaple.com");

    private static IEnumerable<string> Known(params Func<int, string>[] addresses) => Enumerable.Range(0, People).SelectMany(number => addresses.Select(address => address(number)));

    private static SourceSettings Internal(SourceSettings source, string? condition) => source with { Map = source.Map with { InternalOnly = condition } };

    private static SourceSettings Export(TestHub hub, int first, int end, params Func<int, string>[] addresses) => hub.LdifText(string.Concat(
        Enumerable.Range(first, end - first).Select(number => Staff.Person($"cn=user{number},dc=example,dc=com", [.. addresses.Select(address => address(number))]))));

    private static async Task<SyncResult> AssertHeldAsync(Scene scene, long held, SyncStart? start = null)
    {
        SyncResult result = await scene.CycleAsync(start);
        Assert.Equal((SyncOutcome.HeldByGuard, 0L, held), (result.Result, result.Deleted, result.DeletesHeld));
        return result;
    }
}

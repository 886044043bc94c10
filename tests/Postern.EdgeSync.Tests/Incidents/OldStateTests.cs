using System.Text;
using Postern.EdgeSync.Synchronization;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Incidents;

/// <summary>Backups, clocks, damage: somebody knows less than he did, or something else.</summary>
public sealed class OldStateTests
{
    [SkippableFact]
    public async Task Row_4_Source_that_was_restored_from_an_old_backup_is_followed()
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 20));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        await slapd.BackUpAsync();
        (await slapd.Tools.AddAsync(Staff.Person($"cn=new,{Staff.Unit("berlin")}", "new@example.com"))).MustSucceed();
        (await slapd.Tools.DeleteAsync(Staff.Dn("berlin", 3))).MustSucceed();
        (await slapd.Tools.ModifyAsync($"dn: {Staff.Dn("berlin", 4)}\nchangetype: modify\nreplace: mail\nmail: changed@example.com\n")).MustSucceed();
        await scene.GoodCycleAsync();
        await slapd.RestoreAsync();
        await scene.GoodCycleAsync();
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 20));
    }

    [SkippableFact]
    public async Task Row_4_Source_that_was_restored_and_written_to_since_is_followed()
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 20));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        await slapd.BackUpAsync();
        (await slapd.Tools.DeleteAsync(Staff.Dn("berlin", 3))).MustSucceed();
        await scene.GoodCycleAsync();
        await slapd.RestoreAsync();
        // The source is ahead of the cookie again, but by another road.
        (await slapd.Tools.DeleteAsync(Staff.Dn("berlin", 5))).MustSucceed();
        await scene.CycleAsync();
        SyncResult result = await scene.CycleAsync(new SyncStart { Full = true });
        Assert.Equal(SyncOutcome.Success, result.Result);
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 20).Where(address => address != Staff.Address("berlin", 5)));
    }

    [SkippableTheory]
    [InlineData(24)]
    [InlineData(-24)]
    [InlineData(24 * 400)]
    [InlineData(-24 * 400)]
    public async Task Row_4_Clock_that_jumps_loses_nobody_and_stops_nothing(int hours)
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 20));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        scene.Clock.Jump(TimeSpan.FromHours(hours));
        (await slapd.Tools.AddAsync(Staff.Person($"cn=new,{Staff.Unit("berlin")}", "new@example.com"))).MustSucceed();
        await scene.GoodCycleAsync();
        await scene.AssertKnowsOnlyAsync([.. Staff.Addresses("berlin", 20), "new@example.com"]);
        scene.Clock.Jump(TimeSpan.FromHours(-hours));
        (await slapd.Tools.DeleteAsync(Staff.Dn("berlin", 3))).MustSucceed();
        await scene.GoodCycleAsync();
        await scene.AssertKnowsOnlyAsync([.. Staff.Addresses("berlin", 20).Where(address => address != Staff.Address("berlin", 3)), "new@example.com"]);
    }

    [SkippableFact]
    public async Task Row_31_Edge_that_was_restored_from_a_backup_is_caught_up_by_a_hub_that_remembers_more()
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 20));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        using TempFolder backup = new();
        await scene.Edge.StopAsync();
        File.Copy(scene.Edge.Paths.DatabaseFile, backup["edge.db"]);
        await scene.Edge.StartAgainAsync();
        (await slapd.Tools.AddAsync(Staff.Person($"cn=new,{Staff.Unit("berlin")}", "new@example.com"))).MustSucceed();
        (await slapd.Tools.DeleteAsync(Staff.Dn("berlin", 3))).MustSucceed();
        await scene.GoodCycleAsync();
        await scene.GoodCycleAsync();

        await scene.Edge.StopAsync();
        foreach (string file in System.IO.Directory.GetFiles(Path.GetDirectoryName(scene.Edge.Paths.DatabaseFile)!, Path.GetFileName(scene.Edge.Paths.DatabaseFile) + "*"))
        {
            File.Delete(file);
        }

        File.Copy(backup["edge.db"], scene.Edge.Paths.DatabaseFile);
        await scene.Edge.StartAgainAsync();
        (await slapd.Tools.DeleteAsync(Staff.Dn("berlin", 4))).MustSucceed();
        await UntilGoodAsync(scene);
        await scene.AssertKnowsOnlyAsync([.. Staff.Addresses("berlin", 20).Where((_, i) => i is not (3 or 4)), "new@example.com"]);
    }

    [SkippableFact]
    public async Task Row_31_Edge_that_was_wiped_and_subscribed_anew_is_filled()
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 20));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        await scene.Edge.StopAsync();
        System.IO.Directory.Delete(scene.Edge.Paths.Root, recursive: true);
        await scene.Edge.StartAgainAsync();
        Assert.NotEqual(SyncOutcome.Success, (await scene.CycleAsync()).Result);
        await scene.Hub.Subscriptions.ImportAsync(await scene.Edge.ExportAsync(force: true), "Site", scene.Edge.Address);
        await UntilGoodAsync(scene);
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 20));
    }

    [SkippableTheory]
    [InlineData("")]
    [InlineData("no document at all")]
    [InlineData("{")]
    [InlineData("{\"version\":99}")]
    [InlineData("{\"version\":1,\"sources\":null}")]
    [InlineData("full 20 00000000000000000000000000000000")]
    public async Task Row_26_State_on_the_edge_that_is_damaged_means_a_whole_compare_and_loses_nobody(string damage)
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 20));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        foreach (bool restart in (bool[])[true, false])
        {
            (await slapd.Tools.ModifyAsync($"dn: {Staff.Dn("berlin", 3)}\nchangetype: modify\nadd: mail\nmail: added-{(restart ? 1 : 0)}@example.com\n")).MustSucceed();
            (await scene.Edge.System.ModifyAsync(new ModifyRequest(
                EdgeLayout.RecipientsState,
                new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.Cookie, damage.Length == 0 ? [] : [Encoding.UTF8.GetBytes(damage)]))))).ThrowIfFailed("damage");
            if (restart)
            {
                scene.RestartHub();
            }

            await UntilGoodAsync(scene);
            await scene.AssertKnowsAsync([.. Staff.Addresses("berlin", 20), $"added-{(restart ? 1 : 0)}@example.com"]);
        }
    }

    [SkippableFact]
    public async Task Row_4_State_of_an_entry_that_somebody_deleted_on_the_edge_is_mended_by_a_whole_compare()
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 20));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        string entry = await scene.OwnerAsync(Staff.Address("berlin", 3));
        (await scene.Edge.System.DeleteAsync(new DelRequest($"cn={entry},{EdgeLayout.Recipients}"))).ThrowIfFailed("delete");
        SyncResult result = await scene.CycleAsync(new SyncStart { Full = true });
        Assert.Equal((SyncOutcome.Success, 1L), (result.Result, result.Added));
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 20));
    }

    /// <summary>An edge that went back may cost one cycle, or two.</summary>
    private static async Task UntilGoodAsync(Scene scene)
    {
        SyncResult result = await scene.CycleAsync();
        for (int i = 0; i < 2 && result.Result != SyncOutcome.Success; i++)
        {
            result = await scene.CycleAsync();
        }

        Assert.Equal((SyncOutcome.Success, ""), (result.Result, result.FailureDetails));
    }

    private static Task<SlapdFixture> StartSlapdAsync(params (string Unit, int People)[] units) =>
        SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], units));
}

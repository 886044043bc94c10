using Postern.EdgeSync.Synchronization;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Incidents;

/// <summary>Moves, renames and changes of hands: by id, not by name.</summary>
public sealed class MovedAndRenamedTests
{
    [SkippableFact]
    public async Task Row_15_Unit_that_is_renamed_deletes_nobody()
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 60), ("paris", 20));
        await using Scene scene = await Scene.OfSlapdAsync(slapd, source => source with { FullCompareInterval = TimeSpan.FromDays(1) });
        await scene.GoodCycleAsync();
        (await slapd.Tools.ModifyAsync($"dn: {Staff.Unit("berlin")}\nchangetype: modrdn\nnewrdn: ou=hauptstadt\ndeleteoldrdn: 1\n")).MustSucceed();
        foreach (bool full in (bool[])[false, true])
        {
            SyncResult result = await scene.CycleAsync(new SyncStart { Full = full });
            Assert.Equal((SyncOutcome.Success, 0L, 0L), (result.Result, result.Deleted, result.Added));
            Assert.Equal(full, result.ReadWhole.Count > 0);
        }

        // Those within are still followed, under their new names.
        (await slapd.Tools.DeleteAsync($"cn=berlin3,ou=hauptstadt,{Staff.People}")).MustSucceed();
        Assert.Equal(1, (await scene.GoodCycleAsync()).Deleted);
        await scene.AssertKnowsNotAsync(Staff.Address("berlin", 3));
    }

    /// <summary>OpenLDAP's session log does not speak of entries that leave with their container.</summary>
    [SkippableTheory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Row_4_Unit_that_is_moved_out_of_scope_goes_and_comes_back(bool sessionLog, bool hubRestarts)
    {
        string[] overlay = sessionLog ? ["overlay syncprov", "syncprov-sessionlog 1000"] : ["overlay syncprov"];
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(overlay, ("berlin", 60), ("paris", 20)));
        await using Scene scene = await Scene.OfSlapdAsync(slapd, source => source with { FullCompareInterval = TimeSpan.FromDays(1) });
        await scene.GoodCycleAsync();
        (await slapd.Tools.ModifyAsync($"dn: {Staff.Unit("paris")}\nchangetype: modrdn\nnewrdn: ou=paris\ndeleteoldrdn: 0\nnewsuperior: {Staff.Elsewhere}\n")).MustSucceed();
        if (hubRestarts)
        {
            scene.RestartHub();
        }

        Assert.Equal(20, (await scene.GoodCycleAsync()).Deleted);
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 60));
        (await slapd.Tools.ModifyAsync($"dn: ou=paris,{Staff.Elsewhere}\nchangetype: modrdn\nnewrdn: ou=paris\ndeleteoldrdn: 0\nnewsuperior: {Staff.People}\n")).MustSucceed();
        Assert.Equal(20, (await scene.GoodCycleAsync()).Added);
        await scene.AssertKnowsOnlyAsync([.. Staff.Addresses("berlin", 60), .. Staff.Addresses("paris", 20)]);
    }

    [SkippableFact]
    public async Task Row_15_Person_that_is_moved_and_renamed_stays_the_same_entry()
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 5), ("paris", 5));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        string before = await scene.OwnerAsync(Staff.Address("berlin", 1));
        (await slapd.Tools.ModifyAsync($"dn: {Staff.Dn("berlin", 1)}\nchangetype: modrdn\nnewrdn: cn=married\ndeleteoldrdn: 1\nnewsuperior: {Staff.Unit("paris")}\n")).MustSucceed();
        SyncResult result = await scene.GoodCycleAsync();
        Assert.Equal((0L, 0L), (result.Added, result.Deleted));
        Assert.Equal(before, await scene.OwnerAsync(Staff.Address("berlin", 1)));
    }

    [SkippableFact]
    public async Task Trap_6_Delete_and_re_create_under_the_same_name_is_another_entry_and_no_gap()
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 5));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        string before = await scene.OwnerAsync(Staff.Address("berlin", 1));
        (await slapd.Tools.DeleteAsync(Staff.Dn("berlin", 1))).MustSucceed();
        (await slapd.Tools.AddAsync(Staff.Person(Staff.Dn("berlin", 1), Staff.Address("berlin", 1)))).MustSucceed();
        await scene.GoodCycleAsync();
        Assert.NotEqual(before, await scene.OwnerAsync(Staff.Address("berlin", 1)));
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 5));
    }

    [SkippableFact]
    public async Task Row_15_Address_that_goes_from_one_to_another_comes_with_one_cycle()
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 5));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        (string From, string To)[] moves = [(Staff.Address("berlin", 1), Staff.Address("berlin", 3)), (Staff.Address("berlin", 4), Staff.Address("berlin", 2))];
        foreach ((string from, string to) in moves)
        {
            string receiver = await scene.OwnerAsync(to);
            (await slapd.Tools.ModifyAsync($"""
                dn: cn={from[..from.IndexOf('@', StringComparison.Ordinal)]},{Staff.Unit("berlin")}
                changetype: modify
                replace: mail
                mail: other-{from}

                dn: cn={to[..to.IndexOf('@', StringComparison.Ordinal)]},{Staff.Unit("berlin")}
                changetype: modify
                add: mail
                mail: {from}

                """)).MustSucceed();
            await scene.GoodCycleAsync();
            Assert.Equal(receiver, await scene.OwnerAsync(from));
            await scene.AssertKnowsAsync("other-" + from);
        }
    }

    [SkippableFact]
    public async Task Row_15_Address_claimed_twice_stays_with_the_first_and_goes_to_the_other_when_that_one_is_deleted()
    {
        await using SlapdFixture slapd = await StartSlapdAsync(("berlin", 5));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        string first = await scene.OwnerAsync(Staff.Address("berlin", 2));

        // Claimed by one that is read before and one that is read after.
        foreach (int other in (int[])[0, 4])
        {
            (await slapd.Tools.ModifyAsync($"dn: {Staff.Dn("berlin", other)}\nchangetype: modify\nadd: mail\nmail: {Staff.Address("berlin", 2)}\n")).MustSucceed();
            Assert.True((await scene.GoodCycleAsync()).Conflicts > 0);
            Assert.Equal(first, await scene.OwnerAsync(Staff.Address("berlin", 2)));
        }

        (await slapd.Tools.DeleteAsync(Staff.Dn("berlin", 2))).MustSucceed();
        await scene.GoodCycleAsync();
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 5));
        Assert.NotEqual(first, await scene.OwnerAsync(Staff.Address("berlin", 2)));
    }

    private static Task<SlapdFixture> StartSlapdAsync(params (string Unit, int People)[] units) =>
        SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], units));
}

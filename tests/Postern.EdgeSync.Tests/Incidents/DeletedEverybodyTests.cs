using Postern.EdgeSync.Synchronization;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Incidents;

/// <summary>The sync that deleted everybody, as it happened to others: what each of them saw, and that nobody is lost here.</summary>
public sealed class DeletedEverybodyTests
{
    private const int Large = 520;

    [SkippableFact]
    public async Task Row_1_Source_that_is_empty_deletes_nobody()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], ("berlin", 30)));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        (await slapd.Tools.DeleteAsync([.. Enumerable.Range(0, 30).Select(i => Staff.Dn("berlin", i))])).MustSucceed();
        await AssertHeldAsync(scene, 30);
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 30));
    }

    [Fact]
    public async Task Row_1_File_that_is_empty_deletes_nobody()
    {
        await using Scene scene = await Scene.StartAsync(hub => Scene.SettingsOf(hub.Ldif("anna", "ben")));
        await scene.GoodCycleAsync();
        scene.Hub.LdifText("");
        SyncResult result = await scene.CycleAsync();
        Assert.NotEqual(SyncOutcome.Success, result.Result);
        Assert.Equal(0, result.Deleted);
        await scene.AssertKnowsOnlyAsync("anna@example.com", "ben@example.com");
        scene.Hub.Ldif("anna", "ben", "carl");
        await scene.GoodCycleAsync();
        await scene.AssertKnowsOnlyAsync("anna@example.com", "ben@example.com", "carl@example.com");
    }

    [SkippableFact]
    public async Task Row_1_Half_a_page_and_then_a_reset_deletes_nobody_and_the_next_cycle_goes_on()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], ("berlin", 250)));
        await using CuttingProxy proxy = CuttingProxy.To(slapd.LdapPort);
        await using Scene scene = await Scene.OfSlapdAsync(slapd, source => source with { Url = proxy.LdapUrl });
        await scene.GoodCycleAsync();
        await slapd.Tools.DeleteAsync(Staff.Dn("berlin", 7));
        foreach (long octets in (long[])[1, 20, 200, 700])
        {
            proxy.CutAfter = octets;
            SyncResult result = await scene.CycleAsync(new SyncStart { Full = true });
            Assert.Equal((SyncOutcome.SourceFailed, 0L), (result.Result, result.Deleted));
            await scene.AssertKnowsAsync(Staff.Addresses("berlin", 250));
        }

        proxy.CutAfter = long.MaxValue;
        await scene.GoodCycleAsync();
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 250).Where(address => address != Staff.Address("berlin", 7)));
    }

    [SkippableFact]
    public async Task Row_1_Size_limit_that_was_hit_deletes_nobody()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["limits group/groupOfNames/member=\"cn=hubs,dc=example,dc=com\" size=unlimited", "limits users size=40 size.pr=40 size.prtotal=40"], ("berlin", 60)));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        (await slapd.Tools.ModifyAsync(LeaveGroup)).MustSucceed();
        SyncResult result = await scene.CycleAsync(new SyncStart { Full = true });
        Assert.Equal((SyncOutcome.SourceFailed, 0L), (result.Result, result.Deleted));
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 60));
    }

    [SkippableFact]
    public async Task Row_1_Filter_typo_that_matches_nobody_deletes_nobody()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], ("berlin", 30)));
        string filter = Staff.Filter;
        await using Scene scene = await Scene.OfSlapdAsync(slapd, source => source with { Filter = filter });
        await scene.GoodCycleAsync();
        filter = "(&(objectClass=inetOrgPersn)(mail=*))";
        scene.RestartHub();
        await AssertHeldAsync(scene, 30);
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 30));

        // The typo is mended: what was held dissolves by itself.
        filter = Staff.Filter;
        scene.RestartHub();
        Assert.Equal(0, (await scene.GoodCycleAsync()).DeletesHeld);
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 30));
    }

    [SkippableFact]
    public async Task Row_1_Filter_typo_that_matches_much_less_deletes_nobody()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], ("berlin", 200), ("paris", 100)));
        string filter = Staff.Filter;
        await using Scene scene = await Scene.OfSlapdAsync(slapd, source => source with { Filter = filter });
        await scene.GoodCycleAsync();
        filter = "(&(objectClass=inetOrgPerson)(mail=b*))";
        scene.RestartHub();
        await AssertHeldAsync(scene, 100);
        await scene.AssertKnowsOnlyAsync([.. Staff.Addresses("berlin", 200), .. Staff.Addresses("paris", 100)]);
    }

    [SkippableFact]
    public async Task Row_1_Permission_that_was_lost_on_one_unit_deletes_nobody()
    {
        string[] rights =
        [
            $"access to dn.subtree=\"{Staff.Unit("paris")}\" by group.exact=\"cn=hubs,dc=example,dc=com\" read by * none",
            "access to attrs=userPassword by anonymous auth by * none",
            "access to * by users read by anonymous auth",
        ];
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(rights, ("berlin", 200), ("paris", 100)));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        (await slapd.Tools.ModifyAsync(LeaveGroup)).MustSucceed();
        await AssertHeldAsync(scene, 100, new SyncStart { Full = true });
        await scene.AssertKnowsOnlyAsync([.. Staff.Addresses("berlin", 200), .. Staff.Addresses("paris", 100)]);
        (await slapd.Tools.ModifyAsync("dn: cn=hubs,dc=example,dc=com\nchangetype: modify\nadd: member\nmember: cn=reader,dc=example,dc=com\n")).MustSucceed();
        Assert.Equal(0, (await scene.GoodCycleAsync()).DeletesHeld);
    }

    /// <summary>Also where the server has nothing but modifyTimestamp.</summary>
    [SkippableTheory]
    [InlineData("overlay syncprov", "syncprov-sessionlog 1000")]
    [InlineData]
    public async Task Row_1_512_users_disabled_at_once_are_held_and_others_come_and_change(params string[] overlay)
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(overlay, ("berlin", Large)));
        await using Scene scene = await Scene.OfSlapdAsync(slapd, source => source with { FullCompareInterval = TimeSpan.FromDays(1) });
        await scene.GoodCycleAsync();
        (await slapd.Tools.ModifyAsync(string.Concat(Enumerable.Range(0, 512).Select(Disable)))).MustSucceed();
        (await slapd.Tools.AddAsync(Staff.Person($"cn=new,{Staff.Unit("berlin")}", "new@example.com"))).MustSucceed();
        (await slapd.Tools.ModifyAsync($"dn: {Staff.Dn("berlin", 515)}\nchangetype: modify\nadd: mail\nmail: further@example.com\n")).MustSucceed();
        await AssertHeldAsync(scene, 512);
        await scene.AssertKnowsOnlyAsync([.. Staff.Addresses("berlin", Large), "new@example.com", "further@example.com"]);

        SyncResult approved = await scene.CycleAsync(new SyncStart { ApproveDeletes = true });
        Assert.Equal((SyncOutcome.Success, 512L), (approved.Result, approved.Deleted));
        await scene.AssertKnowsOnlyAsync([.. Staff.Addresses("berlin", Large).Skip(512), "new@example.com", "further@example.com"]);
    }

    [SkippableFact]
    public async Task Row_1_512_users_disabled_few_by_few_do_not_slip_through()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], ("berlin", Large)));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        long deleted = 0;
        for (int i = 0; i < 512; i += 32)
        {
            (await slapd.Tools.ModifyAsync(string.Concat(Enumerable.Range(i, 32).Select(Disable)))).MustSucceed();
            deleted += (await scene.CycleAsync()).Deleted;
            scene.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        // 10 % of 520, and the minimum of 50.
        Assert.InRange(deleted, 1, 52);
        Assert.Equal(Large - (int)deleted, (await scene.Edge.RecipientsAsync()).Count);
    }

    private static string Disable(int number) => $"dn: {Staff.Dn("berlin", number)}\nchangetype: modify\nreplace: employeeType\nemployeeType: disabled\n\n";

    /// <summary>A group must have a member.</summary>
    private const string LeaveGroup = """
        dn: cn=hubs,dc=example,dc=com
        changetype: modify
        add: member
        member: cn=admin,dc=example,dc=com
        -
        delete: member
        member: cn=reader,dc=example,dc=com

        """;

    private static async Task AssertHeldAsync(Scene scene, long held, SyncStart? start = null)
    {
        SyncResult result = await scene.CycleAsync(start);
        Assert.Equal((SyncOutcome.HeldByGuard, 0L, held), (result.Result, result.Deleted, result.DeletesHeld));
    }
}

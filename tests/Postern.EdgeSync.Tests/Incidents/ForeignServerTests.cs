using Postern.EdgeSync.Synchronization;
using Postern.Testing;

namespace Postern.EdgeSync.Tests.Incidents;

/// <summary>Servers that do as they like, and values as people type them.</summary>
public sealed class ForeignServerTests
{
    [SkippableFact]
    public async Task Trap_9_Search_references_are_neither_followed_nor_a_failure()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], ("berlin", 20)));
        (await slapd.Tools.AddAsync($"""
            dn: ou=zones,{Staff.People}
            objectClass: referral
            objectClass: extensibleObject
            ou: zones
            ref: ldap://127.0.0.1:{LoopbackPort.Free()}/ou=zones,dc=elsewhere

            """)).MustSucceed();
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 20));
    }

    [SkippableFact]
    public async Task Trap_9_Base_that_is_elsewhere_is_an_error_and_deletes_nobody()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], ("berlin", 20)));
        await using Scene scene = await Scene.OfSlapdAsync(slapd, source => source with { BaseDn = Staff.Unit("berlin") });
        await scene.GoodCycleAsync();
        (await slapd.Tools.DeleteAsync([.. Enumerable.Range(0, 20).Select(i => Staff.Dn("berlin", i)), Staff.Unit("berlin")])).MustSucceed();
        (await slapd.Tools.AddAsync($"""
            dn: {Staff.Unit("berlin")}
            objectClass: referral
            objectClass: extensibleObject
            ou: berlin
            ref: ldap://127.0.0.1:{LoopbackPort.Free()}/ou=berlin,dc=elsewhere

            """)).MustSucceed();
        SyncResult result = await scene.CycleAsync(new SyncStart { Full = true });
        Assert.Equal((SyncOutcome.SourceFailed, 0L), (result.Result, result.Deleted));
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 20));
    }

    [SkippableFact]
    public async Task Trap_10_Paged_reading_that_the_server_does_not_honour_deletes_nobody()
    {
        string[] limits = ["limits group/groupOfNames/member=\"cn=hubs,dc=example,dc=com\" size=unlimited", "limits users size.prtotal=disabled size=10"];
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(limits, ("berlin", 20)));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        (await slapd.Tools.ModifyAsync($"""
            dn: cn=hubs,{Staff.Base}
            changetype: modify
            replace: member
            member: cn=admin,{Staff.Base}

            """)).MustSucceed();
        SyncResult result = await scene.CycleAsync(new SyncStart { Full = true });
        Assert.Equal((SyncOutcome.SourceFailed, 0L), (result.Result, result.Deleted));
        await scene.AssertKnowsOnlyAsync(Staff.Addresses("berlin", 20));
    }

    [SkippableFact]
    public async Task Trap_12_Connection_that_died_is_made_anew()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov"], ("berlin", 20)));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        await slapd.KillAsync();
        SyncResult away = await scene.CycleAsync();
        Assert.Equal((SyncOutcome.SourceFailed, 0L), (away.Result, away.Deleted));
        await slapd.StartAgainAsync();
        (await slapd.Tools.AddAsync(Staff.Person($"cn=new,{Staff.Unit("berlin")}", "new@example.com"))).MustSucceed();
        await scene.GoodCycleAsync();
        await slapd.RestartAsync();
        await scene.GoodCycleAsync();
        await scene.AssertKnowsOnlyAsync([.. Staff.Addresses("berlin", 20), "new@example.com"]);
    }

    [SkippableFact]
    public async Task Trap_12_Edge_that_was_started_again_is_reached_again()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], ("berlin", 20)));
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        await scene.Edge.StopAsync();
        Assert.NotEqual(SyncOutcome.Success, (await scene.CycleAsync()).Result);
        await scene.Edge.StartAgainAsync();
        (await slapd.Tools.AddAsync(Staff.Person($"cn=new,{Staff.Unit("berlin")}", "new@example.com"))).MustSucceed();
        await scene.GoodCycleAsync();
        await scene.AssertKnowsOnlyAsync([.. Staff.Addresses("berlin", 20), "new@example.com"]);
    }

    [SkippableFact]
    public async Task Trap_15_Dirty_values_come_to_what_is_meant()
    {
        await using SlapdFixture slapd = await SlapdFixture.StartAsync(Staff.Slapd(["overlay syncprov", "syncprov-sessionlog 1000"], ("berlin", 1)));
        (await slapd.Tools.AddAsync($"""
            dn: cn=dirty,{Staff.Unit("berlin")}
            objectClass: inetOrgPerson
            objectClass: mailRecipient
            cn: dirty
            sn: x
            mail:: {Base64(" Trailing.Blank@Example.com  ")}
            proxyAddresses: SMTP:Upper.Case@EXAMPLE.COM
            proxyAddresses: smtp:upper.case@example.com.
            proxyAddresses:: {Base64("smtp: blank.within@example.com")}
            proxyAddresses: x500:/o=Lab/ou=Exchange/cn=dirty
            proxyAddresses: SIP:dirty@example.com
            proxyAddresses: not an address
            proxyAddresses: smtp:
            proxyAddresses: @example.com

            """)).MustSucceed();
        await using Scene scene = await Scene.OfSlapdAsync(slapd);
        await scene.GoodCycleAsync();
        await scene.AssertKnowsAsync(Staff.Address("berlin", 0), "trailing.blank@example.com", "upper.case@example.com", "blank.within@example.com");
        await scene.AssertKnowsNotAsync("dirty@example.com");
        await scene.AssertKnowsNotAsync("/o=lab/ou=exchange/cn=dirty");
    }

    private static string Base64(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));
}

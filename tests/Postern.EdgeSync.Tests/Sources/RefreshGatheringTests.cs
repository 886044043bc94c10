using System.Text;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.ContentSync;
using Postern.Ldap;

namespace Postern.EdgeSync.Tests.Sources;

/// <summary>What a refresh may and may not be taken for; messages as servers send them, faults included.</summary>
[Trait("RFC", "4533")]
public sealed class RefreshGatheringTests
{
    private static readonly Guid One = new("11111111-1111-1111-1111-111111111111");
    private static readonly Guid Two = new("22222222-2222-2222-2222-222222222222");

    [Fact]
    public void Named_deletes_and_changed_entries_are_changes()
    {
        RefreshGathering refresh = Gather(Deleted(One), Entry(Two), Done(refreshDeletes: true, "next"));
        Assert.Equal((RefreshVerdict.Complete, "next"), (refresh.Verdict, Text(refresh.Cookie)));
        Assert.Equal([EntryId.FromGuid(One), EntryId.FromGuid(Two)], refresh.Changes.Select(change => change.Id));
        Assert.Equal([true, false], refresh.Changes.Select(change => change.Entry is null));
    }

    [Fact]
    public void Trap_6_refresh_only_may_end_with_refresh_deletes()
    {
        RefreshGathering refresh = Gather(new SyncEvent.Told(new SyncRefreshDelete(Octets("mid"), true)), Done(refreshDeletes: true, null));
        Assert.Equal((RefreshVerdict.Complete, "mid", 0), (refresh.Verdict, Text(refresh.Cookie), refresh.Changes.Count));
    }

    [Fact]
    public void Trap_6_an_absent_present_list_is_not_all_gone()
    {
        RefreshGathering refresh = Gather(Done(refreshDeletes: false, "next"));
        Assert.Equal(RefreshVerdict.ReadWhole, refresh.Verdict);
        Assert.Contains("present phase", refresh.WholeBecause, StringComparison.Ordinal);
    }

    [Fact]
    public void Trap_6_a_present_list_of_any_form_leads_to_a_whole_reading()
    {
        foreach (SyncEvent present in (SyncEvent[])
        [
            new SyncEvent.Told(new SyncIdSet(null, false, [One])),
            new SyncEvent.Told(new SyncRefreshPresent(null, false)),
            new SyncEvent.Changed(EntryId.FromGuid(One), SyncEntryState.Present, new LdapEntry("cn=a", []), null),
        ])
        {
            RefreshGathering refresh = Gather(Entry(Two), present, Deleted(One), Done(refreshDeletes: true, "next"));
            Assert.Equal(RefreshVerdict.ReadWhole, refresh.Verdict);
        }
    }

    [Fact]
    public void Trap_6_delete_and_creation_under_one_name_are_two_ids()
    {
        RefreshGathering refresh = Gather(Entry(Two), Deleted(One), Done(refreshDeletes: true, "next"));
        Assert.Equal(2, refresh.Changes.Count);
        Assert.Single(refresh.Changes, change => change.Entry is not null);
    }

    [Fact]
    public void Last_word_on_an_entry_counts()
    {
        RefreshGathering gone = Gather(Entry(One), Deleted(One), Done(refreshDeletes: true, "next"));
        Assert.Null(Assert.Single(gone.Changes).Entry);
        RefreshGathering back = Gather(Deleted(One), Entry(One), Done(refreshDeletes: true, "next"));
        Assert.NotNull(Assert.Single(back.Changes).Entry);
    }

    [Theory]
    [InlineData(LdapResultCode.SyncRefreshRequired)]
    [InlineData(LdapResultCode.UnwillingToPerform)] // slapd: "consumer state is newer than provider"
    [InlineData(LdapResultCode.ProtocolError)]
    public void Refused_cookie_leads_to_a_whole_reading(LdapResultCode code) =>
        Assert.Equal(RefreshVerdict.ReadWhole, Gather(new SyncEvent.Ended(new LdapResult(code, "no"), null)).Verdict);

    [Theory]
    [InlineData(LdapResultCode.SizeLimitExceeded)]
    [InlineData(LdapResultCode.TimeLimitExceeded)]
    [InlineData(LdapResultCode.Busy)]
    [InlineData(LdapResultCode.NoSuchObject)]
    public void Other_results_fail(LdapResultCode code)
    {
        RefreshGathering refresh = Gather(Deleted(One), new SyncEvent.Ended(new LdapResult(code, "no"), null));
        Assert.Equal((RefreshVerdict.Failed, code), (refresh.Verdict, refresh.Failure!.Code));
    }

    [Fact]
    public void Success_without_sync_done_is_a_failure() =>
        Assert.Equal(RefreshVerdict.Failed, Gather(Deleted(One), new SyncEvent.Ended(LdapResult.Success, null)).Verdict);

    [Fact]
    public void Server_that_ignores_the_control_does_not_synchronize()
    {
        Assert.Equal(RefreshVerdict.NotHonoured, Gather(new SyncEvent.Uncontrolled()).Verdict);
        Assert.Equal(RefreshVerdict.NotHonoured, Gather(new SyncEvent.Ended(new LdapResult(LdapResultCode.UnavailableCriticalExtension, ""), null)).Verdict);
    }

    [Fact]
    public void More_changes_than_the_limit_are_read_whole()
    {
        Assert.Equal(RefreshVerdict.Complete, Gather(2, Deleted(One), Entry(Two), Deleted(One), Done(refreshDeletes: true, "next")).Verdict);
        RefreshGathering refresh = Gather(1, Deleted(One), Entry(Two));
        Assert.Equal((RefreshVerdict.ReadWhole, "more than 1 entries changed"), (refresh.Verdict, refresh.WholeBecause));
    }

    [Fact]
    public void Cookie_asked_with_stands_as_long_as_none_comes() => Assert.Equal("since", Text(Gather(Done(refreshDeletes: true, null)).Cookie));

    private static RefreshGathering Gather(params SyncEvent[] messages) => Gather(100, messages);

    private static RefreshGathering Gather(int limit, params SyncEvent[] messages)
    {
        RefreshGathering refresh = new(Octets("since"), limit);
        foreach (SyncEvent message in messages)
        {
            if (!refresh.Accept(message))
            {
                break;
            }
        }

        return refresh;
    }

    private static SyncEvent.Changed Entry(Guid id) => new(EntryId.FromGuid(id), SyncEntryState.Add, new LdapEntry("cn=a,dc=x", [new LdapAttribute("mail", "a@example.com")]), null);

    private static SyncEvent.Told Deleted(params Guid[] ids) => new(new SyncIdSet(null, true, ids));

    private static SyncEvent.Ended Done(bool refreshDeletes, string? cookie) =>
        new(LdapResult.Success, new SyncDone(cookie is null ? null : new ReadOnlyMemory<byte>(Octets(cookie)), refreshDeletes));

    private static byte[] Octets(string text) => Encoding.ASCII.GetBytes(text);

    private static string Text(ReadOnlyMemory<byte> octets) => Encoding.ASCII.GetString(octets.Span);
}

using System.Text;
using Postern.EdgeSync.Sources;
using Postern.EdgeSync.Sources.ContentSync;
using Postern.EdgeSync.Sources.Feeds;
using Postern.Ldap;

namespace Postern.EdgeSync.Tests.Sources;

/// <summary>What a pushing server leaves in memory, and who is answered from it.</summary>
[Trait("RFC", "4533")]
public sealed class PersistFollowerTests
{
    private const string Start = "rid=000,csn=20260101000000.000000Z#000000#000#000000";
    private const string Asked = "asked of the server";
    private readonly Bell _bell = new();
    private ChangeRing _ring = new();

    [Fact]
    public void Edges_read_on_from_their_own_positions()
    {
        PersistFollower follower = Live();
        follower.Accept(Pushed(1, Csn(1)));
        follower.Accept(Pushed(2, Csn(2)));
        follower.Accept(Gone(1, Csn(3)));
        Assert.Equal("1 2 -1", Read(Start));
        Assert.Equal("2 -1", Read(Csn(1)));
        Assert.Equal("-1", Read(Csn(2)));
        Assert.Equal(Asked, Read(Csn(3))); // nothing new: the server is asked
        Assert.Equal(Asked, Read(Csn(9))); // not a position that passed here
    }

    [Fact]
    public void Cookies_of_one_server_do_not_forget_the_others()
    {
        _ring.Reset(Octets("rid=001,csn=20260101000000.000000Z#000000#001#000000;20260101000000.000000Z#000000#002#000000"));
        PersistFollower follower = Live(keep: true);
        follower.Accept(Pushed(1, "rid=001,sid=002,csn=20260102000000.000000Z#000000#002#000000"));
        Assert.True(_ring.TryRead(_start, out _, out byte[] next));
        Assert.Equal("rid=000,csn=20260101000000.000000Z#000000#001#000000;20260102000000.000000Z#000000#002#000000", Encoding.ASCII.GetString(next));
    }

    [Fact]
    public void Opaque_cookies_of_other_servers_are_taken_as_they_come()
    {
        _ring.Reset(Octets("host:389#cn=m:dc=x:(mail=*)#4"));
        PersistFollower follower = Live(keep: true);
        follower.Accept(Pushed(1, "host:389#cn=m:dc=x:(mail=*)#5"));
        Assert.True(_ring.TryRead(_start, out _, out byte[] next));
        Assert.Equal("host:389#cn=m:dc=x:(mail=*)#5", Encoding.ASCII.GetString(next));
    }

    [Fact]
    public void Nobody_is_answered_from_memory_while_the_server_does_not_push()
    {
        PersistFollower follower = Live();
        follower.Accept(Pushed(1, Csn(1)));
        _ring.IsLive = false;
        Assert.Equal(Asked, Read(Start));
        follower.Accept(new SyncEvent.Ended(new LdapResult(LdapResultCode.Busy, ""), null));
        Assert.NotNull(_ring.Cookie); // to go on from
    }

    [Fact]
    public void What_the_ring_forgot_is_asked_of_the_server()
    {
        _ring = new ChangeRing(capacity: 2);
        PersistFollower follower = Live();
        follower.Accept(Pushed(1, Csn(1)));
        follower.Accept(Pushed(2, Csn(2)));
        Assert.Equal("1 2", Read(Start));
        follower.Accept(Pushed(3, Csn(3)));
        Assert.Equal(Asked, Read(Start));
        Assert.Equal("2 3", Read(Csn(1)));
    }

    [Fact]
    public void Changes_outside_move_the_position_without_a_ring()
    {
        PersistFollower follower = Live();
        follower.Accept(new SyncEvent.Told(new SyncNewCookie(Octets(Csn(1)))));
        Assert.False(_bell.WaitAsync(CancellationToken.None).IsCompleted);
        follower.Accept(Pushed(1, Csn(2)));
        Assert.Equal("1", Read(Csn(1)));
    }

    [Fact]
    public void Refresh_that_names_its_deletes_continues_the_ring_and_rings()
    {
        PersistFollower follower = New();
        follower.Accept(new SyncEvent.Told(new SyncIdSet(Octets(Csn(1)), true, [Id(7)])));
        follower.Accept(Pushed(8, null));
        Assert.Equal(Asked, Read(Start));
        follower.Accept(new SyncEvent.Told(new SyncRefreshDelete(null, true)));
        Assert.Equal("-7 8", Read(Start));
        Assert.True(_bell.WaitAsync(CancellationToken.None).IsCompleted);
    }

    [Fact]
    public void Refresh_with_a_present_phase_begins_the_ring_anew_and_deletes_nothing()
    {
        // Trap 6: who has an older cookie is sent to the server.
        PersistFollower follower = New();
        follower.Accept(new SyncEvent.Told(new SyncIdSet(null, false, [Id(7)])));
        follower.Accept(Pushed(8, null));
        follower.Accept(new SyncEvent.Told(new SyncRefreshPresent(Octets(Csn(5)), true)));
        Assert.Equal(Asked, Read(Start));
        Assert.True(_bell.WaitAsync(CancellationToken.None).IsCompleted);
        follower.Accept(Pushed(9, Csn(6)));
        Assert.Equal("9", Read(Csn(5)));
    }

    [Fact]
    public void Refresh_with_more_changes_than_are_kept_rings_and_the_server_is_asked()
    {
        PersistFollower follower = new(_ring, _bell, _start, ringFirst: false, limit: 2);
        follower.Accept(Pushed(1, null));
        follower.Accept(Pushed(2, null));
        follower.Accept(Pushed(3, Csn(3)));
        follower.Accept(new SyncEvent.Told(new SyncRefreshDelete(null, true)));
        Assert.True(_bell.WaitAsync(CancellationToken.None).IsCompleted);
        Assert.Equal(Asked, Read(Start));
        follower.Accept(Pushed(4, Csn(4)));
        Assert.True(_bell.WaitAsync(CancellationToken.None).IsCompleted);
        Assert.Equal("4", Read(Csn(3)));
    }

    [Fact]
    public void Refused_cookie_is_forgotten_and_rings_for_a_reading()
    {
        PersistFollower follower = New();
        follower.Accept(new SyncEvent.Ended(new LdapResult(LdapResultCode.SyncRefreshRequired, ""), null));
        Assert.Null(_ring.Cookie);
        Assert.NotNull(follower.End);
        Assert.True(_bell.WaitAsync(CancellationToken.None).IsCompleted);
    }

    [Fact]
    public void Coming_back_rings_once_even_when_nothing_came()
    {
        PersistFollower follower = new(_ring, _bell, Octets(Start), ringFirst: true);
        follower.Accept(new SyncEvent.Told(new SyncRefreshDelete(null, true)));
        Assert.True(_bell.WaitAsync(CancellationToken.None).IsCompleted);
        Assert.False(_bell.WaitAsync(CancellationToken.None).IsCompleted);
    }

    private byte[] _start = Octets(Start);

    private PersistFollower New() => new(_ring, _bell, _start, ringFirst: false);

    private PersistFollower Live(bool keep = false)
    {
        _start = keep ? _ring.Cookie! : _start;
        PersistFollower follower = New();
        follower.Accept(new SyncEvent.Told(new SyncRefreshDelete(null, true)));
        return follower;
    }

    /// <summary>Numbers of the entries that changed, negative when gone.</summary>
    private string Read(string since) => _ring.TryRead(Octets(since), out IReadOnlyList<SourceChange> changes, out _)
        ? string.Join(' ', changes.Select(change => $"{(change.Entry is null ? "-" : "")}{change.Id.Value}"))
        : Asked;

    private static string Csn(int second) => $"rid=000,csn=202601020000{second:00}.000000Z#000000#000#000000";

    private static Guid Id(byte number) => new([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, number], bigEndian: true);

    private static SyncEvent.Changed Pushed(byte number, string? cookie) => Changed(number, SyncEntryState.Modify, cookie);

    private static SyncEvent.Changed Gone(byte number, string cookie) => Changed(number, SyncEntryState.Delete, cookie);

    private static SyncEvent.Changed Changed(byte number, SyncEntryState state, string? cookie) =>
        new(EntryId.FromGuid(Id(number)), state, new LdapEntry("cn=a", []), cookie is null ? null : new ReadOnlyMemory<byte>(Octets(cookie)));

    private static byte[] Octets(string text) => Encoding.ASCII.GetBytes(text);
}

using System.Text;

namespace Postern.Ldap.Client.Tests.Scripted;

public sealed class PagedSearchTests
{
    [Fact]
    public async Task Next_page_is_asked_for_before_the_entries_of_the_last_are_consumed()
    {
        TaskCompletionSource secondAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            int id = await PageAskedAsync(session, "");
            await session.SendAsync(new LdapMessage(id, Answers.Entry("a")), new LdapMessage(id, Answers.Entry("b")), Answers.PageDone(id, "next"));
            id = await PageAskedAsync(session, "next");
            secondAsked.SetResult();
            await session.SendAsync(new LdapMessage(id, Answers.Entry("c")), Answers.PageDone(id, ""));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        await using IAsyncEnumerator<LdapEntry> search = connection.SearchPagedAsync(Answers.Search, 2).GetAsyncEnumerator();

        Assert.True(await search.MoveNextAsync());
        await secondAsked.Task;

        Assert.True(await search.MoveNextAsync());
        Assert.True(await search.MoveNextAsync());
        Assert.Equal("cn=c,dc=example", search.Current.Dn);
        Assert.False(await search.MoveNextAsync());
    }

    [Fact]
    public async Task Slow_consumer_does_not_keep_others_from_their_answers()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            int id = await PageAskedAsync(session, "");
            await session.SendAsync(new LdapMessage(id, Answers.Entry("a")), Answers.PageDone(id, "next"));
            (id, _) = await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, Answers.WhoAmI("dn:cn=me"));
            id = await PageAskedAsync(session, "next");
            await session.SendAsync(new LdapMessage(id, Answers.Entry("b")), Answers.PageDone(id, ""));
            await session.UntilClosedAsync();
        });

        // One entry is more than half of the buffer and less than the whole: read on, but do not ask for more.
        await using LdapConnection connection = await peer.ConnectAsync(o => o with { SearchBufferBytes = 60 });
        await using IAsyncEnumerator<LdapEntry> search = connection.SearchPagedAsync(Answers.Search, 1).GetAsyncEnumerator();

        Assert.True(await search.MoveNextAsync());
        Assert.Equal("dn:cn=me", await connection.WhoAmIAsync());
        Assert.True(await search.MoveNextAsync());
        Assert.False(await search.MoveNextAsync());
    }

    [Fact]
    public async Task Server_that_does_not_know_paging_sends_one_page()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            int id = await PageAskedAsync(session, "");
            await session.SendAsync(id, Answers.Entry("a"), Answers.Entry("b"), Answers.Entry("c"), Answers.Done);
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        Assert.Equal(3, await connection.SearchPagedAsync(Answers.Search, 2).CountAsync());
    }

    [Fact]
    public async Task Server_that_offers_paging_and_forgets_to_page_may_have_more()
    {
        // fengtan/ldap-explorer#59, jformacek/S.DS.P#4
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            int id = await PageAskedAsync(session, "");
            await session.SendAsync(id, Answers.Entry("a"), Answers.Entry("b"), Answers.Done);
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        LdapException failure = await Assert.ThrowsAsync<LdapException>(() => connection.SearchPagedAsync(Answers.Search, 2, pagingOffered: true).CountAsync().AsTask());
        Assert.Contains("without its control", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Later_page_without_its_control_may_have_more()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            int id = await PageAskedAsync(session, "");
            await session.SendAsync(new LdapMessage(id, Answers.Entry("a")), Answers.PageDone(id, "next"));
            id = await PageAskedAsync(session, "next");
            await session.SendAsync(id, Answers.Entry("b"), Answers.Done);
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        await Assert.ThrowsAsync<LdapException>(() => connection.SearchPagedAsync(Answers.Search, 1).CountAsync().AsTask());
    }

    [Fact]
    public async Task Refused_page_is_an_error_after_the_entries_before_it()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            int id = await PageAskedAsync(session, "");
            await session.SendAsync(new LdapMessage(id, Answers.Entry("a")), Answers.PageDone(id, "next"));
            id = await PageAskedAsync(session, "next");
            await session.SendAsync(id, new SearchResultDone(new LdapResult(LdapResultCode.UnwillingToPerform, "cookie too old")));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        int seen = 0;

        LdapException refusal = await Assert.ThrowsAsync<LdapException>(async () =>
        {
            await foreach (LdapEntry _ in connection.SearchPagedAsync(Answers.Search, 1))
            {
                seen++;
            }
        });

        Assert.Equal(1, seen);
        Assert.Contains("cookie too old", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_left_early_is_abandoned_and_no_further_one_asked_for()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            int id = await PageAskedAsync(session, "");
            await session.SendAsync(new LdapMessage(id, Answers.Entry("a")), Answers.PageDone(id, "next"));
            id = await PageAskedAsync(session, "next");
            (_, AbandonRequest abandon) = await session.ReadAsync<AbandonRequest>();
            Assert.Equal(id, abandon.AbandonedId);
            await session.SendAsync(Answers.PageDone(id, "more"));
            await session.ReadAsync<UnbindRequest>();
        });
        await using (LdapConnection connection = await peer.ConnectAsync())
        {
            await foreach (LdapEntry _ in connection.SearchPagedAsync(Answers.Search, 1))
            {
                break;
            }
        }

        await peer.Finished;
    }

    private static async Task<int> PageAskedAsync(PeerSession session, string cookie)
    {
        LdapMessage message = await session.ReadAsync();
        Assert.IsType<SearchRequest>(message.Operation);
        LdapControl control = Assert.Single(message.Controls);
        Assert.False(control.Critical);
        Assert.Equal(cookie, Encoding.UTF8.GetString(PagedResultsControl.Decode(control).Cookie.Span));
        return message.MessageId;
    }
}

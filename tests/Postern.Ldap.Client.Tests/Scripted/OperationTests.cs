namespace Postern.Ldap.Client.Tests.Scripted;

public sealed class OperationTests
{
    [Fact]
    public async Task Answers_may_come_in_any_order()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int first, _) = await session.ReadAsync<ExtendedRequest>();
            (int second, _) = await session.ReadAsync<DelRequest>();
            (int third, _) = await session.ReadAsync<SearchRequest>();
            await session.SendAsync(
                new LdapMessage(third, Answers.Entry("a")),
                new LdapMessage(second, new DelResponse(new LdapResult(LdapResultCode.NoSuchObject))),
                new LdapMessage(third, new IntermediateResponse("1.2.3", null)),
                new LdapMessage(third, Answers.Entry("b")),
                new LdapMessage(third, Answers.Done),
                new LdapMessage(first, Answers.WhoAmI("dn:cn=me")));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        Task<string> first = connection.WhoAmIAsync();
        Task<LdapResult> second = connection.DeleteAsync(new DelRequest("cn=x"));
        List<LdapEntry> third = await connection.SearchAsync(Answers.Search).ToListAsync();

        Assert.Equal(["cn=a,dc=example", "cn=b,dc=example"], third.Select(e => e.Dn));
        Assert.Equal(LdapResultCode.NoSuchObject, (await second).Code);
        Assert.Equal("dn:cn=me", await first);
    }

    [Fact]
    public async Task References_are_counted_and_not_followed()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<SearchRequest>();
            await session.SendAsync(id, Answers.Entry("a"), new SearchResultReference(["ldap://elsewhere/dc=other"]), new SearchResultReference(["ldap://there/"]), Answers.Done);
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        Assert.Equal(1, await connection.SearchAsync(Answers.Search).CountAsync());

        Assert.Equal(2, connection.SearchReferencesIgnored);
    }

    [Fact]
    public async Task Refusal_comes_after_the_entries()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<SearchRequest>();
            await session.SendAsync(id, Answers.Entry("a"), new SearchResultDone(new LdapResult(LdapResultCode.SizeLimitExceeded, "enough")));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        await using IAsyncEnumerator<LdapEntry> search = connection.SearchAsync(Answers.Search).GetAsyncEnumerator();

        Assert.True(await search.MoveNextAsync());
        LdapException refusal = await Assert.ThrowsAsync<LdapException>(() => search.MoveNextAsync().AsTask());

        Assert.Equal(LdapResultCode.SizeLimitExceeded, refusal.Code);
        Assert.Contains("dc=example", refusal.Message, StringComparison.Ordinal);
        Assert.Null(connection.Failure);
    }

    [Fact]
    public async Task Cancelled_operation_is_abandoned_and_its_late_answer_dropped()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<DelRequest>();
            asked.SetResult();
            (_, AbandonRequest abandon) = await session.ReadAsync<AbandonRequest>();
            Assert.Equal(id, abandon.AbandonedId);
            await session.SendAsync(id, new DelResponse(LdapResult.Success));
            (id, _) = await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, Answers.WhoAmI("dn:cn=me"));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        using CancellationTokenSource cancel = new();
        Task<LdapResult> delete = connection.DeleteAsync(new DelRequest("cn=x"), cancel.Token);
        await asked.Task;

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => delete);
        Assert.Equal("dn:cn=me", await connection.WhoAmIAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Search_that_is_left_or_cancelled_is_abandoned(bool byToken)
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<SearchRequest>();
            await session.SendAsync(id, Answers.Entry("a"));
            (_, AbandonRequest abandon) = await session.ReadAsync<AbandonRequest>();
            Assert.Equal(id, abandon.AbandonedId);
            await session.SendAsync(id, Answers.Entry("b"), Answers.Done);
            (id, _) = await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, Answers.WhoAmI("dn:cn=me"));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        using CancellationTokenSource cancel = new();
        await using (IAsyncEnumerator<LdapEntry> search = connection.SearchAsync(Answers.Search).GetAsyncEnumerator(cancel.Token))
        {
            Assert.True(await search.MoveNextAsync());
            if (byToken)
            {
                Task<bool> next = search.MoveNextAsync().AsTask();
                await cancel.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
            }
        }

        Assert.Equal("dn:cn=me", await connection.WhoAmIAsync());
    }

    [Fact]
    public async Task Cancelled_bind_ends_the_connection()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.ReadAsync<BindRequest>();
            asked.SetResult();
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        using CancellationTokenSource cancel = new();
        Task bind = connection.BindAsync("cn=a", "secret", cancel.Token);
        await asked.Task;

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => bind);
        await Assert.ThrowsAsync<LdapConnectionException>(() => connection.WhoAmIAsync());
    }

    [Fact]
    public async Task Bind_stands_alone()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(session => session.UntilClosedAsync());
        await using LdapConnection connection = await peer.ConnectAsync();
        Task<string> pending = connection.WhoAmIAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => connection.BindAsync("cn=a", "secret"));

        await connection.DisposeAsync();
        LdapConnectionException closed = await Assert.ThrowsAsync<LdapConnectionException>(() => pending);
        Assert.Equal(LdapFailureKind.ConnectionLost, closed.Kind);
    }

    [Fact]
    public async Task Session_ends_with_an_unbind()
    {
        bool unbound = false;
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.ReadAsync<UnbindRequest>();
            unbound = await session.TryReadAsync() is null;
        });

        await (await peer.ConnectAsync()).DisposeAsync();

        await peer.Finished;
        Assert.True(unbound);
    }

    [Fact]
    public async Task Request_that_cannot_be_written_harms_nobody()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, Answers.WhoAmI("dn:cn=me"));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => connection.DeleteAsync(new DelRequest(null!)));

        Assert.Equal("dn:cn=me", await connection.WhoAmIAsync());
    }
}

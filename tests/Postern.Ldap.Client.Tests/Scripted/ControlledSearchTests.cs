using Postern.Testing;

namespace Postern.Ldap.Client.Tests.Scripted;

/// <summary>Searches with controls, and those that have no end.</summary>
public sealed class ControlledSearchTests
{
    private static readonly LdapControl Asked = new("1.2.3.1", Critical: true, new byte[] { 1 });
    private static readonly LdapControl Answered = new("1.2.3.2", Critical: false, new byte[] { 2 });

    [Fact]
    public async Task Every_message_comes_in_order_with_its_controls()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            LdapMessage request = await session.ReadAsync();
            LdapControl control = Assert.Single(request.Controls);
            Assert.Equal((Asked.Oid, true), (control.Oid, control.Critical));
            int id = request.MessageId;
            await session.SendAsync(
                new LdapMessage(id, Answers.Entry("a"), [Answered]),
                new LdapMessage(id, new IntermediateResponse("1.2.3", new byte[] { 7 })),
                new LdapMessage(id, new SearchResultReference(["ldap://elsewhere/dc=other"])),
                new LdapMessage(id, Answers.Entry("b")),
                new LdapMessage(id, new SearchResultDone(new LdapResult(LdapResultCode.SizeLimitExceeded, "enough")), [Answered]));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        List<LdapMessage> messages = await connection.SearchAsync(Answers.Search, [Asked]).ToListAsync();

        Assert.Equal(
            [typeof(SearchResultEntry), typeof(IntermediateResponse), typeof(SearchResultReference), typeof(SearchResultEntry), typeof(SearchResultDone)],
            messages.Select(message => message.Operation.GetType()));
        Assert.Equal([1, 0, 0, 0, 1], messages.Select(message => message.Controls.Count));
        Assert.Equal(LdapResultCode.SizeLimitExceeded, ((SearchResultDone)messages[^1].Operation).Result.Code);
        Assert.Equal(1, connection.SearchReferencesIgnored);
        Assert.Null(connection.Failure);
    }

    [Fact]
    public async Task Message_is_handed_over_before_the_next_one_comes()
    {
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<SearchRequest>();
            await session.SendAsync(id, Answers.Entry("a"));
            await seen.Task;
            await session.SendAsync(id, Answers.Done);
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        int count = 0;
        await foreach (LdapMessage message in connection.SearchAsync(Answers.Search, []))
        {
            count++;
            seen.TrySetResult();
        }

        Assert.Equal(2, count);
    }

    [Fact]
    public async Task Silence_of_a_search_that_owes_nothing_is_no_failure()
    {
        ManualTimeProvider time = new();
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<SearchRequest>();
            await goOn.Task;
            await session.SendAsync(id, Answers.Entry("a"));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync(o => o with { Time = time });
        await using IAsyncEnumerator<LdapMessage> search = connection.SearchAsync(Answers.Search, [], SearchSilence.Allowed).GetAsyncEnumerator();
        Task<bool> first = search.MoveNextAsync().AsTask();

        time.Advance(TimeSpan.FromDays(3));
        Assert.Null(connection.Failure);
        goOn.SetResult();

        Assert.True(await first);
    }

    [Fact]
    public async Task Silence_is_allowed_only_after_the_message_that_ends_the_first_stage()
    {
        ManualTimeProvider time = new();
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int first, _) = await session.ReadAsync<SearchRequest>();
            await session.SendAsync(first, Answers.Entry("a"), new IntermediateResponse("1.2.3", null));
            (int second, _) = await session.ReadAsync<SearchRequest>();
            await session.SendAsync(second, Answers.Entry("b"));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync(o => o with { Time = time });
        SearchSilence rule = SearchSilence.AllowedAfter(message => message.Operation is IntermediateResponse);
        await using IAsyncEnumerator<LdapMessage> resting = connection.SearchAsync(Answers.Search, [], rule).GetAsyncEnumerator();
        Assert.True(await resting.MoveNextAsync());
        Assert.True(await resting.MoveNextAsync());
        time.Advance(TimeSpan.FromDays(1));
        Assert.Null(connection.Failure);
        await using IAsyncEnumerator<LdapMessage> owed = connection.SearchAsync(Answers.Search, [], rule).GetAsyncEnumerator();
        Assert.True(await owed.MoveNextAsync());

        time.Advance(TimeSpan.FromMinutes(2));

        LdapConnectionException failure = await Assert.ThrowsAsync<LdapConnectionException>(() => owed.MoveNextAsync().AsTask());
        Assert.Equal(LdapFailureKind.TimedOut, failure.Kind);
        Assert.Contains("1 operation(s) wait", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<LdapConnectionException>(() => resting.MoveNextAsync().AsTask());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Search_without_an_end_is_abandoned_when_it_is_left(bool byCancelling)
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<SearchRequest>();
            await session.SendAsync(id, Answers.Entry("a"));
            (_, AbandonRequest abandon) = await session.ReadAsync<AbandonRequest>();
            Assert.Equal(id, abandon.AbandonedId);
            await session.SendAsync(id, Answers.Entry("late"));
            (id, _) = await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, Answers.WhoAmI("dn:cn=me"));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        using CancellationTokenSource cancel = new();
        IAsyncEnumerator<LdapMessage> search = connection.SearchAsync(Answers.Search, [], SearchSilence.Allowed, cancel.Token).GetAsyncEnumerator();
        Assert.True(await search.MoveNextAsync());

        if (byCancelling)
        {
            Task<bool> next = search.MoveNextAsync().AsTask();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        }

        await search.DisposeAsync();
        Assert.Equal("dn:cn=me", await connection.WhoAmIAsync());
    }

    [Fact]
    public async Task Answer_of_another_kind_ends_the_connection()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<SearchRequest>();
            await session.SendAsync(id, new DelResponse(LdapResult.Success));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        LdapConnectionException failure = await Assert.ThrowsAsync<LdapConnectionException>(() => connection.SearchAsync(Answers.Search, []).ToListAsync().AsTask());

        Assert.Equal(LdapFailureKind.ProtocolError, failure.Kind);
    }
}

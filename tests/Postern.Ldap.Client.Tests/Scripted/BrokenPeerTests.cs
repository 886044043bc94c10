using Postern.Ldap.Codec;
using Postern.Testing;

namespace Postern.Ldap.Client.Tests.Scripted;

/// <summary>Servers that lie, babble, fall silent or vanish.</summary>
public sealed class BrokenPeerTests
{
    public static TheoryData<byte[]> Garbage => new()
    {
        "HTTP/1.1 400 Bad Request\r\n"u8.ToArray(),
        new byte[] { 0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28 },
        new byte[] { 0x30, 0x80, 0x00, 0x00 },
        new byte[] { 0x30, 0x03, 0x02, 0x01, 0x01 },
        LdapCodec.Encode(new LdapMessage(1, Answers.Done)),
        LdapCodec.Encode(new LdapMessage(99, Answers.WhoAmI("never asked"))),
    };

    [Theory]
    [MemberData(nameof(Garbage))]
    public async Task Garbage_ends_the_connection(byte[] octets)
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.ReadAsync();
            await session.SendRawAsync(octets);
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        LdapConnectionException failure = await Assert.ThrowsAsync<LdapConnectionException>(() => connection.WhoAmIAsync());

        Assert.Equal(LdapFailureKind.ProtocolError, failure.Kind);
        Assert.NotEmpty(failure.Hint);
        LdapConnectionException later = await Assert.ThrowsAsync<LdapConnectionException>(() => connection.WhoAmIAsync());
        Assert.Equal(LdapFailureKind.ProtocolError, later.Kind);
        Assert.Equal(failure.Message, connection.Failure?.Message);
        await peer.Finished;
    }

    [Theory]
    [InlineData(SearchScope.BaseObject, 1, "several entries for one")]
    [InlineData(SearchScope.WholeSubtree, 3, "more than 3 entries")]
    public async Task Search_that_does_not_end_is_ended(SearchScope scope, int allowed, string words)
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<SearchRequest>();
            for (int i = 0; i <= allowed; i++)
            {
                await session.SendAsync(id, Answers.Entry($"{i}"));
            }

            Assert.Equal(id, (await session.ReadAsync<AbandonRequest>()).Operation.AbandonedId);
            await session.UntilClosedAsync();
        });
        await using (LdapConnection connection = await peer.ConnectAsync(o => o with { MaxSearchEntries = 3 }))
        {
            int seen = 0;
            LdapException failure = await Assert.ThrowsAsync<LdapException>(async () =>
            {
                await foreach (LdapEntry _ in connection.SearchAsync(new SearchRequest("dc=example", scope, Filter.Anything, [])))
                {
                    seen++;
                }
            });
            Assert.Equal((allowed, LdapResultCode.ProtocolError), (seen, failure.Code));
            Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        }

        await peer.Finished;
    }

    [Fact]
    public async Task Announced_size_above_the_limit_ends_the_connection_before_the_message_comes()
    {
        const int Limit = 1000;
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.ReadAsync();
            await session.SendRawAsync(new byte[] { 0x30, 0x82, (Limit - 4 + 1) >> 8, (Limit - 4 + 1) & 0xff });
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync(o => o with { Limits = new LdapLimits { MaxMessageBytes = Limit } });

        LdapConnectionException failure = await Assert.ThrowsAsync<LdapConnectionException>(() => connection.WhoAmIAsync());

        Assert.Equal(LdapFailureKind.ProtocolError, failure.Kind);
        Assert.Contains("1000", failure.Message, StringComparison.Ordinal);
        Assert.Contains("MaxMessageBytes", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_truncation_of_an_answer_is_a_lost_connection()
    {
        byte[] answer = LdapCodec.Encode(new LdapMessage(1, Answers.WhoAmI("dn:cn=a")));
        for (int length = 0; length < answer.Length; length++)
        {
            ReadOnlyMemory<byte> part = answer.AsMemory(0, length);
            await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
            {
                await session.ReadAsync();
                await session.SendRawAsync(part);
            });
            await using LdapConnection connection = await peer.ConnectAsync();

            LdapConnectionException failure = await Assert.ThrowsAsync<LdapConnectionException>(() => connection.WhoAmIAsync());

            Assert.Equal(LdapFailureKind.ConnectionLost, failure.Kind);
            Assert.Equal(length > 0, failure.Message.Contains("middle of a message", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Answer_that_trickles_in_octet_by_octet_is_understood()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<ExtendedRequest>();
            byte[] answer = LdapCodec.Encode(new LdapMessage(id, Answers.WhoAmI("dn:cn=a")));
            for (int i = 0; i < answer.Length; i++)
            {
                await session.SendRawAsync(answer.AsMemory(i, 1));
            }

            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        Assert.Equal("dn:cn=a", await connection.WhoAmIAsync());
    }

    [Fact]
    public async Task Disconnect_in_the_middle_of_a_search_yields_what_came_and_then_fails()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<SearchRequest>();
            await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, Answers.Entry("a"), Answers.Entry("b"));
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        await using IAsyncEnumerator<LdapEntry> search = connection.SearchAsync(Answers.Search).GetAsyncEnumerator();
        Task<bool> first = search.MoveNextAsync().AsTask();
        Task<string> other = connection.WhoAmIAsync();

        Assert.True(await first);
        Assert.True(await search.MoveNextAsync());
        LdapConnectionException failure = await Assert.ThrowsAsync<LdapConnectionException>(() => search.MoveNextAsync().AsTask());

        Assert.Equal(LdapFailureKind.ConnectionLost, failure.Kind);
        Assert.Equal(LdapFailureKind.ConnectionLost, (await Assert.ThrowsAsync<LdapConnectionException>(() => other)).Kind);
    }

    [Fact]
    public async Task Notice_of_disconnection_is_passed_on()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.ReadAsync();
            await session.SendAsync(new LdapMessage(0, new ExtendedResponse(LdapResult.Success, "1.2.3.4")));
            await session.SendAsync(Answers.Notice(LdapResultCode.Unavailable, "maintenance at noon"));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        LdapConnectionException failure = await Assert.ThrowsAsync<LdapConnectionException>(() => connection.WhoAmIAsync());

        Assert.Equal(LdapFailureKind.ConnectionLost, failure.Kind);
        Assert.Contains("maintenance at noon", failure.Message, StringComparison.Ordinal);
        Assert.Contains("unavailable", failure.Message, StringComparison.Ordinal);
        Assert.Contains("shuts down", failure.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Silence_ends_the_connection_and_everything_pending()
    {
        ManualTimeProvider time = new();
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.ReadAsync();
            await session.ReadAsync();
            asked.SetResult();
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync(o => o with { Time = time, OperationTimeout = TimeSpan.FromSeconds(60) });
        Task<string> question = connection.WhoAmIAsync();
        Task<int> search = connection.SearchAsync(Answers.Search).CountAsync().AsTask();
        await asked.Task;

        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(question.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        LdapConnectionException failure = await Assert.ThrowsAsync<LdapConnectionException>(() => question);
        Assert.Equal(LdapFailureKind.TimedOut, failure.Kind);
        Assert.Contains("60 s", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<LdapConnectionException>(() => search);
        await peer.Finished;
    }

    [Fact]
    public async Task Any_answer_starts_the_time_anew_and_idle_time_does_not_count()
    {
        ManualTimeProvider time = new();
        TimeSpan nearly = TimeSpan.FromSeconds(59);
        TaskCompletionSource goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<SearchRequest>();
            await session.SendAsync(id, Answers.Entry("a"));
            await goOn.Task;
            await session.SendAsync(id, Answers.Done);
            (id, _) = await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, Answers.WhoAmI("dn:cn=a"));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync(o => o with { Time = time });
        await using IAsyncEnumerator<LdapEntry> search = connection.SearchAsync(Answers.Search).GetAsyncEnumerator();
        time.Advance(nearly);
        Assert.True(await search.MoveNextAsync());

        time.Advance(nearly);
        goOn.SetResult();
        Assert.False(await search.MoveNextAsync());

        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("dn:cn=a", await connection.WhoAmIAsync());
    }

    [Fact]
    public async Task Silence_is_noticed_by_the_real_clock_too()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(session => session.UntilClosedAsync());
        await using LdapConnection connection = await peer.ConnectAsync(o => o with { OperationTimeout = TimeSpan.FromMilliseconds(50) });

        LdapConnectionException failure = await Assert.ThrowsAsync<LdapConnectionException>(() => connection.WhoAmIAsync());

        Assert.Equal(LdapFailureKind.TimedOut, failure.Kind);
    }
}

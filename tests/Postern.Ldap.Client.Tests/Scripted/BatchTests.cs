namespace Postern.Ldap.Client.Tests.Scripted;

/// <summary>LBURP, RFC 4373, as the client speaks it.</summary>
public sealed class BatchTests
{
    private static readonly ExtendedResponse Started = new(LdapResult.Success, LdapOids.StartLburpResponse, Lburp.EncodeMaxOperations(100));
    private static readonly ExtendedResponse Updated = new(LdapResult.Success, LdapOids.LburpUpdateResponse);

    [Fact]
    public async Task Batches_are_sent_in_the_order_of_the_calls_without_waiting_for_answers()
    {
        const int Batches = 8;
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            int start = await AskedAsync(session, LdapOids.StartLburpRequest);
            List<int> updates = [];
            for (int i = 1; i <= Batches; i++)
            {
                (int id, ExtendedRequest request) = await session.ReadAsync<ExtendedRequest>();
                (int number, IReadOnlyList<IUpdateOperation> operations) = Lburp.DecodeUpdate(request.Value!.Value, LdapLimits.Default);
                Assert.Equal(i, number);
                Assert.Equal($"cn={i}", Assert.Single(operations).Dn);
                updates.Add(id);
            }

            await session.SendAsync(start, Started);
            foreach (int id in updates)
            {
                await session.SendAsync(id, Updated);
            }

            (int end, ExtendedRequest last) = await session.ReadAsync<ExtendedRequest>();
            Assert.Equal(LdapOids.EndLburpRequest, last.Name);
            Assert.Equal(Batches + 1, Lburp.DecodeEnd(last.Value!.Value));
            await session.SendAsync(end, new ExtendedResponse(LdapResult.Success, LdapOids.EndLburpResponse));
            await session.ReadAsync<UnbindRequest>();
        });
        await using (LdapConnection connection = await peer.ConnectAsync())
        {
            // Nothing is awaited in between: the peer answers only when it has all eight.
            Task<BatchResult>[] batches = [.. Enumerable.Range(1, Batches).Select(i => connection.BatchAsync([new DelRequest($"cn={i}")]))];
            Assert.All(await Task.WhenAll(batches), b => Assert.True(b.Result.IsSuccess));
        }

        await peer.Finished;
    }

    [Fact]
    public async Task Refused_operation_is_named_by_its_index()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.SendAsync(await AskedAsync(session, LdapOids.StartLburpRequest), Started);
            LdapResult refusal = new(LdapResultCode.EntryAlreadyExists, "cn=b is there");
            int id = await AskedAsync(session, LdapOids.LburpUpdateRequest);
            await session.SendAsync(id, new ExtendedResponse(new LdapResult(LdapResultCode.Other), LdapOids.LburpUpdateResponse, Lburp.EncodeFailures([(2, refusal)])));
            await session.SendAsync(await AskedAsync(session, LdapOids.LburpUpdateRequest), Updated);
            await session.SendAsync(await AskedAsync(session, LdapOids.EndLburpRequest), new ExtendedResponse(LdapResult.Success));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        BatchResult refused = await connection.BatchAsync([new DelRequest("cn=a"), new DelRequest("cn=b")]);
        BatchResult next = await connection.BatchAsync([new DelRequest("cn=c")]);

        Assert.Equal(1, refused.FailedOperation);
        Assert.Equal(LdapResultCode.EntryAlreadyExists, refused.Result.Code);
        Assert.True(next.Result.IsSuccess);
    }

    [Fact]
    public async Task Batch_above_the_servers_limit_is_refused_before_it_is_sent()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.SendAsync(await AskedAsync(session, LdapOids.StartLburpRequest), new ExtendedResponse(LdapResult.Success, null, Lburp.EncodeMaxOperations(1)));
            await session.SendAsync(await AskedAsync(session, LdapOids.LburpUpdateRequest), Updated);
            await session.SendAsync(await AskedAsync(session, LdapOids.EndLburpRequest), new ExtendedResponse(LdapResult.Success));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        Assert.True((await connection.BatchAsync([new DelRequest("cn=a")])).Result.IsSuccess);

        BatchResult refused = await connection.BatchAsync([new DelRequest("cn=a"), new DelRequest("cn=b")]);

        Assert.Equal(LdapResultCode.AdminLimitExceeded, refused.Result.Code);
    }

    [Fact]
    public async Task A_server_that_says_its_limit_in_other_words_is_a_failed_connection()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.SendAsync(await AskedAsync(session, LdapOids.StartLburpRequest), new ExtendedResponse(LdapResult.Success, null, new byte[] { 0x30, 0x03, 0x02, 0x01, 0x7f }));
            await session.SendAsync(await AskedAsync(session, LdapOids.LburpUpdateRequest), Updated);
            await session.SendAsync(await AskedAsync(session, LdapOids.EndLburpRequest), new ExtendedResponse(LdapResult.Success));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        Assert.True((await connection.BatchAsync([new DelRequest("cn=a")])).Result.IsSuccess);

        await Assert.ThrowsAsync<LdapConnectionException>(() => connection.BatchAsync([new DelRequest("cn=b")]));
    }

    [Fact]
    public async Task New_bind_ends_the_bulk_session_and_the_next_batch_starts_another()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            for (int round = 0; round < 2; round++)
            {
                (int id, _) = await session.ReadAsync<BindRequest>();
                await session.SendAsync(id, new BindResponse(LdapResult.Success));
                await session.SendAsync(await AskedAsync(session, LdapOids.StartLburpRequest), Started);
                (id, ExtendedRequest update) = await session.ReadAsync<ExtendedRequest>();
                Assert.Equal(1, Lburp.DecodeUpdate(update.Value!.Value, LdapLimits.Default).SequenceNumber);
                await session.SendAsync(id, Updated);
                await session.SendAsync(await AskedAsync(session, LdapOids.EndLburpRequest), new ExtendedResponse(LdapResult.Success));
            }

            await session.ReadAsync<UnbindRequest>();
        });
        await using (LdapConnection connection = await peer.ConnectAsync())
        {
            foreach (string account in (string[])["cn=bootstrap", "cn=replication"])
            {
                await connection.BindAsync(account, "secret");
                Assert.True((await connection.BatchAsync([new DelRequest("cn=a")])).Result.IsSuccess);
            }
        }

        await peer.Finished;
    }

    [Fact]
    public async Task Single_update_waits_for_the_end_of_the_bulk_session()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.SendAsync(await AskedAsync(session, LdapOids.StartLburpRequest), Started);
            int update = await AskedAsync(session, LdapOids.LburpUpdateRequest);
            int end = await AskedAsync(session, LdapOids.EndLburpRequest);
            await session.SendAsync(update, Updated);
            await session.SendAsync(end, new ExtendedResponse(LdapResult.Success));
            (int delete, _) = await session.ReadAsync<DelRequest>();
            await session.SendAsync(delete, new DelResponse(LdapResult.Success));
            await session.ReadAsync<UnbindRequest>();
        });
        await using (LdapConnection connection = await peer.ConnectAsync())
        {
            Task<BatchResult> batch = connection.BatchAsync([new DelRequest("cn=a")]);
            Task<LdapResult> single = connection.DeleteAsync(new DelRequest("cn=b"));
            Assert.True((await batch).Result.IsSuccess);
            Assert.True((await single).IsSuccess);
        }

        await peer.Finished;
    }

    [Fact]
    public async Task Cancelled_batch_runs_on_and_the_numbering_has_no_hole()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await session.SendAsync(await AskedAsync(session, LdapOids.StartLburpRequest), Started);
            int first = await AskedAsync(session, LdapOids.LburpUpdateRequest);
            asked.SetResult();
            (int second, ExtendedRequest update) = await session.ReadAsync<ExtendedRequest>();
            Assert.Equal(2, Lburp.DecodeUpdate(update.Value!.Value, LdapLimits.Default).SequenceNumber);
            await session.SendAsync(first, Updated);
            await session.SendAsync(second, Updated);
            await session.SendAsync(await AskedAsync(session, LdapOids.EndLburpRequest), new ExtendedResponse(LdapResult.Success));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        using CancellationTokenSource cancel = new();
        Task<BatchResult> cancelled = connection.BatchAsync([new DelRequest("cn=a")], cancel.Token);
        await asked.Task;
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);

        Assert.True((await connection.BatchAsync([new DelRequest("cn=b")])).Result.IsSuccess);
    }

    [Fact]
    public async Task Empty_batch_sends_nothing()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session => await session.ReadAsync<UnbindRequest>());
        await using (LdapConnection connection = await peer.ConnectAsync())
        {
            Assert.True((await connection.BatchAsync([])).Result.IsSuccess);
        }

        await peer.Finished;
    }

    private static async Task<int> AskedAsync(PeerSession session, string oid)
    {
        (int id, ExtendedRequest request) = await session.ReadAsync<ExtendedRequest>();
        Assert.Equal(oid, request.Name);
        return id;
    }
}

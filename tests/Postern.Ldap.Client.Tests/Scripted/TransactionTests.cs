namespace Postern.Ldap.Client.Tests.Scripted;

/// <summary>RFC 5805, as the client speaks it.</summary>
[Trait("RFC", "5805")]
public sealed class TransactionTests
{
    private static readonly byte[] Id = "tx-1"u8.ToArray();
    private static readonly LdapControl Asked = new(LdapOids.PostRead, Critical: true, new byte[] { 0x30, 0 });
    private static readonly ControlledUpdate[] Two = [new(new DelRequest("cn=a"), []), new(new DelRequest("cn=b"), [Asked])];

    [Fact]
    public async Task Updates_are_sent_together_and_committed_when_all_are_held()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await StartAsync(session);
            (int first, IReadOnlyList<string> controls) = await UpdateAsync(session);
            Assert.Equal([LdapOids.TransactionSpecification], controls);
            (int second, controls) = await UpdateAsync(session);
            Assert.Equal([LdapOids.PostRead, LdapOids.TransactionSpecification], controls);
            await session.SendAsync(new LdapMessage(second, new DelResponse(LdapResult.Success)), new LdapMessage(first, new DelResponse(LdapResult.Success)));
            int end = await EndAsync(session, commit: true);
            TransactionOutcome outcome = new(null, [(second, [Asked with { Critical = false }])]);
            await session.SendAsync(end, new ExtendedResponse(LdapResult.Success, null, TransactionCodec.EncodeEndResponse(outcome)));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        TransactionAnswer answer = await connection.TransactAsync(Two);

        Assert.True(answer.Result.IsSuccess);
        Assert.Equal(-1, answer.FailedUpdate);
        Assert.Equal([0, 1], answer.Controls.Select(controls => controls.Count));
    }

    [Fact]
    public async Task Refused_commit_names_the_update()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await StartAsync(session);
            (int first, _) = await UpdateAsync(session);
            (int second, _) = await UpdateAsync(session);
            await session.SendAsync(first, new DelResponse(LdapResult.Success));
            await session.SendAsync(second, new DelResponse(LdapResult.Success));
            int end = await EndAsync(session, commit: true);
            byte[]? value = TransactionCodec.EncodeEndResponse(new TransactionOutcome(second, []));
            await session.SendAsync(end, new ExtendedResponse(new LdapResult(LdapResultCode.AssertionFailed), null, value));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        TransactionAnswer answer = await connection.TransactAsync(Two);

        Assert.Equal((LdapResultCode.AssertionFailed, 1), (answer.Result.Code, answer.FailedUpdate));
    }

    [Fact]
    public async Task Update_that_is_not_held_aborts_the_rest()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await StartAsync(session);
            (int first, _) = await UpdateAsync(session);
            (int second, _) = await UpdateAsync(session);
            await session.SendAsync(first, new DelResponse(new LdapResult(LdapResultCode.UnavailableCriticalExtension, "no")));
            await session.SendAsync(second, new DelResponse(LdapResult.Success));
            await session.SendAsync(await EndAsync(session, commit: false), new ExtendedResponse(LdapResult.Success));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        TransactionAnswer answer = await connection.TransactAsync(Two);

        Assert.Equal((LdapResultCode.UnavailableCriticalExtension, 0), (answer.Result.Code, answer.FailedUpdate));
    }

    [Fact]
    public async Task Server_without_transactions_refuses_before_anything_is_sent()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            (int id, _) = await session.ReadAsync<ExtendedRequest>();
            await session.SendAsync(id, new ExtendedResponse(new LdapResult(LdapResultCode.ProtocolError, "unknown")));
            await session.ReadAsync<UnbindRequest>();
        });
        await using (LdapConnection connection = await peer.ConnectAsync())
        {
            TransactionAnswer answer = await connection.TransactAsync(Two);
            Assert.Equal((LdapResultCode.ProtocolError, -1), (answer.Result.Code, answer.FailedUpdate));
        }

        await peer.Finished;
    }

    [Fact]
    public async Task Abort_fills_the_transaction_and_drops_it()
    {
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await StartAsync(session);
            (int id, _) = await UpdateAsync(session);
            await session.SendAsync(id, new DelResponse(LdapResult.Success));
            await session.SendAsync(await EndAsync(session, commit: false), new ExtendedResponse(LdapResult.Success));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();

        Assert.True((await connection.TransactAsync(Two[..1], commit: false)).Result.IsSuccess);
    }

    [Fact]
    public async Task Cancelled_transaction_is_aborted_and_the_next_one_waits_for_that()
    {
        TaskCompletionSource asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using ScriptedPeer peer = ScriptedPeer.Plain(async session =>
        {
            await StartAsync(session);
            await UpdateAsync(session);
            asked.SetResult();
            await session.ReadAsync<AbandonRequest>();
            await session.SendAsync(await EndAsync(session, commit: false), new ExtendedResponse(LdapResult.Success));
            await StartAsync(session);
            await session.SendAsync(await EndAsync(session, commit: true), new ExtendedResponse(LdapResult.Success));
            await session.UntilClosedAsync();
        });
        await using LdapConnection connection = await peer.ConnectAsync();
        using CancellationTokenSource cancel = new();
        Task<TransactionAnswer> cancelled = connection.TransactAsync(Two[..1], commit: true, cancel.Token);
        Task<TransactionAnswer> next = connection.TransactAsync([]);
        await asked.Task;

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.True((await next).Result.IsSuccess);
    }

    private static async Task StartAsync(PeerSession session)
    {
        (int id, ExtendedRequest request) = await session.ReadAsync<ExtendedRequest>();
        Assert.Equal(LdapOids.StartTransaction, request.Name);
        await session.SendAsync(id, new ExtendedResponse(LdapResult.Success, null, Id));
    }

    private static async Task<(int Id, IReadOnlyList<string> Controls)> UpdateAsync(PeerSession session)
    {
        LdapMessage message = await session.ReadAsync();
        Assert.IsType<DelRequest>(message.Operation);
        Assert.Equal(Id, TransactionCodec.DecodeSpecification(message.Controls[^1]).ToArray());
        return (message.MessageId, [.. message.Controls.Select(control => control.Oid)]);
    }

    private static async Task<int> EndAsync(PeerSession session, bool commit)
    {
        (int id, ExtendedRequest request) = await session.ReadAsync<ExtendedRequest>();
        Assert.Equal(LdapOids.EndTransaction, request.Name);
        TransactionEnd end = TransactionCodec.DecodeEnd(request.Value);
        Assert.Equal(commit, end.Commit);
        Assert.Equal(Id, end.Id.ToArray());
        return id;
    }
}

namespace Postern.Ldap.Server.Tests.Operations;

[Trait("RFC", "5805")]
public class TransactionTests
{
    [Fact]
    public async Task Updates_are_held_until_the_commit_and_applied_as_one()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        byte[] id = await StartAsync(client);
        Assert.True((await client.ResultAsync(new AddRequest("cn=a,o=test"), In(id))).IsSuccess);
        Assert.True((await client.ResultAsync(new AddRequest("cn=b,o=test"), In(id))).IsSuccess);
        Assert.Empty(server.Directory.Names);
        Assert.True((await client.ResultAsync(new AddRequest("cn=beside,o=test"))).IsSuccess); // not part of it
        Assert.True((await client.ResultAsync(SearchRequest.ReadEntry("cn=none,o=test"))).IsSuccess);
        ExtendedResponse end = await EndAsync(client, id, commit: true);
        Assert.Equal((LdapResultCode.Success, true, true), (end.Result.Code, end.Value is null, end.Name is null));
        Assert.Equal(3, server.Directory.Names.Count);
        Assert.Equal(LdapResultCode.OperationsError, (await EndAsync(client, id, commit: true)).Result.Code); // it is over
        Assert.Equal(LdapResultCode.OperationsError, (await client.ResultAsync(new AddRequest("cn=c,o=test"), In(id))).Code);
    }

    [Fact]
    public async Task Abort_applies_nothing_and_the_next_one_has_another_name()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        byte[] id = await StartAsync(client);
        await client.ResultAsync(new AddRequest("cn=a,o=test"), In(id));
        Assert.True((await EndAsync(client, id, commit: false)).Result.IsSuccess);
        Assert.NotEqual(id, await StartAsync(client));
        Assert.Equal(LdapResultCode.UnwillingToPerform, TestClient.ResultOf((await client.AskAsync(new ExtendedRequest(LdapOids.StartTransaction))).Operation).Code);
        Assert.Empty(server.Directory.Names);
    }

    [Fact]
    public async Task Refused_commit_names_the_message_that_was_at_fault()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        byte[] id = await StartAsync(client);
        await client.ResultAsync(new AddRequest("cn=a,o=test"), In(id));
        int second = await client.SendAsync(new DelRequest("cn=nobody,o=test"), In(id));
        await client.ReceiveAsync();
        ExtendedResponse end = await EndAsync(client, id, commit: true);
        Assert.Equal(LdapResultCode.NoSuchObject, end.Result.Code);
        Assert.Equal(second, TransactionCodec.DecodeEndResponse(end.Value, LdapLimits.Default).FailedMessageId);
    }

    [Fact]
    public async Task Response_controls_of_the_updates_come_with_the_end()
    {
        FakeDirectory directory = new() { ResponseControls = [new LdapControl(LdapOids.PostRead, false, new byte[] { 1 })] };
        directory.Honoured.Add(LdapOids.PostRead);
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        using TestClient client = await server.ConnectBoundAsync();
        byte[] id = await StartAsync(client);
        await client.ResultAsync(new AddRequest("cn=a,o=test"), In(id));
        int second = await client.SendAsync(new AddRequest("cn=b,o=test"), In(id), new LdapControl(LdapOids.PostRead, true, new byte[] { 0x30, 0 }));
        Assert.Empty((await client.ReceiveAsync())!.Controls);
        TransactionOutcome outcome = TransactionCodec.DecodeEndResponse((await EndAsync(client, id, commit: true)).Value, LdapLimits.Default);
        (int messageId, IReadOnlyList<LdapControl> controls) = Assert.Single(outcome.Controls);
        Assert.Equal((second, LdapOids.PostRead), (messageId, Assert.Single(controls).Oid));
    }

    [Theory]
    [InlineData(2, 1_000_000, "more than 2 updates")]
    [InlineData(1_000, 300, "more than 300 octets")]
    public async Task Above_the_limit_it_is_aborted_with_a_notice(int operations, int bytes, string reason)
    {
        LdapServerOptions options = new() { MaxTransactionOperations = operations, MaxTransactionBytes = bytes };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(options);
        using TestClient client = await server.ConnectBoundAsync();
        byte[] id = await StartAsync(client);
        LdapAttribute padding = new("cn", new byte[60]);
        Assert.True((await client.ResultAsync(new AddRequest("cn=a,o=test", padding), In(id))).IsSuccess);
        Assert.True((await client.ResultAsync(new AddRequest("cn=b,o=test", padding), In(id))).IsSuccess);
        int third = await client.SendAsync(new AddRequest("cn=c,o=test", padding), In(id));
        await ExpectAbortedAsync(client, id, LdapResultCode.AdminLimitExceeded);
        LdapMessage answer = (await client.ReceiveAsync())!;
        Assert.Equal(third, answer.MessageId);
        Assert.Contains(reason, TestClient.ResultOf(answer.Operation).DiagnosticMessage, StringComparison.Ordinal);
        Assert.Equal(LdapResultCode.OperationsError, (await EndAsync(client, id, commit: true)).Result.Code);
        Assert.Empty(server.Directory.Names);
    }

    [Fact]
    public async Task Bind_aborts_it_without_notice()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        byte[] id = await StartAsync(client);
        await client.ResultAsync(new AddRequest("cn=a,o=test"), In(id));
        await client.SendAsync(BindRequest.Simple(FakeAuthenticator.Admin, "secret"));
        Assert.IsType<BindResponse>((await client.ReceiveAsync())!.Operation);
        Assert.Equal(LdapResultCode.OperationsError, (await EndAsync(client, id, commit: true)).Result.Code);
        Assert.Empty(server.Directory.Names);
    }

    [Fact]
    public async Task Damaged_requests_are_answered_and_leave_it_open()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        byte[] id = await StartAsync(client);
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ResultAsync(new ExtendedRequest(LdapOids.EndTransaction))).Code);
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ResultAsync(new ExtendedRequest(LdapOids.EndTransaction, new byte[] { 9 }))).Code);
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ResultAsync(new ExtendedRequest(LdapOids.StartTransaction, new byte[] { 9 }))).Code);
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ResultAsync(new AddRequest("cn=a"), In(id) with { Critical = false })).Code);
        Assert.Equal(LdapResultCode.ProtocolError, (await client.ResultAsync(new AddRequest("cn=a"), In(id) with { Value = null })).Code);
        Assert.Equal(LdapResultCode.OperationsError, (await client.ResultAsync(new AddRequest("cn=a"), In("other"u8.ToArray()))).Code);
        Assert.Equal(LdapResultCode.UnavailableCriticalExtension, (await client.ResultAsync(SearchRequest.ReadEntry(""), In(id))).Code);
        Assert.True((await EndAsync(client, id, commit: true)).Result.IsSuccess);
    }

    [Fact]
    public async Task Anonymous_peers_cannot_start_one()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        Assert.Equal(LdapResultCode.StrongerAuthRequired, (await client.ResultAsync(new ExtendedRequest(LdapOids.StartTransaction))).Code);
    }

    private static LdapControl In(byte[] id) => TransactionCodec.CreateSpecification(id);

    private static async Task<byte[]> StartAsync(TestClient client)
    {
        ExtendedResponse started = (ExtendedResponse)(await client.AskAsync(new ExtendedRequest(LdapOids.StartTransaction))).Operation;
        Assert.True(started.Result.IsSuccess);
        return started.Value!.Value.ToArray();
    }

    private static async Task<ExtendedResponse> EndAsync(TestClient client, byte[] id, bool commit) => (ExtendedResponse)(await client.AskAsync(
        new ExtendedRequest(LdapOids.EndTransaction, TransactionCodec.EncodeEnd(new TransactionEnd(commit, id))))).Operation;

    private static async Task ExpectAbortedAsync(TestClient client, byte[] id, LdapResultCode code)
    {
        LdapMessage message = (await client.ReceiveAsync())!;
        ExtendedResponse notice = Assert.IsType<ExtendedResponse>(message.Operation);
        Assert.Equal((0, LdapOids.AbortedTransaction, code), (message.MessageId, notice.Name, notice.Result.Code));
        Assert.Equal(id, notice.Value!.Value.ToArray());
    }
}

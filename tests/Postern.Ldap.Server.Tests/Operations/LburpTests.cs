namespace Postern.Ldap.Server.Tests.Operations;

/// <summary>RFC 4373.</summary>
public class LburpTests
{
    [Fact]
    public async Task Bulk_update_applies_batches_and_ends()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        ExtendedResponse started = await AskAsync(client, Start());
        Assert.Equal(LdapOids.StartLburpResponse, started.Name);
        Assert.Equal(LdapLimits.Default.MaxBatchOperations, Lburp.DecodeMaxOperations(started.Value!.Value));

        for (int i = 1; i <= 3; i++)
        {
            ExtendedResponse updated = await AskAsync(client, Update(i, new AddRequest($"cn=a{i},o=test"), new AddRequest($"cn=b{i},o=test")));
            Assert.Equal((LdapResultCode.Success, LdapOids.LburpUpdateResponse), (updated.Result.Code, updated.Name));
        }

        ExtendedResponse ended = await AskAsync(client, End(4));
        Assert.Equal((LdapResultCode.Success, LdapOids.EndLburpResponse), (ended.Result.Code, ended.Name));
        Assert.Equal(6, server.Directory.Names.Count);
        Assert.True((await client.ResultAsync(new AddRequest("cn=after,o=test"))).IsSuccess);
    }

    [Fact]
    public async Task Batches_reach_the_directory_in_order_and_are_answered_as_they_end()
    {
        List<TaskCompletionSource<BatchResult>> batches = [];
        TaskCompletionSource allThree = new();
        FakeDirectory directory = new()
        {
            OnBatch = (operations, _) =>
            {
                Assert.Equal($"cn={batches.Count + 1}", operations[0].Dn);
                TaskCompletionSource<BatchResult> batch = new();
                batches.Add(batch);
                if (batches.Count == 3)
                {
                    allThree.SetResult();
                }

                return batch.Task;
            },
        };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: directory);
        using TestClient client = await server.ConnectBoundAsync();
        await AskAsync(client, Start());
        int[] ids = [0, 0, 0];
        for (int i = 0; i < 3; i++)
        {
            ids[i] = await client.SendAsync(Update(i + 1, new DelRequest($"cn={i + 1}")));
        }

        int end = await client.SendAsync(End(4));
        await allThree.Task.WaitAsync(TestClient.Patience);
        foreach (int i in new[] { 1, 0, 2 })
        {
            batches[i].SetResult(new BatchResult(LdapResult.Success));
            Assert.Equal(ids[i], (await client.ReceiveAsync())!.MessageId);
        }

        Assert.Equal(end, (await client.ReceiveAsync())!.MessageId); // only after the last batch
    }

    [Fact]
    public async Task Refused_operation_is_named_by_its_position()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(directory: new FakeDirectory().WithPeople(1));
        using TestClient client = await server.ConnectBoundAsync();
        await AskAsync(client, Start());
        ExtendedResponse answer = await AskAsync(client, Update(1, new AddRequest("cn=a,o=test"), new AddRequest("cn=p0,o=test")));
        Assert.Equal(LdapResultCode.Other, answer.Result.Code);
        (int number, LdapResult result) = Assert.Single(Lburp.DecodeFailures(answer.Value!.Value));
        Assert.Equal((2, LdapResultCode.EntryAlreadyExists), (number, result.Code));
        Assert.True((await AskAsync(client, Update(2, new DelRequest("cn=p0,o=test")))).Result.IsSuccess);
    }

    [Fact]
    public async Task Wrong_sequence_number_is_refused()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        await AskAsync(client, Start());
        LdapResult result = (await AskAsync(client, Update(2, new AddRequest("cn=a,o=test")))).Result;
        Assert.Equal(LdapResultCode.OperationsError, result.Code);
        Assert.Contains("sequence number 2 where 1 belongs", result.DiagnosticMessage, StringComparison.Ordinal);
        Assert.True((await AskAsync(client, Update(1, new AddRequest("cn=a,o=test")))).Result.IsSuccess);
        Assert.Equal(LdapResultCode.OperationsError, (await AskAsync(client, End(7))).Result.Code);
        Assert.Single(server.Directory.Names);
    }

    [Fact]
    public async Task Damaged_payloads_are_answered_not_punished()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        Assert.Equal(LdapResultCode.ProtocolError, (await AskAsync(client, new ExtendedRequest(LdapOids.StartLburpRequest))).Result.Code);
        Assert.Equal(LdapResultCode.ProtocolError, (await AskAsync(client, new ExtendedRequest(LdapOids.StartLburpRequest, new byte[] { 1 }))).Result.Code);
        Assert.Equal(
            LdapResultCode.UnwillingToPerform,
            (await AskAsync(client, new ExtendedRequest(LdapOids.StartLburpRequest, Lburp.EncodeStart("1.2.3")))).Result.Code);
        await AskAsync(client, Start());
        Assert.Equal(LdapResultCode.ProtocolError, (await AskAsync(client, new ExtendedRequest(LdapOids.LburpUpdateRequest, new byte[] { 0x30, 9 }))).Result.Code);
        Assert.Equal(LdapResultCode.ProtocolError, (await AskAsync(client, new ExtendedRequest(LdapOids.LburpUpdateRequest))).Result.Code);
        Assert.True((await AskAsync(client, Update(1, new AddRequest("cn=a,o=test")))).Result.IsSuccess);
    }

    [Fact]
    public async Task Batch_above_the_limit_is_refused()
    {
        LdapServerOptions options = new() { Limits = LdapLimits.Default with { MaxBatchOperations = 2 } };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(options);
        using TestClient client = await server.ConnectBoundAsync();
        await AskAsync(client, Start());
        Assert.True((await AskAsync(client, Update(1, new DelRequest("cn=a"), new DelRequest("cn=b")))).Result.Code is LdapResultCode.Other); // nothing there
        LdapResult result = (await AskAsync(client, Update(2, new DelRequest("cn=a"), new DelRequest("cn=b"), new DelRequest("cn=c")))).Result;
        Assert.Equal(LdapResultCode.AdminLimitExceeded, result.Code);
        Assert.Contains("more than 2 operations", result.DiagnosticMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_updates_are_refused_meanwhile_and_searches_are_not()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectBoundAsync();
        Assert.Equal(LdapResultCode.OperationsError, (await AskAsync(client, Update(1))).Result.Code);
        await AskAsync(client, Start());
        Assert.Equal(LdapResultCode.OperationsError, (await client.ResultAsync(new AddRequest("cn=a,o=test"))).Code);
        Assert.Equal(LdapResultCode.OperationsError, (await client.ResultAsync(new DelRequest("cn=a,o=test"))).Code);
        Assert.Equal(LdapResultCode.OperationsError, (await AskAsync(client, Start())).Result.Code);
        Assert.True((await client.ResultAsync(SearchRequest.ReadEntry("o=test"))).IsSuccess);
    }

    [Fact]
    public async Task Anonymous_peers_cannot_start_one()
    {
        await using ServerUnderTest server = await ServerUnderTest.StartAsync();
        using TestClient client = await server.ConnectAsync();
        Assert.Equal(LdapResultCode.StrongerAuthRequired, (await AskAsync(client, Start())).Result.Code);
    }

    [Fact]
    public async Task Fault_of_the_directory_is_other_without_a_position()
    {
        FakeDirectory directory = new() { OnBatch = (_, _) => throw new InvalidDataException("disk full") };
        await using ServerUnderTest server = await ServerUnderTest.StartAsync(new ServerSetup(directory) { ExpectErrors = true });
        using TestClient client = await server.ConnectBoundAsync();
        await AskAsync(client, Start());
        ExtendedResponse answer = await AskAsync(client, Update(1, new DelRequest("cn=a")));
        Assert.Equal((LdapResultCode.Other, true), (answer.Result.Code, answer.Value is null));
        Assert.True((await AskAsync(client, End(2))).Result.IsSuccess);
    }

    private static ExtendedRequest Start() => new(LdapOids.StartLburpRequest, Lburp.EncodeStart(LdapOids.LburpIncrementalStyle));

    private static ExtendedRequest Update(int number, params IUpdateOperation[] operations) =>
        new(LdapOids.LburpUpdateRequest, Lburp.EncodeUpdate(number, operations));

    private static ExtendedRequest End(int number) => new(LdapOids.EndLburpRequest, Lburp.EncodeEnd(number));

    private static async Task<ExtendedResponse> AskAsync(TestClient client, ExtendedRequest request) =>
        (ExtendedResponse)(await client.AskAsync(request)).Operation;
}

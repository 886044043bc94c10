using Postern.Ldap;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class BatchTests
{
    [Fact]
    public async Task Batch_refused_half_way_changes_nothing_and_leaves_its_neighbours_alone()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("taken")));
        Task<BatchResult> first = directory.System.BatchAsync([Recipient("a1"), Recipient("a2")]);
        Task<BatchResult> second = directory.System.BatchAsync(
            [Recipient("b1"), new DelRequest($"cn=a1,{Recipients}"), Recipient("taken"), Recipient("b2")]);
        Task<BatchResult> third = directory.System.BatchAsync([Recipient("c1"), Recipient("c2")]);
        Assert.True((await first).Result.IsSuccess);
        Assert.True((await third).Result.IsSuccess);
        Assert.Equal((LdapResultCode.EntryAlreadyExists, 2), ((await second).Result.Code, (await second).FailedOperation));
        Assert.Equal(["a1", "a2", "c1", "c2", "taken"], (await directory.SearchAsync("(objectClass=posternRecipient)")).Select(e => e.FirstString("cn")!).Order());
    }

    [Fact]
    public async Task Batch_with_an_operation_that_is_wrong_by_itself_names_it()
    {
        await using TestDirectory directory = await CreateAsync();
        BatchResult result = await directory.System.BatchAsync([Recipient("a"), new AddRequest("cn=x,o=edge", new LdapAttribute("objectClass", "unicorn"))]);
        Assert.Equal((LdapResultCode.ObjectClassViolation, 1), (result.Result.Code, result.FailedOperation));
        Assert.Null(await directory.ReadAsync($"cn=a,{Recipients}"));
    }

    [Fact]
    public async Task Operations_of_a_batch_see_those_before_them()
    {
        await using TestDirectory directory = await CreateAsync();
        BatchResult result = await directory.System.BatchAsync(
        [
            new AddRequest("ou=sub,ou=recipients,o=edge", new LdapAttribute("objectClass", "organizationalUnit")),
            new AddRequest("cn=x,ou=sub,ou=recipients,o=edge", new LdapAttribute("objectClass", "posternRecipient")),
            new ModifyRequest("cn=x,ou=sub,ou=recipients,o=edge", new Modification(ModificationType.Add, new LdapAttribute("posternSource", "corp"))),
            new ModifyDnRequest("cn=x,ou=sub,ou=recipients,o=edge", "cn=y", true, Recipients),
            new DelRequest("ou=sub,ou=recipients,o=edge"),
            Recipient("x"),
        ]);
        result.Result.ThrowIfFailed("batch");
        Assert.Equal("corp", (await directory.ReadAsync($"cn=y,{Recipients}"))!.FirstString("posternSource"));
        Assert.Equal(LdapResultCode.EntryAlreadyExists, (await directory.System.BatchAsync([Recipient("z"), Recipient("z")])).Result.Code);
    }

    [Fact]
    public async Task Batches_take_effect_in_the_order_of_the_calls()
    {
        await using TestDirectory directory = await CreateAsync();
        List<Task<BatchResult>> batches = [directory.System.BatchAsync([Recipient("x")])];
        for (int i = 0; i < 50; i++)
        {
            batches.Add(directory.System.BatchAsync([new DelRequest($"cn=x,{Recipients}")]));
            batches.Add(directory.System.BatchAsync([Recipient("x", Hash($"{i}"))]));
        }

        Assert.All(await Task.WhenAll(batches), r => r.Result.ThrowIfFailed("batch"));
        Assert.Equal(Hash("49"), (await directory.ReadAsync($"cn=x,{Recipients}"))!.Find("posternAddressHash")!.Values[0].ToArray());
    }

    [Fact]
    public async Task Writers_at_the_same_time_share_commits()
    {
        await using TestDirectory directory = await CreateAsync();
        long before = directory.Engine.Commits;
        const int Writers = 400;
        LdapResult[] results = await Task.WhenAll(Enumerable.Range(0, Writers).Select(i => directory.System.AddAsync(Recipient($"r{i}"))));
        Assert.All(results, r => r.ThrowIfFailed("add"));
        Assert.InRange(directory.Engine.Commits - before, 1, Writers / 2);
    }

    [Fact]
    public async Task Only_one_of_many_writers_of_the_same_name_wins()
    {
        await using TestDirectory directory = await CreateAsync();
        LdapResult[] results = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => directory.System.AddAsync(Recipient("x")))));
        Assert.Single(results, r => r.IsSuccess);
        Assert.Equal(49, results.Count(r => r.Code == LdapResultCode.EntryAlreadyExists));
    }

    [Fact]
    public async Task Writes_beyond_the_queue_are_answered_busy()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxQueuedOperations = 10, MaxGroupOperations = 1 });
        LdapResult[] results = await Task.WhenAll(Enumerable.Range(0, 500).Select(i => directory.System.AddAsync(Recipient($"r{i}"))));
        Assert.Contains(results, r => r.Code == LdapResultCode.Busy);
        Assert.Equal(results.Count(r => r.IsSuccess), (await directory.SearchAsync("(objectClass=posternRecipient)")).Count);
    }

    [Fact]
    public async Task Cancelled_write_is_not_applied()
    {
        await using TestDirectory directory = await CreateAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => directory.System.AddAsync(Recipient("x"), new CancellationToken(canceled: true)));
        Assert.Null(await directory.ReadAsync($"cn=x,{Recipients}"));
    }

    [Fact]
    public async Task Closed_directory_says_so()
    {
        await using TestDirectory directory = await CreateAsync();
        IDirectory before = directory.System;
        await directory.ReopenAsync();
        Assert.Equal(LdapResultCode.Unavailable, (await before.AddAsync(Recipient("x"))).Code);
    }
}

using Postern.Ldap;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

[Trait("RFC", "5805")]
public sealed class TransactionTests
{
    private static ControlledUpdate With(IUpdateOperation operation, params LdapControl[] controls) => new(operation, controls);

    private static Task<TransactionAnswer> Transact(TestDirectory directory, params ControlledUpdate[] updates) =>
        directory.Controlled.TransactAsync(updates, CancellationToken.None);

    [Fact]
    public async Task Transaction_applies_all_updates_in_one_commit_and_answers_their_controls()
    {
        await using TestDirectory directory = await CreateAsync();
        long commits = directory.Engine.Commits;
        TransactionAnswer answer = await Transact(
            directory,
            With(Recipient("a")),
            With(new ModifyDnRequest($"cn=a,{Recipients}", "cn=b", true), ReadEntryControl.Create(LdapOids.PreRead, ["cn"])),
            With(new DelRequest($"cn=b,{Recipients}"), AssertionControl.Create(Filter.Parse("(cn=b)"))),
            With(Recipient("c"), ReadEntryControl.Create(LdapOids.PostRead, ["cn"])));
        Assert.Equal((LdapResultCode.Success, -1, 4), (answer.Result.Code, answer.FailedUpdate, answer.Controls.Count));
        Assert.Equal([0, 1, 0, 1], answer.Controls.Select(c => c.Count));
        Assert.Equal("a", ReadEntryControl.DecodeResponse(answer.Controls[1][0], LdapLimits.Default).FirstString("cn"));
        Assert.Equal(commits + 1, directory.Engine.Commits);
        Assert.Equal(["c"], (await directory.SearchAsync("(cn=*)")).Select(e => e.FirstString("cn")));
    }

    [Fact]
    public async Task Transaction_that_fails_names_the_update_and_changes_nothing()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("x")));
        TransactionAnswer answer = await Transact(
            directory, With(Recipient("a")), With(new DelRequest($"cn=x,{Recipients}"), AssertionControl.Create(Filter.Parse("(cn=y)"))), With(Recipient("b")));
        Assert.Equal((LdapResultCode.AssertionFailed, 1), (answer.Result.Code, answer.FailedUpdate));
        Assert.Empty(answer.Controls);
        answer = await Transact(directory, With(Recipient("a")), With(new DelRequest("cn=x,,")));
        Assert.Equal((LdapResultCode.InvalidDNSyntax, 1), (answer.Result.Code, answer.FailedUpdate));
        Assert.Equal(["x"], (await directory.SearchAsync("(cn=*)")).Select(e => e.FirstString("cn")));
    }

    [Fact]
    public async Task Transaction_beyond_the_limit_is_refused_and_an_empty_one_is_fine()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxTransactionUpdates = 2 });
        Assert.True((await Transact(directory, With(Recipient("a")), With(Recipient("b")))).Result.IsSuccess);
        TransactionAnswer answer = await Transact(directory, With(Recipient("c")), With(Recipient("d")), With(Recipient("e")));
        Assert.Equal((LdapResultCode.AdminLimitExceeded, 2), (answer.Result.Code, answer.FailedUpdate));
        Assert.True((await Transact(directory)).Result.IsSuccess);
    }
}

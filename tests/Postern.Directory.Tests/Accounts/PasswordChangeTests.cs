using System.Text;
using Postern.Ldap;
using Postern.Mail;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

[Trait("RFC", "3062")]
public sealed class PasswordChangeTests
{
    private const string Own = "cn=ada,ou=accounts,o=edge";
    private const string Other = "cn=other,ou=accounts,o=edge";
    private static readonly Principal Ada = new(Own, DirectoryRole.Lookup);

    private static ReadOnlyMemory<byte>? Octets(string? text) => text is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(text);

    private static Task<LdapAnswer> ChangeAsync(TestDirectory directory, Principal principal, string? user, string? old, string? fresh) =>
        directory.Engine.As(principal).ModifyPasswordAsync(
            new ExtendedRequest(LdapOids.PasswordModify, PasswordModifyCodec.Encode(new PasswordModification(user, Octets(old), Octets(fresh)))),
            principal.Role == DirectoryRole.System ? "" : principal.Name, CancellationToken.None);

    private static async Task<bool> IsPasswordAsync(TestDirectory directory, string dn, string password) =>
        (await new AccountVerifier(directory.Engine, EdgeLayout.Accounts, TimeProvider.System).VerifyAsync(dn, Encoding.UTF8.GetBytes(password))).State == AccountState.Valid;

    private static async Task<TestDirectory> WithAccountsAsync(Func<DirectoryOptions, DirectoryOptions>? change = null)
    {
        TestDirectory directory = await CreateAsync(change, policy: new OwnOnly());
        foreach (string dn in new[] { Own, Other })
        {
            await Ok(directory.System.AddAsync(new AddRequest(
                dn, new LdapAttribute("objectClass", PosternClasses.Account), new LdapAttribute(PosternAttributes.Role, "lookup"),
                new LdapAttribute("userPassword", "first"))));
        }

        return directory;
    }

    [Fact]
    public async Task Own_password_is_changed_by_who_shows_the_old_one()
    {
        await using TestDirectory directory = await WithAccountsAsync();
        Assert.Equal(LdapResultCode.UnwillingToPerform, (await ChangeAsync(directory, Ada, null, null, "second")).Result.Code);
        Assert.Equal(LdapResultCode.InvalidCredentials, (await ChangeAsync(directory, Ada, Own, "wrong", "second")).Result.Code);
        Assert.Equal(LdapResultCode.ConstraintViolation, (await ChangeAsync(directory, Ada, null, "first", "")).Result.Code);
        Assert.True(await IsPasswordAsync(directory, Own, "first"));
        LdapAnswer answer = await ChangeAsync(directory, Ada, "CN=Ada, ou=accounts, o=edge", "first", "second");
        Assert.True(answer.Result.IsSuccess);
        Assert.Null(answer.Value);
        Assert.True(await IsPasswordAsync(directory, Own, "second"));
        Assert.False(await IsPasswordAsync(directory, Own, "first"));
    }

    [Fact]
    public async Task Changes_beyond_those_that_may_wait_are_told_to_come_again()
    {
        await using TestDirectory directory = await WithAccountsAsync(o => o with { MaxPasswordsWaiting = 1 });
        Task<LdapAnswer>[] changes = [.. Enumerable.Range(0, 3).Select(i => ChangeAsync(directory, Principal.System, Other, null, $"new{i}"))];
        LdapAnswer[] answers = await Task.WhenAll(changes);
        Assert.Equal([LdapResultCode.Success, LdapResultCode.Success, LdapResultCode.Busy], answers.Select(a => a.Result.Code));
        Assert.Contains("MaxPasswordsWaiting", answers[2].Result.DiagnosticMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Passwords_in_clear_are_hashed_off_the_callers_thread_and_not_without_limit()
    {
        await using TestDirectory directory = await WithAccountsAsync(o => o with { MaxPasswordsWaiting = 1 });
        Task<LdapResult>[] adds = [.. Enumerable.Range(0, 3).Select(i => directory.System.AddAsync(new AddRequest(
            $"cn=n{i},ou=accounts,o=edge", new LdapAttribute("objectClass", PosternClasses.Account), new LdapAttribute(PosternAttributes.Role, "lookup"),
            new LdapAttribute("2.5.4.35", "clear"))))];
        LdapResult[] results = await Task.WhenAll(adds);
        Assert.Equal([LdapResultCode.Success, LdapResultCode.Success, LdapResultCode.Busy], results.Select(r => r.Code));
        Assert.True(await IsPasswordAsync(directory, "n0", "clear"));
    }

    [Fact]
    public async Task Searches_of_others_keep_nobody_from_logging_on()
    {
        await using TestDirectory directory = await WithAccountsAsync(o => o with { ReadConnections = 1 });
        IControlledDirectory ada = directory.Engine.As(new Principal(Own, DirectoryRole.Operator));
        await using IAsyncEnumerator<LdapEntry> held = ada.SearchAsync(new SearchRequest("o=edge", SearchScope.WholeSubtree, Filter.Anything, ["1.1"])).GetAsyncEnumerator();
        Assert.True(await held.MoveNextAsync());
        Assert.True(await IsPasswordAsync(directory, Own, "first"));
    }

    [Theory]
    [InlineData("userPassword")]
    [InlineData("2.5.4.35")]
    public async Task One_request_brings_few_passwords(string attribute)
    {
        await using TestDirectory directory = await WithAccountsAsync();
        Modification[] changes = [.. Enumerable.Range(0, 5).Select(i => new Modification(ModificationType.Delete, new LdapAttribute(attribute, $"guess{i}")))];
        LdapResult result = await directory.System.ModifyAsync(new ModifyRequest(Own, changes));
        Assert.Equal(LdapResultCode.AdminLimitExceeded, result.Code);
        Assert.Equal(LdapResultCode.NoSuchAttribute, (await directory.System.ModifyAsync(new ModifyRequest(Own, changes[..4]))).Code);
    }

    [Fact]
    public async Task Password_is_generated_when_none_is_given()
    {
        await using TestDirectory directory = await WithAccountsAsync();
        LdapAnswer answer = await ChangeAsync(directory, Ada, null, "first", null);
        string generated = Encoding.UTF8.GetString(PasswordModifyCodec.DecodeResponse(answer.Value)!.Value.Span);
        Assert.True(generated.Length >= 20);
        Assert.True(await IsPasswordAsync(directory, Own, generated));
    }

    [Fact]
    public async Task Password_that_looks_like_a_stored_form_is_a_password()
    {
        await using TestDirectory directory = await WithAccountsAsync();
        string form = Encoding.ASCII.GetString(PasswordHash.Create("x"u8, PasswordStrength.Random));
        Assert.True((await ChangeAsync(directory, Ada, null, "first", form)).Result.IsSuccess);
        Assert.True(await IsPasswordAsync(directory, Own, form));
        Assert.False(await IsPasswordAsync(directory, Own, "x"));
    }

    [Fact]
    public async Task Anothers_password_takes_the_right_to_it()
    {
        await using TestDirectory directory = await WithAccountsAsync();
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await ChangeAsync(directory, Ada, Other, "first", "second")).Result.Code);
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await ChangeAsync(directory, Ada, "cn=none,ou=accounts,o=edge", null, "second")).Result.Code);
        Assert.Equal(LdapResultCode.NoSuchObject, (await ChangeAsync(directory, Principal.System, "cn=none,ou=accounts,o=edge", null, "second")).Result.Code);
        Assert.Equal(LdapResultCode.UnwillingToPerform, (await ChangeAsync(directory, Principal.System, null, null, "second")).Result.Code);
        Assert.True((await ChangeAsync(directory, Principal.System, Other, null, "second")).Result.IsSuccess);
        Assert.True(await IsPasswordAsync(directory, Other, "second"));
    }

    [Fact]
    public async Task Request_that_cannot_be_read_is_refused()
    {
        await using TestDirectory directory = await WithAccountsAsync();
        LdapAnswer answer = await directory.Engine.As(Ada).ModifyPasswordAsync(new ExtendedRequest(LdapOids.PasswordModify, new byte[] { 4, 9 }), Own, CancellationToken.None);
        Assert.Equal(LdapResultCode.ProtocolError, answer.Result.Code);
    }

    private sealed class OwnOnly : IAccessPolicy
    {
        public bool MayRead(Principal principal, string normalizedDn) => true;

        public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) => false;

        public bool MayReadAttribute(Principal principal, string attribute) => true;

        public bool MayChangePassword(Principal principal, string normalizedDn, bool own) => own;
    }
}

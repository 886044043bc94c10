using System.Text;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class AccountVerifierTests
{
    private static readonly byte[] Secret = Encoding.ASCII.GetBytes("QkFzZTY0IG9mIDMyIHJhbmRvbSBvY3RldHM=");
    private readonly ManualTimeProvider _time = new();

    private async Task<(TestDirectory Directory, AccountVerifier Verifier)> WithAccountAsync(params LdapAttribute[] more)
    {
        TestDirectory directory = await CreateAsync(time: _time);
        await Ok(directory.System.AddAsync(new AddRequest(
            $"cn=ESRA.edge,{EdgeLayout.Accounts}",
            [new LdapAttribute("objectClass", PosternClasses.Account), new LdapAttribute(PosternAttributes.Role, "bootstrap"),
             new LdapAttribute("userPassword", PasswordHash.Create(Secret, PasswordStrength.Random)), .. more])));
        return (directory, new AccountVerifier(directory.Engine, EdgeLayout.Accounts, _time));
    }

    [Theory]
    [InlineData("ESRA.edge")]
    [InlineData("esra.EDGE")]
    [InlineData("cn=ESRA.edge,ou=accounts,o=edge")]
    [InlineData("CN=esra.edge, OU=Accounts, O=Edge")]
    public async Task Account_is_found_by_name_and_by_dn_and_shown_without_its_password(string name)
    {
        var (directory, verifier) = await WithAccountAsync();
        await using TestDirectory _ = directory;
        AccountCheck check = await verifier.VerifyAsync(name, Secret);
        Assert.Equal(AccountState.Valid, check.State);
        Assert.Equal("bootstrap", check.Account!.FirstString(PosternAttributes.Role));
        Assert.Null(check.Account.Find("userPassword"));
    }

    [Theory]
    [InlineData("ESRA.other")]
    [InlineData("")]
    [InlineData("cn=ESRA.edge,o=edge")]
    [InlineData("cn=ESRA.edge,,")]
    [InlineData("ou=accounts,o=edge")]
    public async Task Unknown_name_is_like_a_wrong_password(string name)
    {
        var (directory, verifier) = await WithAccountAsync();
        await using TestDirectory _ = directory;
        Assert.Equal(new AccountCheck(AccountState.UnknownOrWrong, null), await verifier.VerifyAsync(name, Secret));
        Assert.Equal(AccountState.UnknownOrWrong, (await verifier.VerifyAsync("ESRA.edge", new byte[] { 1 })).State);
        Assert.Equal(AccountState.UnknownOrWrong, (await verifier.VerifyAsync("ESRA.edge", ReadOnlyMemory<byte>.Empty)).State);
    }

    [Fact]
    public async Task State_follows_the_clock_and_is_told_only_with_the_right_password()
    {
        var (directory, verifier) = await WithAccountAsync(
            new LdapAttribute(PosternAttributes.EffectiveTime, "20260102000000Z"), new LdapAttribute(PosternAttributes.ExpirationTime, "20260103000000Z"));
        await using TestDirectory _ = directory;
        Assert.Equal(AccountState.NotYetEffective, (await verifier.VerifyAsync("ESRA.edge", Secret)).State);
        Assert.Equal(AccountState.UnknownOrWrong, (await verifier.VerifyAsync("ESRA.edge", Encoding.ASCII.GetBytes("wrong"))).State);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(AccountState.Valid, (await verifier.VerifyAsync("ESRA.edge", Secret)).State);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(AccountState.Expired, (await verifier.VerifyAsync("ESRA.edge", Secret)).State);
        Assert.Equal(AccountState.UnknownOrWrong, (await verifier.VerifyAsync("ESRA.edge", Encoding.ASCII.GetBytes("wrong"))).State);
    }

    [Fact]
    public async Task Used_account_says_so()
    {
        var (directory, verifier) = await WithAccountAsync();
        await using TestDirectory _ = directory;
        await Ok(directory.System.ModifyAsync(new ModifyRequest(
            $"cn=ESRA.edge,{EdgeLayout.Accounts}", new Modification(ModificationType.Add, new LdapAttribute(PosternAttributes.UsedTime, "20260101000000Z")))));
        Assert.Equal(AccountState.Used, (await verifier.VerifyAsync("ESRA.edge", Secret)).State);
    }

    [Fact]
    public async Task Password_in_clear_is_hashed_before_the_disk_and_never_shown()
    {
        var (directory, verifier) = await WithAccountAsync();
        await using TestDirectory _ = directory;
        string dn = $"cn=ESRA.edge,{EdgeLayout.Accounts}";
        byte[] chosen = Encoding.UTF8.GetBytes("correct horse battery staple");
        await Ok(directory.System.ModifyAsync(new ModifyRequest(dn, new Modification(ModificationType.Replace, new LdapAttribute("userPassword", chosen)))));
        Assert.Equal(AccountState.Valid, (await verifier.VerifyAsync("ESRA.edge", chosen)).State);
        Assert.Null((await directory.ReadAsync(dn, "*", "+", "userPassword"))!.Find("userPassword"));
        Assert.Empty(await directory.SearchAsync("(userPassword=*)"));
        Assert.Equal(LdapResultCode.InsufficientAccessRights, (await directory.System.CompareAsync(new CompareRequest(dn, "userPassword", chosen))).Code);
        foreach (string file in new[] { directory.Path, directory.Path + "-wal" })
        {
            using FileStream stream = new(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            Assert.False(content.AsSpan().IndexOf(chosen) >= 0, file);
        }

        await Ok(directory.System.ModifyAsync(new ModifyRequest(
            dn,
            new Modification(ModificationType.Delete, new LdapAttribute("userPassword", chosen)),
            new Modification(ModificationType.Add, new LdapAttribute("userPassword", PasswordHash.Create(Secret, PasswordStrength.Random))))));
        Assert.Equal(AccountState.Valid, (await verifier.VerifyAsync("ESRA.edge", Secret)).State);
    }
}

public sealed class PasswordHashTests
{
    [Theory]
    [InlineData(PasswordStrength.Chosen, "{PBKDF2-SHA512}210000$")]
    [InlineData(PasswordStrength.Random, "{SSHA512}")]
    public void Hash_verifies_its_password_only(PasswordStrength strength, string prefix)
    {
        byte[] stored = PasswordHash.Create("secret"u8, strength);
        Assert.StartsWith(prefix, Encoding.ASCII.GetString(stored), StringComparison.Ordinal);
        Assert.True(PasswordHash.Verify("secret"u8, stored));
        Assert.False(PasswordHash.Verify("Secret"u8, stored));
        Assert.NotEqual(stored, PasswordHash.Create("secret"u8, strength));
        Assert.True(PasswordHash.IsStoredForm(stored));
    }

    [Theory]
    [InlineData("")]
    [InlineData("secret")]
    [InlineData("{SSHA512}")]
    [InlineData("{SSHA512}c2hvcnQ=")]
    [InlineData("{SSHA512}***")]
    [InlineData("{PBKDF2-SHA512}1$c2FsdA==$aGFzaA==")]
    [InlineData("{PBKDF2-SHA512}999999999$c2FsdA==$aGFzaA==")]
    [InlineData("{CRYPT}x")]
    public void Anything_else_verifies_nothing(string stored)
    {
        Assert.False(PasswordHash.Verify("secret"u8, Encoding.UTF8.GetBytes(stored)));
        Assert.False(PasswordHash.IsStoredForm(Encoding.UTF8.GetBytes(stored)));
    }
}

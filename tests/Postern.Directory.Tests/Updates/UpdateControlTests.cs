using Postern.Ldap;
using Postern.Mail;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

[Trait("RFC", "4527")]
[Trait("RFC", "4528")]
public sealed class UpdateControlTests
{
    private const string Dn = "cn=x,ou=recipients,o=edge";

    private static readonly LdapControl TreeDelete = new(LdapOids.TreeDelete, Critical: true, null);

    private static LdapControl Asserting(string filter) => AssertionControl.Create(Filter.Parse(filter));

    private static ModifyRequest Modify(ModificationType type, string attribute, params string[] values) =>
        new(Dn, new Modification(type, new LdapAttribute(attribute, values)));

    private static Task<LdapAnswer> Update(TestDirectory directory, IUpdateOperation operation, params LdapControl[] controls) =>
        directory.Controlled.UpdateAsync(operation, controls, CancellationToken.None);

    private static LdapEntry Seen(LdapAnswer answer, string oid) =>
        ReadEntryControl.DecodeResponse(Assert.Single(answer.Controls, c => c.Oid == oid), LdapLimits.Default);

    private static async Task<TestDirectory> WithEntryAsync(IAccessPolicy? policy = null, Func<DirectoryOptions, DirectoryOptions>? change = null)
    {
        TestDirectory directory = await CreateAsync(change, policy);
        await Ok(directory.System.AddAsync(new AddRequest(
            Dn, new LdapAttribute("objectClass", "person"), new LdapAttribute("sn", "Lovelace"), new LdapAttribute("description", "1"),
            new LdapAttribute("userPassword", "secret"))));
        return directory;
    }

    [Fact]
    public async Task Update_goes_on_only_when_its_assertion_holds()
    {
        await using TestDirectory directory = await WithEntryAsync();
        Assert.Equal(LdapResultCode.AssertionFailed, (await Update(directory, Modify(ModificationType.Replace, "sn", "King"), Asserting("(sn=Byron)"))).Result.Code);
        Assert.Equal(LdapResultCode.AssertionFailed, (await Update(directory, Modify(ModificationType.Replace, "sn", "King"), Asserting("(colour=red)"))).Result.Code);
        Assert.Equal("Lovelace", (await directory.ReadAsync(Dn))!.FirstString("sn"));
        Assert.True((await Update(directory, Modify(ModificationType.Replace, "sn", "King"), Asserting("(&(sn=lovelace)(entryUUID=*))"))).Result.IsSuccess);
        Assert.Equal(LdapResultCode.AssertionFailed, (await Update(directory, new ModifyDnRequest(Dn, "cn=y", true), Asserting("(sn=lovelace)"))).Result.Code);
        Assert.Equal(LdapResultCode.AssertionFailed, (await Update(directory, new DelRequest(Dn), Asserting("(sn=lovelace)"))).Result.Code);
        Assert.True((await Update(directory, new DelRequest(Dn), Asserting("(sn=king)"))).Result.IsSuccess);
        Assert.Equal(LdapResultCode.AssertionFailed, (await Update(directory, Recipient("n"), Asserting("(cn=m)"))).Result.Code);
        Assert.True((await Update(directory, Recipient("n"), Asserting("(cn=n)"))).Result.IsSuccess);
    }

    [Fact]
    public async Task Assertion_sees_what_the_updates_before_it_left()
    {
        await using TestDirectory directory = await WithEntryAsync();
        LdapAnswer[] answers = await Task.WhenAll(Enumerable.Range(1, 50).Select(i => Update(
            directory, Modify(ModificationType.Replace, "description", $"{i + 1}"), Asserting($"(description={i})"))));
        Assert.All(answers, a => a.Result.ThrowIfFailed("modify"));
        Assert.Equal("51", (await directory.ReadAsync(Dn))!.FirstString("description"));
    }

    [Fact]
    public async Task Pre_and_post_read_show_the_entry_around_the_update()
    {
        await using TestDirectory directory = await WithEntryAsync();
        LdapAnswer answer = await Update(
            directory, Modify(ModificationType.Replace, "sn", "King"),
            ReadEntryControl.Create(LdapOids.PreRead, ["sn", "entryCSN"]), ReadEntryControl.Create(LdapOids.PostRead, []));
        LdapEntry before = Seen(answer, LdapOids.PreRead);
        LdapEntry after = Seen(answer, LdapOids.PostRead);
        Assert.Equal((Dn, "Lovelace", 2), (before.Dn, before.FirstString("sn"), before.Attributes.Count));
        Assert.Equal(("King", "1"), (after.FirstString("sn"), after.FirstString("description")));
        Assert.Null(after.Find("userPassword"));
        Assert.NotEqual(before.FirstString("entryCSN"), (await directory.ReadAsync(Dn, "entryCSN"))!.FirstString("entryCSN"));
        answer = await Update(
            directory, new ModifyDnRequest(Dn, "cn=y", DeleteOldRdn: true, EdgeLayout.Configuration),
            ReadEntryControl.Create(LdapOids.PreRead, ["cn"]), ReadEntryControl.Create(LdapOids.PostRead, ["cn", "entryCSN"]));
        Assert.Equal("x", Seen(answer, LdapOids.PreRead).FirstString("cn"));
        after = Seen(answer, LdapOids.PostRead);
        Assert.Equal(("cn=y,ou=configuration,o=edge", "y"), (after.Dn, after.FirstString("cn")));
        Assert.Equal((await directory.ReadAsync(after.Dn, "entryCSN"))!.FirstString("entryCSN"), after.FirstString("entryCSN"));
        answer = await Update(directory, new DelRequest(after.Dn), ReadEntryControl.Create(LdapOids.PreRead, ["1.1"]));
        Assert.Empty(Seen(answer, LdapOids.PreRead).Attributes);
        answer = await Update(directory, Recipient("n"), ReadEntryControl.Create(LdapOids.PostRead, ["+"]));
        Assert.Equal((await directory.ReadAsync($"cn=n,{Recipients}", "+"))!.FirstString("entryUUID"), Seen(answer, LdapOids.PostRead).FirstString("entryUUID"));
    }

    [Fact]
    public async Task Controls_show_nothing_that_a_search_would_not()
    {
        await using TestDirectory directory = await WithEntryAsync(new BlindPolicy());
        IControlledDirectory blind = directory.Engine.As(new Principal("blind", DirectoryRole.Lookup));
        LdapAnswer answer = await blind.UpdateAsync(
            Modify(ModificationType.Replace, "sn", "King"), [ReadEntryControl.Create(LdapOids.PreRead, ["*", "+"])], CancellationToken.None);
        Assert.True(answer.Result.IsSuccess);
        Assert.Empty(Seen(answer, LdapOids.PreRead).Attributes);
        answer = await blind.UpdateAsync(Modify(ModificationType.Replace, "sn", "Byron"), [Asserting("(objectClass=*)")], CancellationToken.None);
        Assert.Equal(LdapResultCode.AssertionFailed, answer.Result.Code);
        Assert.Equal(LdapResultCode.AssertionFailed, (await Update(directory, Modify(ModificationType.Replace, "sn", "Byron"), Asserting("(userPassword=*)"))).Result.Code);
    }

    [Fact]
    public async Task Controls_that_cannot_be_read_or_are_there_twice_are_refused()
    {
        await using TestDirectory directory = await WithEntryAsync();
        LdapAnswer answer = await Update(directory, new DelRequest(Dn), new LdapControl(LdapOids.Assertion, true, new byte[] { 0x30, 0x05 }));
        Assert.Equal(LdapResultCode.ProtocolError, answer.Result.Code);
        Assert.Contains("assertion control", answer.Result.DiagnosticMessage, StringComparison.Ordinal);
        answer = await Update(directory, new DelRequest(Dn), Asserting("(cn=x)"), Asserting("(cn=x)"));
        Assert.Equal(LdapResultCode.ProtocolError, answer.Result.Code);
        Assert.NotNull(await directory.ReadAsync(Dn));
    }

    [Fact]
    public async Task Controls_are_honoured_where_their_documents_put_them()
    {
        await using TestDirectory directory = await CreateAsync();
        IControlledDirectory view = directory.Controlled;
        LdapOperation add = Recipient("x"), modify = Modify(ModificationType.Add, "sn", "x"), delete = new DelRequest(Dn), rename = new ModifyDnRequest(Dn, "cn=y", true);
        Assert.All(new[] { add, modify, delete, rename }, o => Assert.True(view.Honours(o, LdapOids.Assertion) && view.Honours(o, LdapOids.ManageDsaIt)));
        Assert.Equal([false, true, true, true], new[] { add, modify, delete, rename }.Select(o => view.Honours(o, LdapOids.PreRead)));
        Assert.Equal([true, true, false, true], new[] { add, modify, delete, rename }.Select(o => view.Honours(o, LdapOids.PostRead)));
        Assert.Equal([false, false, true, false], new[] { add, modify, delete, rename }.Select(o => view.Honours(o, LdapOids.TreeDelete)));
        Assert.False(view.Honours(delete, LdapOids.PagedResults));
    }

    [Fact]
    public async Task Tree_delete_takes_an_entry_with_all_below_it()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(new AddRequest($"ou=sub,{Recipients}", new LdapAttribute("objectClass", "organizationalUnit"))));
        await directory.System.BatchAsync([.. Enumerable.Range(0, 20).Select(i => Recipient($"r{i}"))]);
        await Ok(directory.System.AddAsync(new AddRequest($"ou=deep,ou=sub,{Recipients}", new LdapAttribute("objectClass", "organizationalUnit"))));
        Assert.Equal(LdapResultCode.NotAllowedOnNonLeaf, (await Update(directory, new DelRequest(Recipients))).Result.Code);
        LdapAnswer answer = await Update(directory, new DelRequest(Recipients), TreeDelete, ReadEntryControl.Create(LdapOids.PreRead, ["ou"]));
        Assert.True(answer.Result.IsSuccess);
        Assert.Equal("recipients", Seen(answer, LdapOids.PreRead).FirstString("ou"));
        Assert.Empty(await directory.SearchAsync("(cn=*)"));
        Assert.Equal(5, (await directory.SearchAsync("(objectClass=*)")).Count);
        await AddAgain(directory);
    }

    private static async Task AddAgain(TestDirectory directory)
    {
        await Ok(directory.System.AddAsync(new AddRequest(Recipients, new LdapAttribute("objectClass", "organizationalUnit"))));
        await Ok(directory.System.AddAsync(Recipient("r1")));
        Assert.Single(await directory.SearchAsync("(cn=r1)", Recipients));
    }

    [Fact]
    public async Task Tree_delete_beyond_its_limit_is_refused_with_the_limit()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxTreeDeleteEntries = 10 });
        await directory.System.BatchAsync([.. Enumerable.Range(0, 10).Select(i => Recipient($"r{i}"))]);
        LdapAnswer answer = await Update(directory, new DelRequest(Recipients), TreeDelete);
        Assert.Equal(LdapResultCode.AdminLimitExceeded, answer.Result.Code);
        Assert.Contains("10 entries", answer.Result.DiagnosticMessage, StringComparison.Ordinal);
        await Ok(directory.System.DeleteAsync(new DelRequest($"cn=r3,{Recipients}")));
        Assert.True((await Update(directory, new DelRequest(Recipients), TreeDelete)).Result.IsSuccess);
    }

    [Fact]
    public async Task Tree_delete_needs_the_right_to_every_entry()
    {
        await using TestDirectory directory = await CreateAsync(policy: new BlindPolicy());
        await directory.System.BatchAsync([Recipient("a"), Recipient("protected"), Recipient("z")]);
        IControlledDirectory blind = directory.Engine.As(new Principal("blind", DirectoryRole.Lookup));
        LdapAnswer answer = await blind.UpdateAsync(new DelRequest(Recipients), [TreeDelete], CancellationToken.None);
        Assert.Equal(LdapResultCode.InsufficientAccessRights, answer.Result.Code);
        Assert.DoesNotContain("protected", answer.Result.DiagnosticMessage, StringComparison.Ordinal);
        Assert.Equal(3, (await directory.SearchAsync("(cn=*)")).Count);
    }

    /// <summary>Reads nothing, writes everything but one entry.</summary>
    private sealed class BlindPolicy : IAccessPolicy
    {
        public bool MayRead(Principal principal, string normalizedDn) => false;

        public bool MayWrite(Principal principal, string normalizedDn, IUpdateOperation operation) =>
            !normalizedDn.StartsWith("cn=protected", StringComparison.Ordinal);

        public bool MayReadAttribute(Principal principal, string attribute) => true;
    }
}

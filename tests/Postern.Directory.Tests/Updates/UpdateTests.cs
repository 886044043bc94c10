using Postern.Ldap;
using Postern.Mail;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class AddTests
{
    [Fact]
    public async Task Add_makes_an_entry_that_is_found_by_name_and_by_index()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("Ada Lovelace", Hash("a"), Hash("b"))));
        LdapEntry entry = (await directory.ReadAsync($"CN=ada  lovelace, {Recipients}"))!;
        Assert.Equal("cn=Ada Lovelace,ou=recipients,o=edge", entry.Dn);
        Assert.Equal("Ada Lovelace", entry.FirstString("cn"));
        List<LdapEntry> found = [];
        await foreach (LdapEntry e in directory.System.SearchAsync(new SearchRequest("o=edge", SearchScope.WholeSubtree, Filter.Equal(PosternAttributes.AddressHash, Hash("b")), [])))
        {
            found.Add(e);
        }

        Assert.Equal(entry.Dn, Assert.Single(found).Dn);
    }

    public static TheoryData<string, string, LdapResultCode, string> Refusals => new()
    {
        { "cn=x,ou=nowhere,o=edge", "objectClass=posternRecipient", LdapResultCode.NoSuchObject, "ou=nowhere,o=edge" },
        { "cn=x,o=elsewhere", "objectClass=posternRecipient", LdapResultCode.NoSuchObject, "o=edge" },
        { "cn=x,,o=edge", "objectClass=posternRecipient", LdapResultCode.InvalidDNSyntax, "character" },
        { "ou=recipients,o=edge", "objectClass=organizationalUnit", LdapResultCode.EntryAlreadyExists, "ou=recipients" },
        { "OU=Recipients, O=Edge", "objectClass=organizationalUnit", LdapResultCode.EntryAlreadyExists, "already" },
        { "cn=x,o=edge", "objectClass=posternRecipient|shoeSize=42", LdapResultCode.UndefinedAttributeType, "shoeSize" },
        { "cn=x,o=edge", "posternSource=corp", LdapResultCode.ObjectClassViolation, "objectClass is missing" },
        { "cn=x,o=edge", "objectClass=unicorn", LdapResultCode.ObjectClassViolation, "unicorn" },
        { "cn=x,o=edge", "objectClass=top", LdapResultCode.ObjectClassViolation, "structural" },
        { "cn=x,o=edge", "objectClass=posternRecipient,organization|o=x", LdapResultCode.ObjectClassViolation, "posternRecipient" },
        { "cn=x,o=edge", "objectClass=person", LdapResultCode.ObjectClassViolation, "sn is missing" },
        { "cn=x,o=edge", "objectClass=posternRecipient|mail=x@example.com", LdapResultCode.ObjectClassViolation, "mail is not allowed" },
        { "cn=x,o=edge", "objectClass=posternRecipient|posternSource=a,b", LdapResultCode.ConstraintViolation, "posternSource takes one value" },
        { "cn=x,o=edge", "objectClass=organizationalUnit|ou=x|description=Same,same", LdapResultCode.AttributeOrValueExists, "given twice" },
        { "cn=x,o=edge", "objectClass=posternRecipient|posternSource=a|posternsource=b", LdapResultCode.AttributeOrValueExists, "posternsource is given twice" },
        { "cn=x,o=edge", "objectClass=posternSyncState|posternLastSync=yesterday", LdapResultCode.InvalidAttributeSyntax, "yesterday" },
        { "cn=x,o=edge", "objectClass=posternRecipient|createTimestamp=20260101000000Z", LdapResultCode.ConstraintViolation, "createTimestamp" },
        { "cn=x,o=edge", "objectClass=posternRecipient|posternSource=", LdapResultCode.ProtocolError, "posternSource has no value" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Add_refuses_what_the_schema_forbids_and_says_what_and_where(string dn, string attributes, LdapResultCode code, string named)
    {
        await using TestDirectory directory = await CreateAsync();
        LdapAttribute[] list = [.. attributes.Split('|').Select(a => a.Split('=')).Select(a => new LdapAttribute(a[0], a[1].Split(',', StringSplitOptions.RemoveEmptyEntries)))];
        LdapResult result = await directory.System.AddAsync(new AddRequest(dn, list));
        Assert.Equal(code, result.Code);
        Assert.Contains(named, result.DiagnosticMessage, StringComparison.Ordinal);
        if (code == LdapResultCode.NoSuchObject && dn.EndsWith("o=edge", StringComparison.Ordinal))
        {
            Assert.Equal("o=edge", result.MatchedDn);
        }
    }

    [Fact]
    public async Task Add_of_many_values_finds_the_one_given_twice()
    {
        await using TestDirectory directory = await CreateAsync();
        byte[][] hashes = [.. Enumerable.Range(0, 20).Append(7).Select(i => Hash($"{i}"))];
        LdapResult result = await directory.System.AddAsync(Recipient("x", hashes));
        Assert.Equal(LdapResultCode.AttributeOrValueExists, result.Code);
    }

    [Trait("RFC", "4530")]
    [Fact]
    public async Task Entry_uuid_is_made_unless_a_copier_of_directories_brings_it()
    {
        await using TestDirectory directory = await CreateAsync();
        const string Uuid = "8d3c8a2e-5c1b-4d57-9a43-0f7be2d0a111";
        AddRequest add = Recipient("x");
        AddRequest withUuid = add with { Attributes = [.. add.Attributes, new LdapAttribute("entryUUID", Uuid)] };
        IDirectory lookup = directory.Engine.As(new Principal("someone", DirectoryRole.Lookup));
        Assert.Equal(LdapResultCode.ConstraintViolation, (await lookup.AddAsync(withUuid)).Code);
        await Ok(directory.Engine.As(new Principal("hub", DirectoryRole.Replication)).AddAsync(withUuid));
        await Ok(directory.System.AddAsync(Recipient("y")));
        Assert.Equal(Uuid, (await directory.ReadAsync(add.Dn, "entryUUID"))!.FirstString("entryUUID"));
        Assert.True(Guid.TryParse((await directory.ReadAsync($"cn=y,{Recipients}", "+"))!.FirstString("entryUUID"), out _));
    }

    [Fact]
    public async Task Add_larger_than_the_limit_is_refused_with_the_limit()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxEntryBytes = 1000 });
        LdapResult result = await directory.System.AddAsync(new AddRequest(
            "cn=x,o=edge", new LdapAttribute("objectClass", "posternSyncState"), new LdapAttribute("posternCookie", new byte[1001])));
        Assert.Equal(LdapResultCode.AdminLimitExceeded, result.Code);
        Assert.Contains("1000", result.DiagnosticMessage, StringComparison.Ordinal);
    }
}

public sealed class ModifyTests
{
    private const string Dn = "cn=x,ou=recipients,o=edge";

    private static Modification Change(ModificationType type, string attribute, params string[] values) => new(type, new LdapAttribute(attribute, values));

    private static async Task<TestDirectory> WithEntryAsync()
    {
        TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(new AddRequest(
            Dn, new LdapAttribute("objectClass", "person"), new LdapAttribute("sn", "Lovelace"), new LdapAttribute("description", "one", "two"))));
        return directory;
    }

    [Fact]
    public async Task Modify_applies_changes_in_order_and_moves_the_change_number()
    {
        await using TestDirectory directory = await WithEntryAsync();
        LdapEntry before = (await directory.ReadAsync(Dn, "+"))!;
        await Ok(directory.System.ModifyAsync(new ModifyRequest(
            Dn,
            Change(ModificationType.Delete, "description", "ONE"),
            Change(ModificationType.Add, "description", "three"),
            Change(ModificationType.Replace, "sn", "King"),
            Change(ModificationType.Add, "cn", "second name"),
            Change(ModificationType.Replace, "telephoneNumber"))));
        LdapEntry after = (await directory.ReadAsync(Dn, "*", "+"))!;
        Assert.Equal(["two", "three"], after.Strings("description"));
        Assert.Equal("King", after.FirstString("sn"));
        Assert.True(string.CompareOrdinal(after.FirstString("entryCSN"), before.FirstString("entryCSN")) > 0);
        Assert.Single(await directory.SearchAsync("(cn=Second Name)"));
        Assert.Equal(before.FirstString("entryUUID"), after.FirstString("entryUUID"));
    }

    [Fact]
    [Trait("RFC", "4525")]
    public async Task Increment_adds_to_every_value_and_refuses_what_is_no_number()
    {
        DirectorySchema counting = new(
            [.. PosternSchema.Edge.Attributes, new AttributeType("uidNumber", "1.3.6.1.1.1.1.0", MatchingRule.Integer)],
            [.. PosternSchema.Edge.Classes, new ObjectClass("counter", "1.3.6.1.1.1.2.99", ObjectClassKind.Auxiliary, [], ["uidNumber"])]);
        await using TestDirectory directory = await CreateAsync(schema: counting);
        await Ok(directory.System.AddAsync(new AddRequest(
            Dn, new LdapAttribute("objectClass", "person", "counter"), new LdapAttribute("sn", "x"), new LdapAttribute("uidNumber", "7", "-3", "99999999999999999999"))));
        await Ok(directory.System.ModifyAsync(new ModifyRequest(Dn, Change(ModificationType.Increment, "uidNumber", "5"))));
        Assert.Equal(["12", "2", "100000000000000000004"], (await directory.ReadAsync(Dn))!.Strings("uidNumber"));
        await Ok(directory.System.ModifyAsync(new ModifyRequest(Dn, Change(ModificationType.Increment, "uidNumber", "-2"))));
        Assert.Equal(["10", "0", "100000000000000000002"], (await directory.ReadAsync(Dn))!.Strings("uidNumber"));
        foreach ((string attribute, string[] by, LdapResultCode code) in new (string, string[], LdapResultCode)[]
        {
            ("uidNumber", ["1", "2"], LdapResultCode.ProtocolError),
            ("uidNumber", [], LdapResultCode.ProtocolError),
            ("uidNumber", ["one"], LdapResultCode.ProtocolError),
            ("uidNumber;lang-en", ["1"], LdapResultCode.NoSuchAttribute),
            ("sn", ["1"], LdapResultCode.ConstraintViolation),
        })
        {
            LdapResult result = await directory.System.ModifyAsync(new ModifyRequest(Dn, Change(ModificationType.Increment, attribute, by)));
            Assert.Equal(code, result.Code);
            Assert.Contains(attribute, result.DiagnosticMessage, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Options_make_attributes_of_their_own()
    {
        await using TestDirectory directory = await WithEntryAsync();
        await Ok(directory.System.ModifyAsync(new ModifyRequest(
            Dn,
            Change(ModificationType.Add, "cn;lang-en", "x", "an English name"),
            Change(ModificationType.Add, "cn;lang-de", "ein deutscher Name"),
            Change(ModificationType.Replace, "description"))));
        LdapEntry entry = (await directory.ReadAsync(Dn))!;
        Assert.Equal(["x"], entry.Strings("cn"));
        Assert.Equal(["x", "an English name"], entry.Strings("cn;lang-en"));
        Assert.Null(entry.Find("description"));
        Assert.Single(await directory.SearchAsync("(cn=ein deutscher name)"));
        await Ok(directory.System.ModifyAsync(new ModifyRequest(Dn, Change(ModificationType.Delete, "CN;lang-EN"), Change(ModificationType.Delete, "cn;lang-de", "EIN deutscher Name"))));
        Assert.Equal(["cn"], (await directory.ReadAsync(Dn, "cn"))!.Attributes.Select(a => a.Description));
        Assert.Single(await directory.SearchAsync("(cn=x)"));
        Assert.Empty(await directory.SearchAsync("(cn=ein deutscher name)"));
    }

    public static TheoryData<ModificationType, string, string, LdapResultCode, string> Refusals => new()
    {
        { ModificationType.Add, "description", "TWO", LdapResultCode.AttributeOrValueExists, "description already has" },
        { ModificationType.Delete, "description", "four", LdapResultCode.NoSuchAttribute, "four" },
        { ModificationType.Delete, "telephoneNumber", "", LdapResultCode.NoSuchAttribute, "telephoneNumber" },
        { ModificationType.Delete, "cn", "", LdapResultCode.ObjectClassViolation, "cn" },
        { ModificationType.Replace, "cn", "y", LdapResultCode.NotAllowedOnRdn, "cn names the entry" },
        { ModificationType.Delete, "sn", "", LdapResultCode.ObjectClassViolation, "sn is missing" },
        { ModificationType.Replace, "objectClass", "posternRecipient", LdapResultCode.ObjectClassViolation, "not allowed" },
        { ModificationType.Replace, "objectClass", "organizationalPerson", LdapResultCode.ObjectClassModsProhibited, "organizationalPerson" },
        { ModificationType.Replace, "entryUUID", "x", LdapResultCode.ConstraintViolation, "entryUUID" },
        { ModificationType.Add, "description", "", LdapResultCode.ProtocolError, "no value" },
        { ModificationType.Increment, "description", "1", LdapResultCode.ConstraintViolation, "not a number" },
        { ModificationType.Add, "colour", "red", LdapResultCode.UndefinedAttributeType, "colour" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Modify_that_does_not_fit_changes_nothing(ModificationType type, string attribute, string value, LdapResultCode code, string named)
    {
        await using TestDirectory directory = await WithEntryAsync();
        LdapResult result = await directory.System.ModifyAsync(new ModifyRequest(
            Dn, Change(ModificationType.Add, "telephoneNumber;lang-de", "1"), Change(type, attribute, value.Length == 0 ? [] : [value])));
        Assert.Equal(code, result.Code);
        Assert.Contains(named, result.DiagnosticMessage, StringComparison.Ordinal);
        Assert.Contains(Dn, result.DiagnosticMessage, StringComparison.Ordinal);
        Assert.Null((await directory.ReadAsync(Dn))!.Find("telephoneNumber;lang-de"));
    }

    [Theory]
    [InlineData("2", "7")]
    [InlineData("-6", "-1")]
    [InlineData("100000000000000000000", "100000000000000000005")]
    [Trait("RFC", "4525")]
    public async Task Increment_adds_whatever_the_size_of_the_number(string by, string sum)
    {
        await using TestDirectory directory = await WithEntryAsync();
        await Ok(directory.System.ModifyAsync(new ModifyRequest(
            Dn, Change(ModificationType.Add, "objectClass", "extensibleObject"), Change(ModificationType.Add, "posternSclDelete", "5"))));
        await Ok(directory.System.ModifyAsync(new ModifyRequest(Dn, Change(ModificationType.Increment, "posternSclDelete", by))));
        Assert.Equal(sum, (await directory.ReadAsync(Dn))!.FirstString("posternSclDelete"));
    }

    [Fact]
    public async Task Modify_of_an_indexed_attribute_moves_its_index_rows()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("x", Hash("a"), Hash("b"))));
        await Ok(directory.System.ModifyAsync(new ModifyRequest(Dn, new Modification(
            ModificationType.Replace, new LdapAttribute(PosternAttributes.AddressHash, [(ReadOnlyMemory<byte>)Hash("b"), Hash("c")])))));
        Assert.Equal(0, await Count(directory, Hash("a")));
        Assert.Equal(1, await Count(directory, Hash("b")));
        Assert.Equal(1, await Count(directory, Hash("c")));
    }

    [Fact]
    public async Task Modify_of_a_missing_entry_names_the_nearest_one()
    {
        await using TestDirectory directory = await CreateAsync();
        LdapResult result = await directory.System.ModifyAsync(new ModifyRequest("cn=a,cn=b,ou=recipients,o=edge", Change(ModificationType.Add, "description", "x")));
        Assert.Equal((LdapResultCode.NoSuchObject, "ou=recipients,o=edge"), (result.Code, result.MatchedDn));
    }

    private static async Task<int> Count(TestDirectory directory, byte[] hash)
    {
        int count = 0;
        await foreach (LdapEntry _ in directory.System.SearchAsync(new SearchRequest("o=edge", SearchScope.WholeSubtree, Filter.Equal(PosternAttributes.AddressHash, hash), ["1.1"])))
        {
            count++;
        }

        return count;
    }
}

public sealed class DeleteAndRenameTests
{
    [Fact]
    public async Task Delete_takes_leaves_only()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("x")));
        Assert.Equal(LdapResultCode.NotAllowedOnNonLeaf, (await directory.System.DeleteAsync(new DelRequest(Recipients))).Code);
        await Ok(directory.System.DeleteAsync(new DelRequest($"cn=x,{Recipients}")));
        Assert.Equal(LdapResultCode.NoSuchObject, (await directory.System.DeleteAsync(new DelRequest($"cn=x,{Recipients}"))).Code);
        await Ok(directory.System.DeleteAsync(new DelRequest(Recipients)));
        await Ok(directory.System.AddAsync(new AddRequest(Recipients, new LdapAttribute("objectClass", "organizationalUnit"))));
        await Ok(directory.System.AddAsync(Recipient("x")));
        Assert.NotNull(await directory.ReadAsync($"cn=x,{Recipients}"));
    }

    [Fact]
    public async Task Rename_moves_a_whole_subtree_and_its_naming_values()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("x")));
        Assert.Single(await directory.SearchAsync("(cn=x)", Recipients));
        await Ok(directory.System.ModifyDnAsync(new ModifyDnRequest(Recipients, "ou=People", DeleteOldRdn: true, EdgeLayout.Configuration)));
        LdapEntry moved = Assert.Single(await directory.SearchAsync("(cn=x)"));
        Assert.Equal("cn=x,ou=People,ou=configuration,o=edge", moved.Dn);
        Assert.Equal(["People"], (await directory.ReadAsync("ou=people,ou=configuration,o=edge"))!.Strings("ou"));
        Assert.Null(await directory.ReadAsync(Recipients));
        Assert.Empty(await directory.SearchAsync("(cn=x)", EdgeLayout.Accounts));
    }

    [Theory]
    [InlineData(true, "cn=b+sn=2", "cn=b,ou=recipients", "b", "2")]
    [InlineData(false, "cn=b+sn=2", "", "a,b", "1,2")]
    [InlineData(true, "cn=a", "", "a", "")]
    [InlineData(false, "cn=a", "", "a", "1")]
    [InlineData(true, "sn=1", "", "", "1")]
    [InlineData(true, "SN=2+CN=A", "", "A", "2")]
    [InlineData(false, "description=d", "", "a", "1")]
    public async Task Rename_of_a_name_of_several_values_takes_each_of_them(bool deleteOld, string newRdn, string missing, string cn, string sn)
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(new AddRequest($"cn=a+sn=1,{Recipients}", new LdapAttribute("objectClass", "person"))));
        LdapResult result = await directory.System.ModifyDnAsync(new ModifyDnRequest($"sn=1+cn=A,{Recipients}", newRdn, deleteOld));
        if (cn.Length == 0 || sn.Length == 0)
        {
            // The class needs what the new name would take away.
            Assert.Equal(LdapResultCode.ObjectClassViolation, result.Code);
            Assert.NotNull(await directory.ReadAsync($"cn=a+sn=1,{Recipients}"));
            return;
        }

        result.ThrowIfFailed("rename");
        LdapEntry entry = (await directory.ReadAsync($"{newRdn},{Recipients}"))!;
        Assert.Equal(cn.Split(','), entry.Strings("cn"));
        Assert.Equal(sn.Split(','), entry.Strings("sn"));
        Assert.Null(await directory.ReadAsync($"cn=a+sn=1,{Recipients}"));
        Assert.Null(missing.Length == 0 ? null : await directory.ReadAsync($"{missing},o=edge"));
    }

    [Fact]
    public async Task Rename_into_ones_own_subtree_or_onto_another_changes_nothing()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(new AddRequest($"ou=deep,{Recipients}", new LdapAttribute("objectClass", "organizationalUnit"))));
        await Ok(directory.System.AddAsync(Recipient("x")));
        foreach (string superior in new[] { Recipients, $"ou=deep,{Recipients}", $"ou=none,ou=deep,{Recipients}" })
        {
            Assert.Equal(LdapResultCode.UnwillingToPerform, (await directory.System.ModifyDnAsync(new ModifyDnRequest(Recipients, "ou=recipients", true, superior))).Code);
        }

        Assert.Equal(LdapResultCode.EntryAlreadyExists, (await directory.System.ModifyDnAsync(new ModifyDnRequest($"ou=deep,{Recipients}", "cn=X", false))).Code);
        LdapResult nowhere = await directory.System.ModifyDnAsync(new ModifyDnRequest($"cn=x,{Recipients}", "cn=x", true, $"ou=a,ou=b,{Recipients}"));
        Assert.Equal((LdapResultCode.NoSuchObject, Recipients), (nowhere.Code, nowhere.MatchedDn));
        Assert.Single(await directory.SearchAsync("(cn=x)", Recipients));
    }

    [Fact]
    public async Task Rename_keeps_the_old_name_as_a_value_when_asked()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("x")));
        await Ok(directory.System.ModifyDnAsync(new ModifyDnRequest($"cn=x,{Recipients}", "cn=y", DeleteOldRdn: false)));
        Assert.Equal(["x", "y"], (await directory.ReadAsync($"cn=y,{Recipients}"))!.Strings("cn"));
    }

    [Theory]
    [InlineData("ou=recipients,o=edge", "ou=accounts", null, LdapResultCode.EntryAlreadyExists)]
    [InlineData("ou=recipients,o=edge", "ou=r", "ou=x,ou=recipients,o=edge", LdapResultCode.UnwillingToPerform)]
    [InlineData("ou=recipients,o=edge", "ou=r", "ou=nowhere,o=edge", LdapResultCode.NoSuchObject)]
    [InlineData("o=edge", "o=other", null, LdapResultCode.UnwillingToPerform)]
    [InlineData("ou=none,o=edge", "ou=r", null, LdapResultCode.NoSuchObject)]
    [InlineData("ou=recipients,o=edge", "ou=a,ou=b", null, LdapResultCode.InvalidDNSyntax)]
    [InlineData("ou=recipients,o=edge", "cn=r", null, LdapResultCode.ObjectClassViolation)]
    public async Task Rename_refuses_what_cannot_be(string dn, string newRdn, string? superior, LdapResultCode code)
    {
        await using TestDirectory directory = await CreateAsync();
        Assert.Equal(code, (await directory.System.ModifyDnAsync(new ModifyDnRequest(dn, newRdn, DeleteOldRdn: true, superior))).Code);
    }

    [Fact]
    public async Task Rename_does_not_change_the_structural_class()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(new AddRequest(
            $"cn=p,{Recipients}", new LdapAttribute("objectClass", "person"), new LdapAttribute("cn", "p"), new LdapAttribute("sn", "p"))));
        LdapResult result = await directory.System.ModifyDnAsync(new ModifyDnRequest($"cn=p,{Recipients}", "cn=p+objectClass=organizationalPerson", DeleteOldRdn: true));
        Assert.Equal(LdapResultCode.ObjectClassModsProhibited, result.Code);
    }

    [Fact]
    public async Task Rename_may_change_the_letters_case_only()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.ModifyDnAsync(new ModifyDnRequest(Recipients, "ou=RECIPIENTS", DeleteOldRdn: true)));
        Assert.Equal("ou=RECIPIENTS,o=edge", (await directory.ReadAsync(Recipients))!.Dn);
    }
}

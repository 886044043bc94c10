using System.Text;
using Postern.Ldap;
using Postern.Mail;
using Postern.Testing;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class SearchTests
{
    [Theory]
    [InlineData(SearchScope.BaseObject, "ou=recipients,o=edge", "ou=recipients,o=edge")]
    [InlineData(SearchScope.SingleLevel, "ou=recipients,o=edge", "cn=a,ou=recipients,o=edge|cn=b,ou=recipients,o=edge")]
    [InlineData(SearchScope.WholeSubtree, "ou=recipients,o=edge", "cn=a,ou=recipients,o=edge|cn=b,ou=recipients,o=edge|ou=recipients,o=edge")]
    public async Task Scope_bounds_the_answer(SearchScope scope, string baseDn, string expected)
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("a")));
        await Ok(directory.System.AddAsync(Recipient("b")));
        Assert.Equal(expected.Split('|'), (await directory.SearchAsync("(objectClass=*)", baseDn, scope)).Select(e => e.Dn).Order(StringComparer.Ordinal));
    }

    [Trait("RFC", "3673")]
    [Theory]
    [InlineData("", "objectClass,description,description;lang-de,sn,cn")]
    [InlineData("*", "objectClass,description,description;lang-de,sn,cn")]
    [InlineData("1.1", "")]
    [InlineData("SN", "sn")]
    [InlineData("2.5.4.4", "sn")]
    [InlineData("description", "description,description;lang-de")]
    [InlineData("description;lang-de", "description;lang-de")]
    [InlineData("+", "entryUUID,createTimestamp,modifyTimestamp,entryCSN,subschemaSubentry,structuralObjectClass,entryDN,hasSubordinates")]
    [InlineData("sn,entryuuid,1.1,nothing", "sn,entryUUID")]
    [InlineData("surname,2.5.4.3", "sn,cn")]
    [InlineData("name", "sn,cn")] // subtypes
    [InlineData("numSubordinates,structuralObjectClass", "structuralObjectClass,numSubordinates")]
    public async Task Selection_follows_the_request(string selectors, string expected)
    {
        await using TestDirectory directory = await CreateAsync(time: new ManualTimeProvider());
        await Ok(directory.System.AddAsync(new AddRequest(
            "cn=x,o=edge", new LdapAttribute("objectClass", "person"), new LdapAttribute("description", "one"), new LdapAttribute("description;lang-de", "eins"), new LdapAttribute("sn", "s"))));
        string[] wanted = selectors.Split(',', StringSplitOptions.RemoveEmptyEntries);
        LdapEntry entry = (await directory.ReadAsync("cn=x,o=edge", wanted))!;
        Assert.Equal(expected, string.Join(',', entry.Attributes.Select(a => a.Description)));
        LdapEntry types = Assert.Single(await CollectAsync(directory.System, SearchRequest.ReadEntry("cn=x,o=edge", wanted) with { TypesOnly = true }));
        Assert.Equal(expected, string.Join(',', types.Attributes.Select(a => a.Description)));
        Assert.All(types.Attributes, a => Assert.Empty(a.Values));
        if (selectors == "+")
        {
            Assert.Equal("20260101000000Z", entry.FirstString("createTimestamp"));
            Assert.StartsWith("20260101000000.0000", entry.FirstString("entryCSN"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Only_what_an_index_finds_is_read_on_the_callers_thread()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("x", Hash("a"))));
        Assert.True(await AtOnce(Filter.Equal(PosternAttributes.AddressHash, Hash("a"))));
        Assert.False(await AtOnce(Filter.Parse("(description=*a*b*c*)")));

        async Task<bool> AtOnce(Filter filter)
        {
            await using IAsyncEnumerator<LdapEntry> found =
                directory.System.SearchAsync(new SearchRequest("o=edge", SearchScope.WholeSubtree, filter, [])).GetAsyncEnumerator();
            ValueTask<bool> first = found.MoveNextAsync();
            bool atOnce = first.IsCompleted;
            await first;
            return atOnce;
        }
    }

    [Fact]
    public async Task Operational_attributes_can_be_searched_for()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("x")));
        string uuid = (await directory.ReadAsync($"cn=x,{Recipients}", "entryUUID"))!.FirstString("entryUUID")!;
        Assert.Equal($"cn=x,{Recipients}", Assert.Single(await directory.SearchAsync($"(entryUUID={uuid.ToUpperInvariant()})")).Dn);
    }

    [Theory]
    [InlineData("cn=a,cn=b,ou=recipients,o=edge", "ou=recipients,o=edge")]
    [InlineData("cn=a,o=nowhere", "")]
    public async Task Missing_base_names_the_nearest_entry_above(string dn, string matched)
    {
        await using TestDirectory directory = await CreateAsync();
        LdapException e = await Assert.ThrowsAsync<LdapException>(() => directory.SearchAsync("(objectClass=*)", dn));
        Assert.Equal((LdapResultCode.NoSuchObject, matched), (e.Code, e.Result.MatchedDn));
    }

    [Fact]
    public async Task Size_limit_ends_the_search_after_that_many_entries()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxSearchEntries = 3 });
        IDirectory lookup = directory.Engine.As(new Principal("l", DirectoryRole.Lookup));
        foreach ((IDirectory who, int asked, int allowed) in new[] { (directory.System, 2, 2), (lookup, 0, 3), (lookup, 5, 3), (lookup, 1, 1) })
        {
            List<LdapEntry> seen = [];
            LdapException e = await Assert.ThrowsAsync<LdapException>(async () =>
            {
                await foreach (LdapEntry entry in who.SearchAsync(new SearchRequest("o=edge", SearchScope.WholeSubtree, Filter.Anything, []) { SizeLimit = asked }))
                {
                    seen.Add(entry);
                }
            });
            Assert.Equal(LdapResultCode.SizeLimitExceeded, e.Code);
            Assert.Equal(allowed, seen.Count);
        }

        Assert.Equal(6, (await CollectAsync(directory.System, new SearchRequest("o=edge", SearchScope.WholeSubtree, Filter.Anything, []) { SizeLimit = 6 })).Count);
    }

    [Fact]
    public async Task Time_limit_ends_the_search()
    {
        ManualTimeProvider time = new();
        await using TestDirectory directory = await CreateAsync(time: time);
        await directory.System.BatchAsync([.. Enumerable.Range(0, 500).Select(i => Recipient($"r{i}"))]);
        LdapException e = await Assert.ThrowsAsync<LdapException>(async () =>
        {
            await foreach (LdapEntry _ in directory.System.SearchAsync(new SearchRequest("o=edge", SearchScope.WholeSubtree, Filter.Anything, []) { TimeLimit = 2 }))
            {
                time.Advance(TimeSpan.FromSeconds(1));
            }
        });
        Assert.Equal(LdapResultCode.TimeLimitExceeded, e.Code);
    }

    [Fact]
    public async Task Root_dse_says_what_time_it_is_now_to_whoever_asks_for_it()
    {
        ManualTimeProvider time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        await using TestDirectory directory = await CreateAsync(time: time);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["20260102030505Z"], (await directory.ReadAsync("", "currentTime"))!.Strings("currentTime"));
        Assert.Equal(["20260102030505Z"], (await directory.ReadAsync("", "+"))!.Strings("currentTime"));
    }

    [Trait("RFC", "3045")]
    [Fact]
    public async Task Root_dse_says_what_the_directory_can_do()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { SupportedControls = [LdapOids.TransactionSpecification], SupportedExtensions = [LdapOids.WhoAmI] });
        LdapEntry root = (await directory.ReadAsync("", "+"))!;
        Assert.Equal(["o=edge"], root.Strings("namingContexts"));
        Assert.Equal(["3"], root.Strings("supportedLDAPVersion"));
        Assert.Contains(LdapOids.TransactionSpecification, root.Strings("supportedControl")); // what the server adds
        LdapOperation[] operations =
        [
            SearchRequest.ReadEntry(""), new CompareRequest("", "cn", default), new AddRequest("", []), new ModifyRequest("", []), new DelRequest(""), new ModifyDnRequest("", "", true),
        ];
        Assert.All(root.Strings("supportedControl").Skip(1), oid => Assert.Contains(operations, o => directory.Engine.As(Principal.System).Honours(o, oid)));
        Assert.Equal([LdapOids.AllOperationalAttributes, LdapOids.TrueFalseFilters, LdapOids.ModifyIncrement], root.Strings("supportedFeatures"));
        Assert.Equal([LdapOids.WhoAmI], root.Strings("supportedExtension"));
        Assert.Equal("Postern", root.FirstString("vendorName"));
        LdapEntry subschema = (await directory.ReadAsync(root.FirstString("subschemaSubentry")!, "attributeTypes", "objectClasses"))!;
        Assert.Contains(subschema.Strings("attributeTypes"), t => t.Contains("NAME 'posternAddressHash'", StringComparison.Ordinal));
        Assert.Contains(subschema.Strings("objectClasses"), t => t.Contains("NAME 'posternRecipient'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Search_keeps_its_snapshot_while_writes_go_on()
    {
        await using TestDirectory directory = await CreateAsync();
        await directory.System.BatchAsync([.. Enumerable.Range(0, 300).Select(i => Recipient($"r{i}"))]);
        int seen = 0;
        await foreach (LdapEntry entry in directory.System.SearchAsync(new SearchRequest(Recipients, SearchScope.SingleLevel, Filter.Anything, [])))
        {
            if (seen++ == 0)
            {
                BatchResult deleted = await directory.System.BatchAsync([.. Enumerable.Range(0, 300).Select(i => new DelRequest($"cn=r{i},{Recipients}"))]);
                deleted.Result.ThrowIfFailed("delete");
                await Ok(directory.System.ModifyDnAsync(new ModifyDnRequest(Recipients, "ou=other", DeleteOldRdn: true)));
                Assert.Empty(await directory.SearchAsync("(objectClass=posternRecipient)"));
            }

            Assert.EndsWith(",ou=recipients,o=edge", entry.Dn, StringComparison.Ordinal);
        }

        Assert.Equal(300, seen);
    }

    [Fact]
    public async Task Searches_beyond_the_connections_wait_and_then_hear_busy()
    {
        await using TestDirectory directory = await CreateAsync(o => o with { ReadConnections = 1, ReadConnectionWait = TimeSpan.Zero });
        await using IAsyncEnumerator<LdapEntry> first = directory.System.SearchAsync(new SearchRequest("o=edge", SearchScope.WholeSubtree, Filter.Anything, [])).GetAsyncEnumerator();
        Assert.True(await first.MoveNextAsync());
        LdapException e = await Assert.ThrowsAsync<LdapException>(() => directory.SearchAsync("(objectClass=*)"));
        Assert.Equal(LdapResultCode.Busy, e.Code);
        await first.DisposeAsync();
        Assert.NotEmpty(await directory.SearchAsync("(objectClass=*)"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300)]
    [InlineData(100_000)]
    public async Task Index_and_comparison_of_every_entry_give_the_same_answer(int maxFreshKeys)
    {
        await using TestDirectory directory = await CreateAsync(o => o with { MaxFreshKeys = maxFreshKeys, IndexedAttributes = [.. o.IndexedAttributes, "dnQualifier", "name", "objectClass"] });
        string[] words = ["Anna", "anna maria", "ann", "Bob", "bob  the builder", "É clair", "x*y", "(z)", new string('q', 200), new string('q', 200) + "r"];
        List<AddRequest> adds = [];
        for (int i = 0; i < 200; i++)
        {
            adds.Add(new AddRequest(
                $"cn=e{i},{Recipients}", new LdapAttribute("objectClass", PosternClasses.Recipient, "extensibleObject"),
                new LdapAttribute("dnQualifier", words[i % 5]),
                new LdapAttribute("cn", words[i % words.Length], words[(i * 7 + 3) % words.Length] + i % 3),
                new LdapAttribute(PosternAttributes.AddressHash, Hash($"{i % 50}"))));
        }

        foreach (AddRequest[] batch in adds.Chunk(40))
        {
            (await directory.System.BatchAsync(batch)).Result.ThrowIfFailed("adds");
        }

        for (int i = 0; i < 40; i += 2)
        {
            await Ok(directory.System.DeleteAsync(new DelRequest(adds[i].Dn)));
            await Ok(directory.System.ModifyAsync(new ModifyRequest(
                adds[i + 1].Dn, new Modification(ModificationType.Replace, new LdapAttribute(PosternAttributes.AddressHash, Hash($"{i % 9}"))))));
        }

        List<LdapEntry> all = await directory.SearchAsync("(objectClass=*)");
        string hash = string.Concat(Hash("7").Select(b => $"\\{b:x2}"));
        string[] items =
        [
            .. words.Select(w => $"(cn={Escape(w)})"), .. words.Select(w => $"(cn={Escape(w[..2])}*)"), "(cn=*)", "(cn=e1*)", "(cn=*a*)", $"(posternAddressHash={hash})",
            "(posternAddressHash=*)", "(posternSource=*)", "(objectClass=posternRecipient)", "(sn=x)", "(unknown=x)", "(cn=ann *)", "(cn= bob)",
            "(unknown=*)", "(unknown>=x)", "(unknown=x*)", "(name=bob)", "(name=a*)", "(dnQualifier>=b)", "(dnQualifier<=b)", "(dnQualifier>=\u00e4)", "(dnQualifier<=zz)",
            "(objectClass=top)", "(objectClass=2.5.6.0)", "(objectClass=person)",
        ];
        Random random = new(4511);
        for (int i = 0; i < 200; i++)
        {
            string filter = Combine(random, items, depth: 3);
            IEnumerable<string> expected = all.Where(e => FilterEvaluator.Matches(Filter.Parse(filter), e, PosternSchema.Edge) == true).Select(e => e.Dn);
            Assert.Equal(expected.Order(StringComparer.Ordinal), (await directory.SearchAsync(filter)).Select(e => e.Dn).Order(StringComparer.Ordinal));
        }

        static string Escape(string value) => string.Concat(value.Select(c => c is '*' or '(' or ')' or '\\' ? $"\\{(int)c:x2}" : $"{c}"));
    }

    private static string Combine(Random random, string[] items, int depth) => random.Next(depth == 0 ? 1 : 4) switch
    {
        0 => items[random.Next(items.Length)],
        1 => $"(!{Combine(random, items, depth - 1)})",
        2 => $"(&{Combine(random, items, depth - 1)}{Combine(random, items, depth - 1)})",
        _ => $"(|{Combine(random, items, depth - 1)}{Combine(random, items, depth - 1)})",
    };

    private static async Task<List<LdapEntry>> CollectAsync(IDirectory directory, SearchRequest request)
    {
        List<LdapEntry> found = [];
        await foreach (LdapEntry entry in directory.SearchAsync(request))
        {
            found.Add(entry);
        }

        return found;
    }
}

public sealed class CompareTests
{
    [Theory]
    [InlineData("cn", "X", LdapResultCode.CompareTrue)]
    [InlineData("cn", "y", LdapResultCode.CompareFalse)]
    [InlineData("posternHub", "y", LdapResultCode.NoSuchAttribute)]
    [InlineData("shoeSize", "y", LdapResultCode.UndefinedAttributeType)]
    public async Task Compare_asks_by_the_attributes_rule(string attribute, string value, LdapResultCode expected)
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("x")));
        CompareRequest request = new($"cn=x,{Recipients}", attribute, Encoding.UTF8.GetBytes(value));
        Assert.Equal(expected, (await directory.System.CompareAsync(request)).Code);
        Assert.Equal(LdapResultCode.NoSuchObject, (await directory.System.CompareAsync(request with { Dn = "cn=n,o=edge", Attribute = "cn" })).Code);
    }
}

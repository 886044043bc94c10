using System.Text;
using Postern.Ldap;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

public sealed class SearchControlTests
{
    [Theory]
    [Trait("RFC", "3876")]
    [InlineData("(description=o*)", "cn= description=one|other")]
    [InlineData("(description=two)|(cn=*)", "cn=x description=two")]
    [InlineData("(description>=zzz)|(unheardOf=*)", "cn= description=")]
    [InlineData("(description:caseIgnoreMatch:=TWO)", "cn= description=two")]
    public async Task Matched_values_leaves_out_values(string items, string expected)
    {
        await using TestDirectory directory = await FilledAsync();
        LdapControl control = MatchedValuesControl.Create([.. items.Split('|').Select(Filter.Parse)], critical: true);
        LdapEntry entry = Assert.Single((await Collected.SearchAsync(directory.Engine.As(Principal.System), "(sn=s)", [control], attributes: ["cn", "description"])).Entries);
        Assert.Equal(expected, string.Join(' ', entry.Attributes.Select(a => $"{a.Description}={string.Join('|', a.Strings)}").Order(StringComparer.Ordinal)));
    }

    [Theory]
    [Trait("RFC", "4528")]
    [InlineData("cn=x,o=edge", "(sn=s)", LdapResultCode.Success)]
    [InlineData("cn=x,o=edge", "(sn=t)", LdapResultCode.AssertionFailed)]
    [InlineData("cn=x,o=edge", "(unheardOf=t)", LdapResultCode.AssertionFailed)]
    [InlineData("cn=x,o=edge", "(userPassword=*)", LdapResultCode.AssertionFailed)]
    [InlineData("o=edge", "(entryUUID=*)", LdapResultCode.Success)]
    [InlineData("cn=subschema", "(cn=subschema)", LdapResultCode.Success)]
    [InlineData("cn=subschema", "(cn=other)", LdapResultCode.AssertionFailed)]
    public async Task Assertion_is_held_against_the_base(string baseDn, string assertion, LdapResultCode expected)
    {
        await using TestDirectory directory = await FilledAsync();
        LdapControl control = AssertionControl.Create(Filter.Parse(assertion));
        Collected found = await Collected.SearchAsync(directory.Engine.As(Principal.System), "(objectClass=*)", [control], baseDn);
        Assert.Equal((expected, expected == LdapResultCode.Success), (found.Code, found.Entries.Count > 0));
        if (baseDn.StartsWith("cn=x", StringComparison.Ordinal))
        {
            LdapAnswer compared = await directory.Engine.As(Principal.System).CompareAsync(new CompareRequest(baseDn, "sn", "S"u8.ToArray()), [control], default);
            Assert.Equal(expected == LdapResultCode.Success ? LdapResultCode.CompareTrue : expected, compared.Result.Code);
        }
    }

    [Fact]
    [Trait("RFC", "3296")]
    [Trait("RFC", "6171")]
    public async Task Controls_that_ask_for_what_is_so_anyway_are_honoured()
    {
        await using TestDirectory directory = await FilledAsync();
        IControlledDirectory system = directory.Engine.As(Principal.System);
        LdapControl[] controls = [new(LdapOids.ManageDsaIt, Critical: true, Value: null), new(LdapOids.DontUseCopy, Critical: true, Value: null)];
        Assert.Single((await Collected.SearchAsync(system, "(sn=s)", controls)).Entries);
        SearchRequest search = SearchRequest.ReadEntry("o=edge");
        Assert.All(controls, c => Assert.True(system.Honours(search, c.Oid)));
        Assert.False(system.Honours(search, LdapOids.PreRead));
        Assert.False(system.Honours(new CompareRequest("o=edge", "o", default), LdapOids.PagedResults));
    }

    [Theory]
    [InlineData("description", "TWO", LdapResultCode.CompareTrue)]
    [InlineData("2.5.4.13", "two", LdapResultCode.CompareTrue)]
    [InlineData("description;lang-de", "two", LdapResultCode.NoSuchAttribute)]
    [InlineData("description", "", LdapResultCode.InvalidAttributeSyntax)]
    [InlineData("createTimestamp", "yesterday", LdapResultCode.InvalidAttributeSyntax)]
    [InlineData("userPassword", "x", LdapResultCode.InsufficientAccessRights)]
    public async Task Compare_answers_with_the_code_that_fits(string attribute, string value, LdapResultCode expected)
    {
        await using TestDirectory directory = await FilledAsync();
        Assert.Equal(expected, (await directory.System.CompareAsync(new CompareRequest("cn=x,o=edge", attribute, Encoding.UTF8.GetBytes(value)))).Code);
    }

    private static async Task<TestDirectory> FilledAsync()
    {
        TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(new AddRequest(
            "cn=x,o=edge", new LdapAttribute("objectClass", "person"), new LdapAttribute("sn", "s"), new LdapAttribute("userPassword", "secret"),
            new LdapAttribute("description", "one", "two", "other"))));
        return directory;
    }
}

using Postern.Ldap;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

[Trait("RFC", "2696")]
public sealed class PagedSearchTests
{
    [Theory]
    [InlineData("o=edge", SearchScope.WholeSubtree, "(objectClass=*)", 31)]
    [InlineData("ou=recipients,o=edge", SearchScope.WholeSubtree, "(objectClass=posternRecipient)", 25)]
    [InlineData("ou=recipients,o=edge", SearchScope.SingleLevel, "(objectClass=*)", 23)]
    [InlineData("ou=recipients,o=edge", SearchScope.BaseObject, "(objectClass=*)", 1)]
    [InlineData("o=edge", SearchScope.WholeSubtree, "(cn=r1*)", 12)] // by the prefix index
    [InlineData("o=edge", SearchScope.WholeSubtree, "(cn=nobody)", 0)]
    [InlineData("", SearchScope.BaseObject, "(objectClass=*)", 1)]
    public async Task Pages_together_are_the_whole_result(string baseDn, SearchScope scope, string filter, int expected)
    {
        await using TestDirectory directory = await FilledAsync();
        foreach (int size in new[] { 1, 2, 7, expected, 1000 })
        {
            List<string> seen = await AllPagesAsync(directory, filter, baseDn, scope, Math.Max(size, 1));
            Assert.Equal(expected, seen.Count);
            Assert.Equal(seen.Count, seen.Distinct().Count());
        }
    }

    [Fact]
    public async Task Entries_that_stay_come_once_whatever_happens_between_the_pages()
    {
        await using TestDirectory directory = await FilledAsync();
        List<string> seen = [];
        byte[] cookie = [];
        int round = 0;
        do
        {
            Collected page = await PageAsync(directory, "(objectClass=posternRecipient)", 4, cookie);
            seen.AddRange(page.Names);
            cookie = Cookie(page);
            await Ok(directory.System.AddAsync(Recipient($"new{round}")));
            await directory.System.DeleteAsync(new DelRequest(seen[^1])); // the very entry that the cookie stands on
            await Ok(directory.System.ModifyAsync(new ModifyRequest(
                $"cn=r20,{Recipients}", new Modification(ModificationType.Replace, new LdapAttribute("posternSource", $"s{round++}")))));
        }
        while (cookie.Length > 0 && round < 100);
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.All(Enumerable.Range(0, 23), i => Assert.Contains($"cn=r{i},{Recipients}", seen));
    }

    [Theory]
    [InlineData(10, 4, new[] { 4, 4, 2 }, LdapResultCode.SizeLimitExceeded)]
    [InlineData(8, 4, new[] { 4, 4 }, LdapResultCode.SizeLimitExceeded)]
    [InlineData(25, 20, new[] { 20, 5 }, LdapResultCode.Success)]
    public async Task Size_limit_counts_over_all_pages(int sizeLimit, int pageSize, int[] counts, LdapResultCode last)
    {
        await using TestDirectory directory = await FilledAsync();
        byte[] cookie = [];
        for (int i = 0; i < counts.Length; i++)
        {
            Collected page = await PageAsync(directory, "(objectClass=posternRecipient)", pageSize, cookie, sizeLimit);
            Assert.Equal(counts[i], page.Entries.Count);
            cookie = Cookie(page);
            bool ends = i == counts.Length - 1;
            Assert.Equal((ends ? last : LdapResultCode.Success, ends), (page.Code, cookie.Length == 0));
        }
    }

    [Fact]
    public async Task Page_as_large_as_the_size_limit_is_no_page()
    {
        await using TestDirectory directory = await FilledAsync();
        Collected found = await PageAsync(directory, "(objectClass=posternRecipient)", 5, [], sizeLimit: 5);
        Assert.Equal((LdapResultCode.SizeLimitExceeded, 5, 0), (found.Code, found.Entries.Count, found.Answer.Controls.Count));
    }

    [Fact]
    public async Task Page_of_none_ends_the_search()
    {
        await using TestDirectory directory = await FilledAsync();
        byte[] cookie = Cookie(await PageAsync(directory, "(objectClass=*)", 3, []));
        Collected end = await PageAsync(directory, "(objectClass=*)", 0, cookie);
        Assert.Equal((LdapResultCode.Success, 0, 0), (end.Code, end.Entries.Count, Cookie(end).Length));
    }

    [Fact]
    public async Task Cookie_that_is_none_of_this_search_is_refused()
    {
        await using TestDirectory directory = await FilledAsync();
        byte[] cookie = Cookie(await PageAsync(directory, "(objectClass=*)", 3, []));
        Assert.Equal(LdapResultCode.UnwillingToPerform, (await PageAsync(directory, "(cn=*)", 3, cookie)).Code);
        Random random = new(2696);
        for (int i = 0; i < 200; i++)
        {
            byte[] garbage = new byte[random.Next(1, 64)];
            random.NextBytes(garbage);
            Assert.Equal(LdapResultCode.UnwillingToPerform, (await PageAsync(directory, "(objectClass=*)", 3, garbage)).Code);
        }

        for (int i = 0; i < cookie.Length; i++)
        {
            byte[] damaged = [.. cookie];
            damaged[i] ^= 0x80;
            Collected page = await PageAsync(directory, "(objectClass=*)", 3, damaged);
            Assert.True(page.Code is LdapResultCode.UnwillingToPerform or LdapResultCode.Success, $"{page.Code}");
        }
    }

    [Fact]
    public async Task Malformed_and_repeated_controls_are_protocol_errors()
    {
        await using TestDirectory directory = await FilledAsync();
        LdapControl good = PagedResultsControl.Create(3, default, critical: true);
        foreach (LdapControl[] controls in new LdapControl[][] { [good with { Value = null }], [good with { Value = new byte[] { 0x30, 5, 2 } }], [good, good] })
        {
            Collected answer = await Collected.SearchAsync(directory.Engine.As(Principal.System), "(objectClass=*)", controls);
            Assert.Equal((LdapResultCode.ProtocolError, 0), (answer.Code, answer.Entries.Count));
        }
    }

    [Fact]
    public async Task Long_search_lets_go_of_its_callers_thread()
    {
        await using TestDirectory directory = await CreateAsync();
        await directory.System.BatchAsync([.. Enumerable.Range(0, 600).Select(i => Recipient($"r{i}"))]);
        IControlledDirectory system = directory.Engine.As(Principal.System);
        Task<Collected> few = Collected.SearchAsync(system, "(cn=r1)", []);
        Assert.True(few.IsCompletedSuccessfully, "a look-up by an index ends on the caller's thread");
        Assert.False(Collected.SearchAsync(system, "(objectClass=nothing)", []).IsCompleted);
        Assert.Equal(600, (await Collected.SearchAsync(system, "(cn=r*)", [])).Entries.Count);
    }

    internal static byte[] Cookie(Collected page) =>
        PagedResultsControl.Decode(Assert.Single(page.Answer.Controls, c => c.Oid == LdapOids.PagedResults)).Cookie.ToArray();

    private static Task<Collected> PageAsync(TestDirectory directory, string filter, int size, byte[] cookie, int sizeLimit = 0) =>
        Collected.SearchAsync(directory.Engine.As(Principal.System), filter, [PagedResultsControl.Create(size, cookie, critical: true)], sizeLimit: sizeLimit);

    private static async Task<List<string>> AllPagesAsync(TestDirectory directory, string filter, string baseDn, SearchScope scope, int size)
    {
        List<string> seen = [];
        byte[] cookie = [];
        do
        {
            LdapControl control = PagedResultsControl.Create(size, cookie, critical: true);
            Collected page = await Collected.SearchAsync(directory.Engine.As(Principal.System), filter, [control], baseDn, scope);
            Assert.Equal(LdapResultCode.Success, page.Code);
            Assert.InRange(page.Entries.Count, 0, size);
            seen.AddRange(page.Names);
            cookie = Cookie(page);
        }
        while (cookie.Length > 0);
        return seen;
    }

    /// <summary>23 recipients, and two below one of them.</summary>
    private static async Task<TestDirectory> FilledAsync()
    {
        TestDirectory directory = await CreateAsync();
        await directory.System.BatchAsync([.. Enumerable.Range(0, 23).Select(i => Recipient($"r{i}"))]);
        AddRequest below = Recipient("r1x");
        await Ok(directory.System.AddAsync(below with { Dn = $"cn=r1x,cn=r1,{Recipients}" }));
        await Ok(directory.System.AddAsync(below with { Dn = $"cn=x2,cn=r1x,cn=r1,{Recipients}", Attributes = [.. below.Attributes] }));
        return directory;
    }
}

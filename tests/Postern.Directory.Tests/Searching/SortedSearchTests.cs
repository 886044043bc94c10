using Postern.Ldap;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

[Trait("RFC", "2891")]
public sealed class SortedSearchTests
{
    private static readonly Principal Who = Principal.System;

    [Theory]
    [InlineData("sn", "c d a b n")] // a and B by letters, not by octets; without the attribute last
    [InlineData("-sn", "n b a d c")]
    [InlineData("description sn", "b c d a n")]
    [InlineData("description -sn", "b a d c n")]
    [InlineData("sn:caseExactOrderingMatch", "c b d a n")]
    [InlineData("sn:2.5.13.6", "c b d a n")]
    [InlineData("createTimestamp", "a b c d n")]
    [InlineData("-entryUUID 2.5.4.4", "")]
    public async Task Entries_come_in_the_order_asked_for(string keys, string expected)
    {
        await using TestDirectory directory = await FilledAsync();
        Collected found = await SortAsync(directory, Keys(keys));
        Assert.Equal((LdapResultCode.Success, (LdapResultCode.Success, null)), (found.Code, Response(found)));
        Assert.Equal(5, found.Entries.Count);
        if (expected.Length > 0)
        {
            Assert.Equal(expected, string.Join(' ', found.Names.Select(n => n[3..4])));
        }
    }

    [Theory]
    [InlineData("shoeSize", LdapResultCode.NoSuchAttribute)]
    [InlineData("sn:shoeMatch", LdapResultCode.InappropriateMatching)]
    [InlineData("sn:integerOrderingMatch", LdapResultCode.InappropriateMatching)]
    [InlineData("objectClass", LdapResultCode.InappropriateMatching)]
    [InlineData("sn SN", LdapResultCode.UnwillingToPerform)]
    public async Task Order_that_cannot_be_made_is_said_and_ends_a_critical_search(string key, LdapResultCode expected)
    {
        await using TestDirectory directory = await FilledAsync();
        Collected found = await SortAsync(directory, Keys(key), critical: false);
        Assert.Equal((LdapResultCode.Success, 5, expected), (found.Code, found.Entries.Count, Response(found).Code));
        Assert.Equal(key.Split(':', ' ')[0], Response(found).Attribute, ignoreCase: true);
        Collected refused = await SortAsync(directory, Keys(key), critical: true);
        Assert.Equal((LdapResultCode.UnavailableCriticalExtension, 0, expected), (refused.Code, refused.Entries.Count, Response(refused).Code));
    }

    [Fact]
    public async Task More_entries_than_are_sorted_come_unsorted_or_not_at_all()
    {
        await using TestDirectory directory = await FilledAsync(4);
        Collected found = await SortAsync(directory, Keys("-cn"), critical: false);
        Assert.Equal((LdapResultCode.Success, 5, LdapResultCode.AdminLimitExceeded), (found.Code, found.Entries.Count, Response(found).Code));
        Assert.Equal($"cn=a,{Recipients}", found.Entries[0].Dn);
        Collected refused = await SortAsync(directory, Keys("-cn"), critical: true);
        Assert.Equal((LdapResultCode.UnavailableCriticalExtension, 0, LdapResultCode.AdminLimitExceeded), (refused.Code, refused.Entries.Count, Response(refused).Code));

        // The first three of any number need room for four.
        Collected three = await SortAsync(directory, Keys("-cn"), critical: true, sizeLimit: 3);
        Assert.Equal((LdapResultCode.SizeLimitExceeded, "n d c"), (three.Code, string.Join(' ', three.Names.Select(n => n[3..4]))));
    }

    [Fact]
    public async Task Pages_go_on_unsorted_after_one_that_was_too_much_to_sort()
    {
        await using TestDirectory directory = await FilledAsync(2);
        LdapControl sort = SortControl.Create(Keys("-cn"));
        byte[] cookie = [];
        List<string> seen = [];
        do
        {
            Collected page = await Collected.SearchAsync(directory.Engine.As(Who), "(objectClass=person)", [sort, PagedResultsControl.Create(3, cookie, critical: true)]);
            Assert.Equal((LdapResultCode.Success, LdapResultCode.AdminLimitExceeded), (page.Code, Response(page).Code));
            seen.AddRange(page.Names.Select(n => n[3..4]));
            cookie = PagedSearchTests.Cookie(page);
        }
        while (cookie.Length > 0);
        Assert.Equal("a b c d n", string.Join(' ', seen));
    }

    [Fact]
    public async Task Nothing_is_said_of_the_order_of_no_entries()
    {
        await using TestDirectory directory = await FilledAsync();
        Collected found = await Collected.SearchAsync(directory.Engine.As(Who), "(cn=none)", [SortControl.Create(Keys("cn"))]);
        Assert.Equal((LdapResultCode.Success, 0), (found.Code, found.Answer.Controls.Count));
    }

    [Theory]
    [InlineData("sn", 1)]
    [InlineData("-sn", 2)]
    [InlineData("description -sn", 3)]
    [InlineData("description", 4)]
    [InlineData("shoeSize", 2)]
    public async Task Sorted_pages_together_are_the_sorted_result(string keys, int size)
    {
        await using TestDirectory directory = await FilledAsync();
        LdapControl sort = SortControl.Create(Keys(keys));
        List<string> seen = [];
        byte[] cookie = [];
        do
        {
            Collected page = await Collected.SearchAsync(directory.Engine.As(Who), "(objectClass=person)", [sort, PagedResultsControl.Create(size, cookie, critical: true)]);
            Assert.InRange(page.Entries.Count, 1, size);
            seen.AddRange(page.Names);
            cookie = PagedSearchTests.Cookie(page);
            if (cookie.Length > 0)
            {
                Collected other = await Collected.SearchAsync(
                    directory.Engine.As(Who), "(objectClass=person)", [SortControl.Create(Keys("cn")), PagedResultsControl.Create(size, cookie, critical: true)]);
                Assert.Equal(LdapResultCode.UnwillingToPerform, other.Code);
                await directory.System.DeleteAsync(new DelRequest(page.Entries[^1].Dn)); // the place stays
            }
        }
        while (cookie.Length > 0);
        await using TestDirectory whole = await FilledAsync();
        Assert.Equal((await SortAsync(whole, Keys(keys))).Names, seen);
    }

    private static async Task<Collected> SortAsync(TestDirectory directory, IReadOnlyList<SortKey> keys, bool critical = false, int sizeLimit = 0) =>
        await Collected.SearchAsync(directory.Engine.As(Who), "(objectClass=person)", [SortControl.Create(keys, critical)], sizeLimit: sizeLimit);

    private static (LdapResultCode Code, string? Attribute) Response(Collected found) =>
        SortControl.DecodeResponse(Assert.Single(found.Answer.Controls, c => c.Oid == LdapOids.SortResponse));

    private static SortKey[] Keys(string text) =>
    [
        .. text.Split(' ').Select(k => k.TrimStart('-').Split(':') is var parts
            ? new SortKey(parts[0], parts.Length > 1 ? parts[1] : null, k.StartsWith('-'))
            : throw new InvalidOperationException()),
    ];

    private static async Task<TestDirectory> FilledAsync(int? max = null)
    {
        TestDirectory directory = await CreateAsync(o => o with { MaxSortedEntries = max ?? o.MaxSortedEntries });
        foreach ((string cn, string[] sn, string? description) in new (string, string[], string?)[]
        {
            ("a", ["b"], "2"), ("b", ["B1", "zz"], "1"), ("c", ["Zeta", "A"], "2"), ("d", ["aa"], "2"), ("n", ["zzz"], null),
        })
        {
            List<LdapAttribute> attributes = [new("objectClass", "person"), new("cn", cn), new("sn", sn)];
            if (description is not null)
            {
                attributes.Add(new LdapAttribute("description", description));
            }

            await Ok(directory.System.AddAsync(new AddRequest($"cn={cn},{Recipients}", [.. attributes])));
        }

        return directory;
    }
}

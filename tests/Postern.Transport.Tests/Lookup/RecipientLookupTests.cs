using Postern.Ldap;
using Postern.Mail;

namespace Postern.Transport.Tests.Lookup;

public class RecipientLookupTests
{
    private readonly EdgeFake _edge = EdgeFake.Synchronized();

    private async Task<LookupVerdict> VerdictAsync(string address) => (await _edge.Lookup().FindAsync(address)).Verdict;

    [Theory]
    [InlineData("anna@example.com", LookupVerdict.Known)]
    [InlineData("SMTP:Anna@EXAMPLE.com", LookupVerdict.Known)]
    [InlineData("\"anna\"@example.com", LookupVerdict.Known)]
    [InlineData("nobody@example.com", LookupVerdict.Unknown)]
    [InlineData("anna+list@example.com", LookupVerdict.Unknown)]
    [InlineData("anyone@sub.example.com", LookupVerdict.Known)]
    [InlineData("anyone@deep.sub.example.com", LookupVerdict.Known)]
    [InlineData("anyone@partner.example", LookupVerdict.Known)]
    [InlineData("anyone@sub.partner.example", LookupVerdict.NotOurs)]
    [InlineData("anna@example.org", LookupVerdict.NotOurs)]
    [InlineData("anna@com", LookupVerdict.NotOurs)]
    [InlineData("anna@", LookupVerdict.NotOurs)]
    [InlineData("two words@example.com", LookupVerdict.Unknown)]
    [InlineData("two words@partner.example", LookupVerdict.Known)]
    public async Task Address_gets_the_verdict_of_its_domain_and_recipient(string address, LookupVerdict expected) =>
        Assert.Equal(expected, await VerdictAsync(address));

    [Fact]
    public async Task Lookup_never_sends_the_address()
    {
        await VerdictAsync("anna@example.com");

        SearchRequest search = _edge.Searches.Single(s => s.BaseDn == EdgeLayout.Recipients);
        Assert.Equal(SearchScope.SingleLevel, search.Scope);
        Assert.Equal(AddressHasher.HashBytes, Assert.IsType<EqualityFilter>(search.Filter).Value.Length);
    }

    [Theory]
    [InlineData("staff@example.com", LookupVerdict.InternalOnly)]
    [InlineData("STAFF@example.com", LookupVerdict.InternalOnly)]
    [InlineData("anna+list@example.com", LookupVerdict.Unknown)]
    public async Task Recipient_from_inside_only_is_no_unknown_one(string address, LookupVerdict expected) =>
        Assert.Equal(expected, await VerdictAsync(address));

    [Theory]
    [InlineData("anna+list@example.com", LookupVerdict.Known)]
    [InlineData("Anna-a+b@example.com", LookupVerdict.Known)]
    [InlineData("\"anna+two words\"@example.com", LookupVerdict.Known)]
    [InlineData("a-team@example.com", LookupVerdict.Known)]
    [InlineData("staff+x@example.com", LookupVerdict.InternalOnly)]
    [InlineData("nobody+list@example.com", LookupVerdict.Unknown)]
    [InlineData("+list@example.com", LookupVerdict.Unknown)]
    public async Task Delimiter_of_the_domain_parts_mailbox_and_detail(string address, LookupVerdict expected)
    {
        _edge.SubaddressDelimiter = "+-";
        _edge.AddRecipient("a-team@example.com");
        Assert.Equal(expected, await VerdictAsync(address));
    }

    [Fact]
    public async Task Domain_itself_wins_over_the_wildcard_above_it()
    {
        _edge.AddDomain("own.example.com", AcceptedDomainType.Authoritative);

        Assert.Equal(LookupVerdict.Unknown, await VerdictAsync("nobody@own.example.com"));
        Assert.Equal(LookupVerdict.Known, await VerdictAsync("anyone@below.own.example.com"));
    }

    [Fact]
    public async Task Recipients_are_looked_up_where_the_domain_says_so()
    {
        _edge.AddDomain("quiet.example", AcceptedDomainType.Authoritative, addressBook: false);
        _edge.AddDomain("relay.example", AcceptedDomainType.InternalRelay, addressBook: true);
        _edge.AddRecipient("ben@relay.example");

        Assert.Equal(LookupVerdict.Known, await VerdictAsync("anyone@quiet.example"));
        Assert.Equal(LookupVerdict.Known, await VerdictAsync("ben@relay.example"));
        Assert.Equal(LookupVerdict.Unknown, await VerdictAsync("nobody@relay.example"));
    }

    [Fact]
    public async Task Nearest_wildcard_wins()
    {
        _edge.AddDomain("*.own.example.com", AcceptedDomainType.Authoritative);

        LookupAnswer answer = await _edge.Lookup().FindAsync("nobody@a.own.example.com");

        Assert.Equal(LookupVerdict.Unknown, answer.Verdict);
        Assert.Equal(new AcceptedDomain("*.own.example.com", AcceptedDomainType.Authoritative), answer.Domain);
    }

    [Fact]
    public async Task Removed_domain_is_not_ours_at_once()
    {
        RecipientLookup lookup = _edge.Lookup();
        Assert.Equal(LookupVerdict.Known, (await lookup.FindAsync("anna@example.com")).Verdict);

        _edge.RemoveDomain("example.com");

        Assert.Equal(LookupVerdict.NotOurs, (await lookup.FindAsync("anna@example.com")).Verdict);
    }

    [Fact]
    public async Task Domain_and_readiness_are_asked_for_once_while_the_directory_stands_still()
    {
        RecipientLookup lookup = _edge.Lookup();
        await lookup.FindAsync("anna@example.com");
        await lookup.FindAsync("anna@example.org");
        int before = _edge.Searches.Count;

        await lookup.FindAsync("anna@example.com");
        await lookup.FindAsync("nobody@example.com");
        await lookup.FindAsync("anna@example.org");

        Assert.Equal(2, _edge.Searches.Count - before);
        Assert.All(_edge.Searches.Skip(before), search => Assert.Equal(EdgeLayout.Recipients, search.BaseDn));
    }

    [Fact]
    public async Task Domain_added_after_it_was_found_missing_is_ours_at_once()
    {
        RecipientLookup lookup = _edge.Lookup();
        Assert.Equal(LookupVerdict.NotOurs, (await lookup.FindAsync("anna@example.org")).Verdict);

        _edge.AddDomain("example.org", AcceptedDomainType.InternalRelay);

        Assert.Equal(LookupVerdict.Known, (await lookup.FindAsync("anna@example.org")).Verdict);
    }

    [Theory]
    [InlineData("anna@example.com")]
    [InlineData("nobody@example.com")]
    [InlineData("anna@example.org")]
    public async Task Before_the_first_synchronization_nothing_is_rejected(string address)
    {
        _edge.Forget();

        Assert.Equal(LookupVerdict.NotReady, await VerdictAsync(address));
    }

    [Fact]
    public async Task While_only_the_domains_are_synchronized_recipients_are_deferred()
    {
        _edge.Forget(EdgeLayout.RecipientsState);

        Assert.Equal(LookupVerdict.NotReady, await VerdictAsync("nobody@example.com"));
        Assert.Equal(LookupVerdict.NotOurs, await VerdictAsync("nobody@example.org"));
        Assert.Equal(LookupVerdict.Known, await VerdictAsync("anyone@partner.example"));
    }

    [Fact]
    public async Task Synchronization_that_completes_during_a_lookup_makes_no_known_recipient_unknown()
    {
        _edge.Forget();
        _edge.RemoveDomain("example.com");
        int searches = 0;
        _edge.OnSearch = _ =>
        {
            // Everything arrives in one batch, after the lookup's first search.
            if (++searches == 2)
            {
                _edge.AddDomain("example.com", AcceptedDomainType.Authoritative);
                _edge.AddRecipient("new@example.com");
                _edge.Complete();
            }

            return Task.CompletedTask;
        };

        Assert.Equal(LookupVerdict.Known, await VerdictAsync("new@example.com"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Recipient_that_arrives_with_the_completion_is_never_unknown(int atSearch)
    {
        _edge.Forget(EdgeLayout.RecipientsState);
        int searches = 0;
        _edge.OnSearch = _ =>
        {
            if (++searches == atSearch)
            {
                _edge.AddRecipient("new@example.com");
                _edge.Complete();
            }

            return Task.CompletedTask;
        };

        Assert.NotEqual(LookupVerdict.Unknown, await VerdictAsync("new@example.com"));
    }

    [Fact]
    public async Task Edge_without_a_key_is_not_ready()
    {
        RecipientLookup lookup = new(_edge, () => null, () => 0);

        Assert.Equal(LookupVerdict.NotReady, (await lookup.FindAsync("anna@example.com")).Verdict);
    }

    [Fact]
    public async Task Failing_directory_is_no_answer()
    {
        _edge.Failure = new LdapException(LdapResultCode.Unavailable, "the store is damaged");

        await Assert.ThrowsAsync<LdapException>(() => VerdictAsync("anna@example.com"));
    }

    [Fact]
    public async Task Domain_of_a_type_that_is_none_is_a_failure_that_names_the_entry()
    {
        _edge.AddDomain("odd.example", "shared");

        LdapException e = await Assert.ThrowsAsync<LdapException>(() => VerdictAsync("anna@odd.example"));

        Assert.Contains("'shared'", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("example.com", "example.com")]
    [InlineData("EXAMPLE.com", "example.com")]
    [InlineData("a.example.com", "*.example.com")]
    [InlineData(".example.com", "*.example.com")]
    [InlineData(".a.example.com", "*.example.com")]
    [InlineData(".partner.example", null)]
    [InlineData("example.org", null)]
    [InlineData("", null)]
    [InlineData(".", null)]
    [InlineData("[192.0.2.1]", null)]
    public async Task Domain_is_found_by_itself_or_by_a_wildcard_above(string domain, string? expected)
    {
        DomainAnswer answer = await _edge.Lookup().FindDomainAsync(domain);

        Assert.Equal(expected, answer.Domain?.Name);
        Assert.Equal(expected is null ? LookupVerdict.NotOurs : LookupVerdict.Known, answer.Verdict);
    }
}

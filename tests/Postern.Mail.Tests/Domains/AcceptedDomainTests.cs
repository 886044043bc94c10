namespace Postern.Mail.Tests.Domains;

public class AcceptedDomainTests
{
    [Theory]
    [InlineData("Example.COM", "example.com")]
    [InlineData(" example.com ", "example.com")]
    [InlineData("example.com.", "example.com")]
    [InlineData("*.Example.com", "*.example.com")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("*.BÜCHER.example", "*.xn--bcher-kva.example")]
    [InlineData("a_b.example.com", "a_b.example.com")]
    public void Domain_has_one_form(string name, string expected)
    {
        Assert.True(AcceptedDomain.TryParse(name, AcceptedDomainType.InternalRelay, out AcceptedDomain? domain, out string? error), error);

        Assert.Equal(new AcceptedDomain(expected, AcceptedDomainType.InternalRelay), domain);
        Assert.Equal(expected.StartsWith('*'), domain.IsWildcard);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("*example.com")]
    [InlineData("a.*.example.com")]
    [InlineData("*.*.example.com")]
    [InlineData(".example.com")]
    [InlineData("exa mple.com")]
    [InlineData("anna@example.com")]
    [InlineData("[192.0.2.1]")]
    [InlineData("192.0.2.1")]
    [InlineData("*.192.0.2.1")]
    [InlineData("example.1")]
    [InlineData("example-.com")]
    [InlineData("ex\ud800.com")]
    public void Bad_domain_is_refused_with_a_reason(string name)
    {
        Assert.False(AcceptedDomain.TryParse(name, AcceptedDomainType.Authoritative, out AcceptedDomain? domain, out string? error));

        Assert.Null(domain);
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Domain_of_the_limits_is_taken_and_one_octet_more_refused()
    {
        string label = new('d', MailDomain.MaxLabelOctets);
        string longest = string.Join('.', label, label, label, label);
        string wildcard = "*." + longest[2..];

        Assert.True(MailDomain.TryNormalize(longest, out _, out _));
        Assert.False(MailDomain.TryNormalize("d." + longest[1..], out _, out string? error));
        Assert.Contains("255", error, StringComparison.Ordinal);
        Assert.False(MailDomain.TryNormalize("d" + label, out _, out error));
        Assert.Contains("64 octets", error, StringComparison.Ordinal);
        Assert.True(AcceptedDomain.TryParse(wildcard, AcceptedDomainType.Authoritative, out _, out _));
        Assert.False(AcceptedDomain.TryParse("*." + longest, AcceptedDomainType.Authoritative, out _, out error));
        Assert.Contains("255", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Limit_counts_the_octets_of_the_A_labels()
    {
        // 60 letters of two octets each make an A-label of more than 63 octets.
        Assert.False(MailDomain.TryNormalize(string.Concat(Enumerable.Repeat("äöüß", 15)) + ".example", out _, out string? error));
        Assert.NotNull(error);
    }

    [Theory]
    [InlineData("authoritative", AcceptedDomainType.Authoritative)]
    [InlineData("internalRelay", AcceptedDomainType.InternalRelay)]
    [InlineData("EXTERNALRELAY", AcceptedDomainType.ExternalRelay)]
    public void Type_is_read_as_it_is_written(string text, AcceptedDomainType expected)
    {
        Assert.True(AcceptedDomain.TryParseType(text, out AcceptedDomainType type));
        Assert.Equal(expected, type);
        Assert.Equal(text, AcceptedDomain.TypeName(type), ignoreCase: true);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("internal-relay")]
    public void Type_that_is_none_is_refused(string text) => Assert.False(AcceptedDomain.TryParseType(text, out _));
}

using Postern.Ldap.Tests.Generation;

namespace Postern.Ldap.Tests.Urls;

[Trait("RFC", "4516")]
public class LdapUrlTests
{
    [Theory]
    [InlineData("ldap:///o=University%20of%20Michigan,c=US", null, null, "o=University of Michigan,c=US")]
    [InlineData("ldap://ldap1.example.net/o=University%20of%20Michigan,c=US", "ldap1.example.net", null, "o=University of Michigan,c=US")]
    [InlineData("LDAP://ldap1.example.com/c=GB?objectClass?ONE", "ldap1.example.com", null, "c=GB")]
    [InlineData("ldap://ldap2.example.com/o=Question%3f,c=US?mail", "ldap2.example.com", null, "o=Question?,c=US")]
    [InlineData("ldap://ldap3.example.com/o=Babsco,c=US???(four-octet=%5c00%5c00%5c00%5c04)", "ldap3.example.com", null, "o=Babsco,c=US")]
    [InlineData("ldap://ldap.example.com/o=An%20Example%5C2C%20Inc.,c=US", "ldap.example.com", null, "o=An Example\\2C Inc.,c=US")]
    [InlineData("ldap:///??sub??e-bindname=cn=Manager%2cdc=example%2cdc=com", null, null, "")]
    [InlineData("ldap:///??sub??!e-bindname=cn=Manager%2cdc=example%2cdc=com", null, null, "")]
    [InlineData("ldap://[2001:db8::7]:1389/c=GB", "2001:db8::7", 1389, "c=GB")]
    [InlineData("ldaps://127.0.0.1:636", "127.0.0.1", 636, "")]
    [InlineData("ldapi://%2Frun%2Fpostern%2Fldapi/", "/run/postern/ldapi", null, "")]
    public void Examples_are_read_and_written_again(string text, string? host, int? port, string dn)
    {
        LdapUrl url = LdapUrl.Parse(text);
        Assert.Equal((host, port, dn), (url.Host, url.Port, url.Dn));
        Assert.Equal(Model.Describe(url), Model.Describe(LdapUrl.Parse(url.ToString())));
    }

    [Fact]
    public void Parts_come_apart()
    {
        LdapUrl url = LdapUrl.Parse("ldap://host/dc=x?cn,mail;lang-de,+?sub?(&(cn=a%3fb)(sn=*))?!x-bind=a%2cb,flag");
        Assert.Equal(["cn", "mail;lang-de", "+"], url.Attributes);
        Assert.Equal(SearchScope.WholeSubtree, url.Scope);
        Assert.Equal("(&(cn=a?b)(sn=*))", url.Filter!.ToString());
        Assert.Equal([new LdapUrlExtension("x-bind", "a,b", true), new LdapUrlExtension("flag", null, false)], url.Extensions);
        Assert.Equal("ldap://host/dc=x?cn,mail;lang-de,%2B?sub?(&(cn=a%3Fb)(sn=*))?!x-bind=a%2Cb,flag", url.ToString());
        Assert.Equal("ldap://", new LdapUrl("ldap", null, null, "").ToString());
        Assert.Equal("ldap://[::1]:389/dc=x", new LdapUrl("ldap", "::1", 389, "dc=x").ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://host/dc=x")]
    [InlineData("ldap:/dc=x")]
    [InlineData("ldap://host?cn")]
    [InlineData("ldap://host:port/")]
    [InlineData("ldap://host:65536/")]
    [InlineData("ldap://:389/")]
    [InlineData("ldap://a b/")]
    [InlineData("ldap://user@host/")]
    [InlineData("ldap://[127.0.0.1]/")]
    [InlineData("ldap://[::1/")]
    [InlineData("ldap://[::1]x/")]
    [InlineData("ldap://::1/")]
    [InlineData("ldap://host/nothing")]
    [InlineData("ldap://host/dc=%")]
    [InlineData("ldap://host/dc=%4")]
    [InlineData("ldap://host/dc=%ff")]
    [InlineData("ldap://host/dc=x?a b")]
    [InlineData("ldap://host/dc=x?cn,")]
    [InlineData("ldap://host/dc=x??subtree")]
    [InlineData("ldap://host/dc=x???(cn=a")]
    [InlineData("ldap://host/dc=x????!")]
    [InlineData("ldap://host/dc=x????,")]
    [InlineData("ldap://host/dc=x?????")]
    public void What_is_no_url_is_refused_with_a_reason(string text)
    {
        Assert.False(LdapUrl.TryParse(text, out _, out string error));
        Assert.StartsWith("LDAP URL", error, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => LdapUrl.Parse(text));
    }

    [Fact]
    public void Length_is_bounded()
    {
        string host = "ldap://" + new string('a', LdapLimits.Default.MaxUrlChars - 7);
        LdapUrl.Parse(host);
        Assert.False(LdapUrl.TryParse(host + "a", out _, out string error));
        Assert.Equal("LDAP URL: longer than 16384 characters", error);
    }

    [Fact]
    public void Any_url_comes_back_from_its_text()
    {
        Property.Holds(2000, generator =>
        {
            LdapUrl url = new(
                generator.Pick<string>(["ldap", "ldaps"]),
                generator.Pick<string?>(["host.example", "::1", "10.0.0.1", null]),
                null,
                generator.Dn(),
                generator.Many(3, generator.Description),
                generator.Pick(Enum.GetValues<SearchScope>()),
                generator.Coin() ? generator.Filter() : null,
                generator.Many(2, () => new LdapUrlExtension("x-e", generator.OptionalText(), generator.Coin())));
            Assert.Equal(Model.Describe(url), Model.Describe(LdapUrl.Parse(url.ToString())));
        });
    }
}

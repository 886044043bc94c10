namespace Postern.Ldap.Tests.Names;

[Trait("RFC", "4514")]
public class DistinguishedNameTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("CN=Steve Kille,O=Isode Limited,C=GB", "cn=steve kille,o=isode limited,c=gb")] // RFC 4514 section 4
    [InlineData("UID=jsmith,DC=example,DC=net", "uid=jsmith,dc=example,dc=net")]
    [InlineData("OU=Sales+CN=J.  Smith,DC=example,DC=net", "cn=j. smith+ou=sales,dc=example,dc=net")]
    [InlineData("CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net", "cn=james \\\"jim\\\" smith\\, iii,dc=example,dc=net")]
    [InlineData("CN=Before\\0dAfter,DC=example,DC=net", "cn=before after,dc=example,dc=net")] // RFC 4518: CR is a blank
    [InlineData("1.3.6.1.4.1.1466.0=#04024869", "1.3.6.1.4.1.1466.0=hi")]
    [InlineData("CN=Lu\\C4\\8Di\\C4\\87", "cn=lučić")]
    [InlineData("cn = a , dc=b", "cn=a,dc=b")]
    [InlineData("cn=\\ a\\ ,dc=b", "cn=a,dc=b")]
    [InlineData("cn=\\#x", "cn=\\#x")]
    [InlineData("cn=,dc=b", "cn=,dc=b")]
    [InlineData("cn=a=b,dc=c", "cn=a=b,dc=c")]
    [InlineData("2.5.4.3=a,domainComponent=b", "cn=a,dc=b")]
    [InlineData("cn=ÄÖ ß,o=ΣΑ", "cn=äö ss,o=σα")]
    [InlineData("cn=#0c03616263+sn=#1e0400610062,dc=x", "cn=abc+sn=ab,dc=x")]
    public void Name_has_the_normal_form_of_what_it_means(string text, string normalized)
    {
        DistinguishedName dn = DistinguishedName.Parse(text);
        Assert.Equal(normalized, dn.Normalized);
        Assert.Equal(dn, DistinguishedName.Parse(dn.ToString()));
        Assert.Equal(dn.Normalized, DistinguishedName.Parse(dn.Normalized).Normalized);
    }

    [Theory]
    [InlineData("cn", 1, "\"=\" is missing")]
    [InlineData("=a", 1, "no attribute type")]
    [InlineData("cn=a,", 6, "missing at the end")]
    [InlineData("cn=a,,dc=b", 6, "no attribute type")]
    [InlineData("cn=a+,dc=b", 6, "no attribute type")]
    [InlineData("cn=a;dc=b", 5, "must be written \\;")]
    [InlineData("cn=\"a\"", 4, "must be written \\\"")]
    [InlineData("cn=a\\", 5, "after \\ belongs")]
    [InlineData("cn=a\\g", 5, "after \\ belongs")]
    [InlineData("cn=\\ff", 4, "not UTF-8")]
    [InlineData("cn=#04", 4, "after # belongs")]
    [InlineData("cn=#0402486", 4, "after # belongs")]
    [InlineData("cn=#0401ff", 4, "no text")]
    [InlineData("cn=#020101", 4, "no text")]
    [InlineData("cn=#1e02d800", 4, "no text")]
    [InlineData("cn=#04024869x", 13, "after a value belongs")]
    [InlineData("cn;lang-de=a", 1, "no attribute type")]
    public void What_is_no_name_is_refused_with_its_place(string text, int position, string why)
    {
        Assert.False(DistinguishedName.TryParse(text, out DistinguishedName dn, out string error));
        Assert.True(dn.IsRoot);
        Assert.StartsWith($"name, character {position}:", error, StringComparison.Ordinal);
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.Equal(LdapResultCode.InvalidDNSyntax, Assert.Throws<LdapException>(() => DistinguishedName.Parse(text)).Code);
    }

    [Fact]
    public void Name_is_within_its_ancestors_and_itself_only()
    {
        DistinguishedName leaf = DistinguishedName.Parse("cn=a\\,dc=b,OU=x,dc=b");
        Assert.Equal(3, leaf.Depth);
        Assert.True(leaf.IsWithin(leaf));
        Assert.True(leaf.IsWithin(DistinguishedName.Parse("ou=X,dc=B")));
        Assert.True(leaf.IsWithin(DistinguishedName.Root));
        Assert.False(leaf.IsWithin(DistinguishedName.Parse("dc=b,ou=x,dc=b")));
        Assert.False(leaf.IsWithin(DistinguishedName.Parse("x=1,dc=b")));
        Assert.False(leaf.Parent.IsWithin(leaf));
        Assert.False(DistinguishedName.Parse("cn=a\\,dc=b").IsWithin(DistinguishedName.Parse("dc=b")));
    }

    [Fact]
    public void Parent_and_child_are_each_others_inverse()
    {
        DistinguishedName parent = DistinguishedName.Parse("ou=People,dc=example");
        DistinguishedName child = parent.Child("cn", " #a,+b ");
        Assert.Equal("cn=\\ #a\\,\\+b\\ ,ou=People,dc=example", child.ToString());
        Assert.Equal(parent, child.Parent);
        Assert.Equal(parent.Normalized, child.Parent.Normalized);
        Assert.Equal("ou=People,dc=example", child.Parent.ToString());
        Assert.Equal(DistinguishedName.Root, child.Parent.Parent.Parent);
        Assert.Equal(DistinguishedName.Root, DistinguishedName.Root.Parent);
        Assert.Equal("dc=x", DistinguishedName.Root.Child("dc", "x").Normalized);
        Assert.Equal((string[])["cn", "ou", "dc"], child.Rdns.Select(r => r.Parts[0].Type));
        Assert.Throws<ArgumentException>(() => parent.Child("c n", "x"));
    }
}

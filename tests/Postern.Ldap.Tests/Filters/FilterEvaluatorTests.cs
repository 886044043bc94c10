using Postern.Ldap.Tests.Generation;

namespace Postern.Ldap.Tests.Filters;

public class FilterEvaluatorTests
{
    private static readonly DirectorySchema Schema = new(
        [
            new AttributeType("cn", "2.5.4.3", MatchingRule.CaseIgnore),
            new AttributeType("dc", "0.9.2342.19200300.100.1.25", MatchingRule.CaseIgnore),
            new AttributeType("serial", "1.2.3.1", MatchingRule.CaseExact),
            new AttributeType("age", "1.2.3.2", MatchingRule.Integer),
            new AttributeType("hash", "1.2.3.3", MatchingRule.OctetString),
            new AttributeType("since", "1.2.3.4", MatchingRule.GeneralizedTime),
            new AttributeType("member", "2.5.4.31", MatchingRule.DistinguishedName),
            new AttributeType("objectClass", "2.5.4.0", MatchingRule.ObjectIdentifier),
            new AttributeType("secret", "1.2.3.5", MatchingRule.None),
            new AttributeType("sn", "2.5.4.4", MatchingRule.CaseIgnore),
        ],
        [new ObjectClass("person", "2.5.6.6", ObjectClassKind.Structural, [], [])]);

    private static readonly LdapEntry Entry = new("cn=Babs+serial=7,dc=Example", [
        new LdapAttribute("cn", "Babs  Jensen", "B.J."),
        new LdapAttribute("cn;lang-de", "Barbara"),
        new LdapAttribute("serial", "AbC"),
        new LdapAttribute("age", "9"),
        new LdapAttribute("hash", [1, 2, 3]),
        new LdapAttribute("since", "20260101000000Z"),
        new LdapAttribute("member", "CN=a , dc=B"),
        new LdapAttribute("objectClass", "Person"),
        new LdapAttribute("secret", "x"),
        new LdapAttribute("unheardOf", "x"),
    ]);

    [Theory]
    [InlineData("(cn=babs jensen)", true)]
    [InlineData("(CN= BABS   JENSEN )", true)]
    [InlineData("(2.5.4.3=b.j.)", true)]
    [InlineData("(cn=barbara)", true)] // a subtype by option belongs to its type
    [InlineData("(cn;lang-de=barbara)", true)]
    [InlineData("(2.5.4.3;lang-de=barbara)", true)]
    [InlineData("(cn;lang-de=b.j.)", false)]
    [InlineData("(cn;lang-en=*)", false)]
    [InlineData("(cn=babs)", false)]
    [InlineData("(serial=abc)", false)]
    [InlineData("(serial=AbC)", true)]
    [InlineData("(cn~=b.j.)", true)]
    [InlineData("(cn>=b)", true)]
    [InlineData("(cn<=a)", false)]
    [InlineData("(age>=10)", false)] // as a number, not as text
    [InlineData("(age<=10)", true)]
    [InlineData("(age>=-1)", true)]
    [InlineData("(hash=\\01\\02\\03)", true)]
    [InlineData("(hash>=\\01\\02)", true)]
    [InlineData("(hash=\\01\\02*)", true)]
    [InlineData("(since=20260101010000+0100)", true)]
    [InlineData("(since>=20251231235959.9Z)", true)]
    [InlineData("(member=cn=A,DC=b)", true)]
    [InlineData("(objectClass=2.5.6.6)", true)]
    [InlineData("(objectClass=PERSON)", true)]
    [InlineData("(cn=*)", true)]
    [InlineData("(sn=*)", false)]
    [InlineData("(secret=*)", true)]
    [InlineData("(cn=ba*)", true)]
    [InlineData("(cn=*jen*)", true)]
    [InlineData("(cn=*sen)", true)]
    [InlineData("(cn=b*b*s*j*n)", true)]
    [InlineData("(cn=babs *jensen)", true)]
    [InlineData("(cn=*s   j*)", true)]
    [InlineData("(cn=bab*abs*)", false)] // pieces do not overlap
    [InlineData("(cn=b.j.*b.j.)", false)]
    [InlineData("(cn=*jensen *)", true)] // the blank at a value's end
    [InlineData("(&)", true)]
    [InlineData("(|)", false)]
    [InlineData("(cn:caseExactMatch:=B.J.)", true)]
    [InlineData("(cn:caseExactMatch:=b.j.)", false)]
    [InlineData("(cn:2.5.13.5:=B.J.)", true)]
    [InlineData("(cn:=b.j.)", true)]
    [InlineData("(:caseIgnoreMatch:=b.j.)", true)]
    [InlineData("(:caseExactMatch:=b.j.)", false)]
    [InlineData("(dc:dn:=example)", true)]
    [InlineData("(dc:=example)", false)]
    [InlineData("(:dn:caseIgnoreMatch:=EXAMPLE)", true)]
    [InlineData("(serial:dn:=7)", true)]
    // Undefined from here: what the schema does not know, or a value of another syntax.
    [InlineData("(unheardOf=x)", null)]
    [InlineData("(unheardOf=*)", null)]
    [InlineData("(unheardOf:=x)", null)]
    [InlineData("(secret=x)", null)]
    [InlineData("(age=nine)", null)]
    [InlineData("(age=9*)", null)]
    [InlineData("(member>=cn=a)", null)]
    [InlineData("(cn=\\ff)", null)]
    [InlineData("(cn=)", null)]
    [InlineData("(cn=a*\\ff)", null)]
    [InlineData("(cn:unheardOfMatch:=x)", null)]
    // Three values, RFC 4511 section 4.5.1.7.
    [Trait("RFC", "4526")]
    [InlineData("(!(cn=*))", false)]
    [InlineData("(!(sn=*))", true)]
    [InlineData("(!(unheardOf=x))", null)]
    [InlineData("(&(cn=*)(unheardOf=x))", null)]
    [InlineData("(&(unheardOf=x)(sn=*))", false)]
    [InlineData("(|(unheardOf=x)(cn=*))", true)]
    [InlineData("(|(sn=*)(unheardOf=x))", null)]
    public void Filter_is_true_false_or_undefined(string filter, bool? matches) =>
        Assert.Equal(matches, FilterEvaluator.Matches(Filter.Parse(filter), Entry, Schema));

    [Fact]
    public void Any_filter_can_be_held_against_any_entry()
    {
        Property.Holds(3000, generator =>
        {
            FilterEvaluator.Matches(generator.Filter(), generator.Entry(), Schema);
        });
    }
}

using System.Text;

namespace Postern.Ldap.Tests.Schema;

[Trait("RFC", "4517")]
public class MatchingRuleDefinitionTests
{
    private static readonly DirectorySchema Schema = new(
        [
            new AttributeType("name", "2.5.4.41", MatchingRule.CaseIgnore),
            new AttributeType("cn", "2.5.4.3", MatchingRule.CaseIgnore) { Superior = "name", Names = ["cn", "commonName"] },
            new AttributeType("phone", "1.2.3.1", MatchingRule.TelephoneNumber),
            new AttributeType("number", "1.2.3.2", MatchingRule.NumericString),
            new AttributeType("address", "1.2.3.3", MatchingRule.CaseIgnoreList),
            new AttributeType("flags", "1.2.3.4", MatchingRule.Integer),
            new AttributeType("mail", "1.2.3.5", MatchingRule.CaseIgnoreIA5),
            new AttributeType("member", "1.2.3.6", MatchingRule.UniqueMember),
            new AttributeType("types", "1.2.3.7", MatchingRule.ObjectIdentifierFirstComponent),
            new AttributeType("bits", "1.2.3.8", MatchingRule.BitString),
            new AttributeType("strict", "1.2.3.9", MatchingRule.CaseIgnore) { OrderingRule = null, SubstringsRule = null },
        ],
        []);

    private static readonly LdapEntry Entry = new("cn=X,dc=y", [
        new LdapAttribute("cn", "Anna"),
        new LdapAttribute("phone", "+49 30-12 34"),
        new LdapAttribute("number", "12 34"),
        new LdapAttribute("address", "Street  1$ 12345 Berlin"),
        new LdapAttribute("flags", "6"),
        new LdapAttribute("mail", "A@b.example"),
        new LdapAttribute("member", "cn=A,dc=b#'01'B"),
        new LdapAttribute("types", "( 2.5.4.3 NAME 'cn' )"),
        new LdapAttribute("bits", "'0101'B"),
        new LdapAttribute("strict", "b"),
    ]);

    [Theory]
    [InlineData("(name=anna)", true)] // a subtype's value
    [InlineData("(name=*)", true)]
    [InlineData("(commonName=anna)", true)]
    [InlineData("(phone=+493012-34)", true)]
    [InlineData("(phone=*3012*)", true)]
    [InlineData("(number=1 2 3 4)", true)]
    [InlineData("(number=12*4)", true)]
    [InlineData("(number=x)", null)]
    [InlineData("(number>=12 33)", true)]
    [InlineData("(address=street 1$12345 berlin)", true)]
    [InlineData("(address=*berl*)", true)]
    [InlineData("(address=street 2$12345 berlin)", false)]
    [InlineData("(mail=a@B.EXAMPLE)", true)]
    [InlineData("(mail=\u00e4@b)", null)]
    [InlineData("(mail=a@*)", true)]
    [InlineData("(member=CN=a, dc=b#'01'B)", true)]
    [InlineData("(member=cn=a,dc=b)", false)]
    [InlineData("(types=2.5.4.3)", true)]
    [InlineData("(bits='0101'B)", true)]
    [InlineData("(bits='1'B)", false)]
    [InlineData("(bits=0101)", null)]
    [InlineData("(strict>=a)", null)] // no ORDERING
    [InlineData("(strict=b*)", null)] // no SUBSTR
    [InlineData("(flags:1.2.840.113556.1.4.803:=6)", true)]
    [InlineData("(flags:1.2.840.113556.1.4.803:=5)", false)]
    [InlineData("(flags:1.2.840.113556.1.4.804:=5)", true)]
    [InlineData("(flags:1.2.840.113556.1.4.804:=9)", false)]
    [InlineData("(flags:integerOrderingMatch:=7)", true)] // 6 comes before 7
    [InlineData("(flags:integerOrderingMatch:=6)", false)]
    [InlineData("(cn:caseIgnoreSubstringsMatch:=a\\2an\\2a)", true)]
    [InlineData("(cn:caseExactSubstringsMatch:=a\\2a)", false)]
    [InlineData("(cn:caseIgnoreSubstringsMatch:=anna)", null)]
    [InlineData("(cn:integerMatch:=5)", null)] // a rule that cannot compare such values
    [InlineData("(:caseExactMatch:=Anna)", true)] // every text
    [InlineData("(:caseExactMatch:=anna)", false)]
    [InlineData("(:integerMatch:=6)", true)]
    [InlineData("(cn:dn:=x)", true)]
    [InlineData("(name:dn:=X)", true)]
    public void Rules_compare_as_they_are_defined(string filter, bool? expected) =>
        Assert.Equal(expected, FilterEvaluator.Matches(Filter.Parse(filter), Entry, Schema));

    [Fact]
    public void Rules_are_found_by_name_and_by_oid()
    {
        foreach (MatchingRuleDefinition rule in MatchingRuleDefinition.All)
        {
            Assert.Same(rule, MatchingRuleDefinition.Find(rule.Name.ToUpperInvariant()));
            Assert.Same(rule, MatchingRuleDefinition.Find(rule.Oid));
            Assert.True(Syntaxes.IsKnown(rule.Syntax), rule.Name);
        }
    }

    [Theory]
    [InlineData(Syntaxes.PrintableString, "a b?", true)]
    [InlineData(Syntaxes.PrintableString, "a_b", false)]
    [InlineData(Syntaxes.CountryString, "DE", true)]
    [InlineData(Syntaxes.CountryString, "DEU", false)]
    [InlineData(Syntaxes.IA5String, "a\u00e4", false)]
    [InlineData(Syntaxes.DirectoryString, "", false)]
    [InlineData(Syntaxes.TelephoneNumber, "+49 30", true)]
    [InlineData(Syntaxes.TelephoneNumber, "", false)]
    [InlineData(Syntaxes.NumericString, "1 2", true)]
    [InlineData(Syntaxes.FacsimileTelephoneNumber, "+49$fineResolution", true)]
    [InlineData(Syntaxes.Uuid, "x", false)]
    [InlineData(Syntaxes.DistinguishedName, "x", false)]
    [InlineData(Syntaxes.OctetString, "", true)]
    public void Syntax_says_what_a_value_looks_like(string syntax, string value, bool expected) =>
        Assert.Equal(expected, Syntaxes.IsValid(syntax, Encoding.UTF8.GetBytes(value)));

    [Theory]
    [InlineData("(objectClass=top)", true)]
    [InlineData("(objectClass=PERSON)", true)]
    [InlineData("(objectClass=1.2.2)", true)]
    [InlineData("(objectClass=worker)", true)]
    [InlineData("(objectClass=1.2.3)", true)]
    [InlineData("(objectClass=unheardOf)", true)] // as it was written
    [InlineData("(objectClass=boss)", false)]
    [InlineData("(objectClass=neither nor)", null)]
    [InlineData("(!(objectClass=boss))", true)]
    public void Entry_is_of_its_classes_superclasses_too(string filter, bool? expected)
    {
        DirectorySchema schema = new(
            [new AttributeType("objectClass", "2.5.4.0", MatchingRule.ObjectIdentifier)],
            [
                new ObjectClass("top", "1.2.1", ObjectClassKind.Abstract, [], []),
                new ObjectClass("person", "1.2.2", ObjectClassKind.Structural, [], []),
                new ObjectClass("employee", "1.2.3", ObjectClassKind.Structural, [], []) { Names = ["employee", "worker"], Superiors = ["person"] },
                new ObjectClass("boss", "1.2.4", ObjectClassKind.Structural, [], []) { Superiors = ["employee"] },
            ]);
        LdapEntry entry = new("cn=x", [new LdapAttribute("objectClass", "Employee", "unheardOf")]);
        Assert.Equal(expected, FilterEvaluator.Matches(Filter.Parse(filter), entry, schema));
    }

    [Fact]
    public void Deep_filter_is_compiled_and_asked_without_recursion()
    {
        Filter filter = Filter.Equal("cn", "anna");
        for (int i = 0; i < 200_000; i++)
        {
            filter = i % 3 == 0 ? new NotFilter(filter) : i % 3 == 1 ? new AndFilter([filter]) : new OrFilter([filter]);
        }

        Assert.False(CompiledFilter.Compile(filter, Schema).Matches(Entry)); // 66,667 times not
    }
}

using System.Text;
using Postern.Ldap.Tests.Generation;

namespace Postern.Ldap.Tests.Filters;

public class FilterTextTests
{
    [Theory]
    [InlineData("(cn=Babs Jensen)")] // from here RFC 4515 section 4
    [InlineData("(!(cn=Tim Howes))")]
    [InlineData("(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))")]
    [InlineData("(o=univ*of*mich*)")]
    [InlineData("(seeAlso=)")]
    [InlineData("(cn:caseExactMatch:=Fred Flintstone)")]
    [InlineData("(cn:=Betty Rubble)")]
    [InlineData("(sn:dn:2.4.6.8.10:=Barney Rubble)")]
    [InlineData("(o:dn:=Ace Industry)")]
    [InlineData("(:1.2.3:=Wilma Flintstone)")]
    [InlineData("(:dn:2.4.6.8.10:=Dino)")]
    [InlineData("(o=Parens R Us \\28for all your parenthetical needs\\29)")]
    [InlineData("(cn=*\\2a*)")]
    [InlineData("(filename=C:\\5cMyFile)")]
    [InlineData("(bin=\\00\\00\\00\\04)")]
    [InlineData("(sn=Lučić)")]
    [InlineData("(1.3.6.1.4.1.1466.0=\\04\\02Hi)")]
    [InlineData("(age>=5)")]
    [InlineData("(age<=5)")]
    [InlineData("(cn~=x)")]
    [InlineData("(cn;lang-de=*)")]
    [InlineData("(&)")] // RFC 4526
    [InlineData("(|)")]
    [InlineData("(objectClass=*)")]
    [InlineData("(cn=a=b>c)")]
    public void Text_comes_back_as_it_was(string text) => Assert.Equal(text, Filter.Parse(text).ToString());

    [Theory]
    [InlineData(" ( & (a=1)\n (b=2) ) ", "(&(a=1)(b=2))")]
    [InlineData("(sn=Lu\\c4\\8di\\c4\\87)", "(sn=Lučić)")]
    [InlineData("(cn=a**b)", "(cn=a*b)")]
    [InlineData("(cn=**)", "(cn=*)")]
    [InlineData("(cn= a )", "(cn= a )")]
    [InlineData("(cn=\\c4)", "(cn=\\c4)")]
    public void Text_is_read_with_some_patience(string text, string printed) => Assert.Equal(printed, Filter.Parse(text).ToString());

    [Theory]
    [InlineData("", 1, "begins with")]
    [InlineData("cn=a", 1, "begins with")]
    [InlineData("(", 2, "\"=\" is missing")]
    [InlineData("()", 2, "\"=\" is missing")]
    [InlineData("(cn)", 2, "\"=\" is missing")]
    [InlineData("(=a)", 2, "no attribute description")]
    [InlineData("(c n=a)", 2, "no attribute description")]
    [InlineData("(cn=a", 6, "\")\" is missing")]
    [InlineData("(cn=a))", 7, "after the filter's end")]
    [InlineData("(cn=a)(cn=b)", 7, "after the filter's end")]
    [InlineData("(cn=(a)", 5, "written \\28")]
    [InlineData("(cn=a\\2)", 6, "two hexadecimal digits")]
    [InlineData("(cn=a\\zz)", 6, "two hexadecimal digits")]
    [InlineData("(cn>=a*)", 7, "written \\2a")]
    [InlineData("(cn=a\0b\\20)", 6, "written \\00")]
    [InlineData("(!)", 3, "begins with")]
    [InlineData("(!(a=1)(b=2))", 8, "\")\" is missing")]
    [InlineData("(&(a=1)x)", 8, "\")\" is missing")]
    [InlineData("(:=a)", 2, "attribute:dn:rule")]
    [InlineData("(:dn:=a)", 2, "attribute:dn:rule")]
    [InlineData("(cn:a:b:c:=a)", 2, "attribute:dn:rule")]
    [InlineData("(cn:dn:a b:=a)", 2, "attribute:dn:rule")]
    public void What_is_no_filter_is_refused_with_its_place(string text, int position, string why)
    {
        Assert.False(FilterParser.TryParse(text, out Filter? filter, out string error));
        Assert.Null(filter);
        Assert.StartsWith($"filter, character {position}:", error, StringComparison.Ordinal);
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.Equal(error, Assert.Throws<FormatException>(() => Filter.Parse(text)).Message);
    }

    [Fact]
    public void Depth_and_size_are_bounded()
    {
        int depth = LdapLimits.Default.MaxFilterDepth;
        Filter.Parse(Nested(depth - 1));
        Assert.Contains("nested deeper than 32", Assert.Throws<FormatException>(() => Filter.Parse(Nested(depth))).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Filter.Parse(Nested(1_000_000)));
        int nodes = LdapLimits.Default.MaxFilterNodes;
        Filter.Parse(Wide(nodes - 1));
        Assert.Contains("more than 1024 nodes", Assert.Throws<FormatException>(() => Filter.Parse(Wide(nodes))).Message, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => Filter.Parse($"(cn={new string('*', 2000)})"));

        static string Nested(int times) => string.Concat(Enumerable.Repeat("(!", times)) + "(a=1)" + new string(')', times);
        static string Wide(int items) => $"(|{string.Concat(Enumerable.Repeat("(a=1)", items))})";
    }

    [Fact]
    public void Any_filter_comes_back_from_its_text()
    {
        Property.Holds(2000, generator =>
        {
            Filter filter = generator.Filter();
            Assert.Equal(Model.Describe(filter), Model.Describe(Filter.Parse(filter.ToString())));
        });
    }

    [Fact]
    public void Damaged_text_is_read_or_refused_and_nothing_else()
    {
        Property.Holds(5000, generator =>
        {
            string damaged = Encoding.UTF8.GetString(generator.Mutate(Encoding.UTF8.GetBytes(generator.Filter().ToString())));
            if (FilterParser.TryParse(damaged, out Filter? filter, out _))
            {
                Assert.Equal(Model.Describe(filter), Model.Describe(Filter.Parse(filter.ToString())));
            }
        });
    }

    [Fact]
    public void Every_prefix_is_refused_with_a_reason()
    {
        Property.Holds(300, generator =>
        {
            string text = generator.Filter().ToString();
            for (int length = 0; length < text.Length; length++)
            {
                Assert.False(FilterParser.TryParse(text[..length], out _, out string error));
                Assert.StartsWith("filter, character ", error, StringComparison.Ordinal);
            }
        });
    }
}

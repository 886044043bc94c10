namespace Postern.Ldap.Tests.Schema;

[Trait("RFC", "4512")]
public class SchemaReaderTests
{
    private const string Text = "SYNTAX 1.3.6.1.4.1.1466.115.121.1.15";

    [Fact]
    public void Definitions_are_read_whatever_their_order_is()
    {
        DirectorySchema schema = SchemaReader.Read([("a.ldif", $"""
            # a comment
              that goes on
            dn: cn=schema
            cn: schema
            attributeTypes: ( 2.5.4.3 NAME ( 'cn' 'commonName' ) DESC 'it\27s a \5C'
              SUP name )
            objectClasses: ( 1.2.3 NAME 'thing' SUP top MUST ( cn $ name ) MAY 1.2.4
              X-ORIGIN 'somewhere' )

            objectClasses: ( 2.5.6.0 NAME 'top' ABSTRACT )
            """), ("b.ldif", $"""
            attributeTypes: ( 2.5.4.41 NAME 'name' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch {Text}{'{'}64{'}'} )
            attributeTypes: ( 1.2.4 NAME 'when' EQUALITY 2.5.13.27 ORDERING generalizedTimeOrderingMatch
              SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE NO-USER-MODIFICATION USAGE directoryOperation )
            """)]);
        AttributeType cn = schema.FindAttribute("COMMONNAME")!;
        Assert.Equal(("cn", MatchingRule.CaseIgnore, MatchingRule.None, MatchingRule.CaseIgnore), (cn.Name, cn.Equality, cn.Ordering, cn.Substrings));
        Assert.Equal(("it's a \\", Syntaxes.DirectoryString), (cn.Description, cn.Syntax));
        Assert.True(schema.IsA(cn, schema.FindAttribute("2.5.4.41")!));
        AttributeType when = schema.FindAttribute("when")!;
        Assert.True(when is { SingleValue: true, NoUserModification: true, Operational: true, Ordering: MatchingRule.GeneralizedTime });
        ObjectClass thing = schema.FindClass("1.2.3")!;
        Assert.Equal(ObjectClassKind.Structural, thing.Kind);
        Assert.Equal(["cn", "name", "when"], [.. thing.Must, .. thing.May]);
        Assert.Equal(2, schema.WithSuperiors(thing).Count);
    }

    [Theory]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' SUP b )", "supertype b is not defined")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' )", "neither SYNTAX nor SUP")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' SYNTAX 1.2.3 )", "syntax 1.2.3 is not known")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' EQUALITY shoeMatch " + Text + " )", "EQUALITY shoeMatch is not known")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' ORDERING caseIgnoreMatch " + Text + " )", "ORDERING caseIgnoreMatch is not known")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' " + Text + " USAGE shoes )", "USAGE shoes")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' SUP a )", "subtype of itself")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' " + Text, "closing parenthesis is missing")]
    [InlineData("attributeTypes: 1.2 NAME 'a' )", "begins with (")]
    [InlineData("attributeTypes: ( shoe NAME 'a' " + Text + " )", "no numeric OID")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a", "has no end")]
    [InlineData("attributeTypes: ( 1.2 NAME ( ) " + Text + " )", "list of NAME is empty")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' NAME 'b' " + Text + " )", "NAME is given twice")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a b' " + Text + " )", "\"a b\" is no name")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' SIZE 5 " + Text + " )", "SIZE is no keyword")]
    [InlineData("attributeTypes: ( 1.2 NAME 'a' " + Text + " ) more", "more follows")]
    [InlineData("attributeTypes: ( 1.2 " + Text + " )", "has no NAME")]
    [InlineData("attributeTypes: ( 1.2 NAME ", "NAME has no value")]
    [InlineData("attributeTypes: ( 1.3 NAME 'known' " + Text + " )", "known is already defined in x.ldif, line 1")]
    [InlineData("objectClasses: ( 1.2 NAME 'c' SUP top )", "superclass top is not defined")]
    [InlineData("objectClasses: ( 1.2 NAME 'c' SUP c )", "subclass of itself")]
    [InlineData("objectClasses: ( 1.2 NAME 'c' MUST shoe )", "MUST names shoe")]
    [InlineData("objectClasses: ( 1.2 NAME 'c' ABSTRACT AUXILIARY )", "of two kinds")]
    [InlineData("shoes: 5", "shoes is not part of a schema")]
    [InlineData("what is this", "neither a comment nor")]
    public void What_is_wrong_is_said_with_file_and_line(string line, string expected)
    {
        SchemaException e = Assert.Throws<SchemaException>(() => SchemaReader.Read(
            [("x.ldif", $"attributeTypes: ( 9.9 NAME 'known' {Text} )\n# comment\n\n{line}")]));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.Equal(("x.ldif", 4), (e.File, e.Line));
        Assert.StartsWith("x.ldif, line 4: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_chain_of_supertypes_is_followed()
    {
        const int Count = 20_000;
        string text = $"attributeTypes: ( 1.0 NAME 'a0' {Text} )\n" + string.Join('\n', Enumerable.Range(1, Count).Select(i => $"objectClasses: ( 2.{i} NAME 'c{i}' )"));
        Assert.Equal(Count, SchemaReader.Read([("x.ldif", text)]).Classes.Count);
    }

    [Fact]
    public void Descriptions_are_read_back_as_they_were_written()
    {
        DirectorySchema schema = SchemaReader.Read([("x.ldif", $"""
            attributeTypes: ( 1.1 NAME ( 'a' 'alpha' ) DESC 'with a \27' EQUALITY caseIgnoreMatch SUBSTR caseIgnoreSubstringsMatch {Text} )
            attributeTypes: ( 1.2 NAME 'b' OBSOLETE SUP a EQUALITY caseExactMatch SINGLE-VALUE COLLECTIVE USAGE dSAOperation )
            objectClasses: ( 1.3 NAME 'c' ABSTRACT MUST a )
            objectClasses: ( 1.4 NAME 'd' SUP c AUXILIARY MAY ( a $ b ) )
            """)]);
        string[] attributes = [.. schema.Attributes.Select(a => SchemaWriter.Describe(a, schema))];
        Assert.Equal("( 1.2 NAME 'b' OBSOLETE SUP a EQUALITY caseExactMatch SINGLE-VALUE COLLECTIVE USAGE dSAOperation )", attributes[1]);
        string[] classes = [.. schema.Classes.Select(SchemaWriter.Describe)];
        DirectorySchema again = SchemaReader.Read([("y.ldif", string.Join('\n', [.. attributes.Select(a => "attributeTypes: " + a), .. classes.Select(c => "objectClasses: " + c)]))]);
        Assert.Equal(attributes, again.Attributes.Select(a => SchemaWriter.Describe(a, again)));
        Assert.Equal(classes, again.Classes.Select(SchemaWriter.Describe));
    }
}

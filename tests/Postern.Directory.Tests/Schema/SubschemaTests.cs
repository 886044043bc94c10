using Postern.Ldap;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

[Trait("RFC", "4512")]
public sealed class SubschemaTests
{
    [Fact]
    public async Task Subschema_describes_everything_and_can_be_read_back()
    {
        await using TestDirectory directory = await CreateAsync();
        LdapEntry subschema = (await directory.ReadAsync("cn=subschema", "*", "+"))!;
        string[] attributes = [.. subschema.Strings("attributeTypes")];
        string[] classes = [.. subschema.Strings("objectClasses")];
        DirectorySchema read = SchemaReader.Read(
            [("subschema", string.Join('\n', [.. attributes.Select(a => "attributeTypes: " + a), .. classes.Select(c => "objectClasses: " + c)]))]);
        Assert.Equal(attributes, read.Attributes.Select(a => SchemaWriter.Describe(a, read)));
        Assert.Equal(PosternSchema.Edge.Classes.Count, read.Classes.Count);
        foreach (AttributeType type in read.Attributes)
        {
            Assert.Contains(subschema.Strings("ldapSyntaxes"), s => s.StartsWith($"( {type.Syntax} ", StringComparison.Ordinal));
            foreach (MatchingRuleDefinition rule in new[] { type.EqualityRule, type.OrderingRule, type.SubstringsRule }.OfType<MatchingRuleDefinition>())
            {
                Assert.Contains(subschema.Strings("matchingRules"), r => r.Contains($"'{rule.Name}'", StringComparison.Ordinal));
                Assert.Contains(subschema.Strings("matchingRuleUse"), r => r.Contains($"'{rule.Name}'", StringComparison.Ordinal) && r.Contains($" {type.Name} ", StringComparison.Ordinal));
            }
        }

        Assert.Equal("subentry", subschema.FirstString("structuralObjectClass"));
        Assert.NotNull(subschema.FirstString("modifyTimestamp"));
    }

    [Theory]
    [InlineData("(objectClass=subschema)")]
    [InlineData("(attributeTypes=2.5.4.3)")] // objectIdentifierFirstComponentMatch
    [InlineData("(&(objectClass=*)(modifyTimestamp>=19700101000000Z))")]
    public async Task Subschema_can_be_searched(string filter)
    {
        await using TestDirectory directory = await CreateAsync();
        Assert.Equal("cn=subschema", Assert.Single(await directory.SearchAsync(filter, "cn=subschema", SearchScope.BaseObject)).Dn);
    }

    [Fact]
    [Trait("RFC", "5020")]
    public async Task Entries_say_where_they_stand()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(Recipient("a")));
        await Ok(directory.System.AddAsync(Recipient("b")));
        LdapEntry unit = (await directory.ReadAsync(Recipients, "hasSubordinates", "numSubordinates", "structuralObjectClass", "entryDN"))!;
        Assert.Equal(
            ("TRUE", "2", "organizationalUnit", Recipients),
            (unit.FirstString("hasSubordinates"), unit.FirstString("numSubordinates"), unit.FirstString("structuralObjectClass"), unit.FirstString("entryDN")));
        Assert.Equal("FALSE", (await directory.ReadAsync($"cn=a,{Recipients}", "+"))!.FirstString("hasSubordinates"));
        Assert.Equal([Recipients], (await directory.SearchAsync("(&(numSubordinates>=2)(!(ou=*Domains))(objectClass=organizationalUnit))")).Select(e => e.Dn).Where(d => d == Recipients));
        Assert.Equal($"cn=b,{Recipients}", Assert.Single(await directory.SearchAsync($"(entryDN=CN=B,{Recipients})")).Dn);
    }
}

using Postern.Ldap;
using static Postern.Directory.Tests.TestDirectory;

namespace Postern.Directory.Tests;

[Trait("RFC", "4511")]
public sealed class EntryRulesTests
{
    /// <summary>Each line: what is added below cn=x,o=edge, then the code and what the message must name.</summary>
    [Theory]
    [InlineData("objectClass=person|sn=s|shoeSize=5", LdapResultCode.UndefinedAttributeType, "shoeSize")]
    [InlineData("objectClass=shoe|sn=s", LdapResultCode.ObjectClassViolation, "shoe")]
    [InlineData("objectClass=person", LdapResultCode.ObjectClassViolation, "sn is missing")]
    [InlineData("objectClass=person|sn=s|mail=a@b", LdapResultCode.ObjectClassViolation, "mail is not allowed")]
    [InlineData("objectClass=top|sn=s", LdapResultCode.ObjectClassViolation, "no structural class")]
    [InlineData("objectClass=dcObject|dc=s", LdapResultCode.ObjectClassViolation, "no structural class")]
    [InlineData("objectClass=person+organization|sn=s|o=o", LdapResultCode.ObjectClassViolation, "do not derive from each other")]
    [InlineData("sn=s", LdapResultCode.ObjectClassViolation, "objectClass is missing")]
    [InlineData("objectClass=person|sn=s|createTimestamp=20260101000000Z", LdapResultCode.ConstraintViolation, "createTimestamp")]
    [InlineData("objectClass=inetOrgPerson|sn=s|displayName=a+b", LdapResultCode.ConstraintViolation, "displayName takes one value")]
    [InlineData("objectClass=inetOrgPerson|sn=s|mail=\u00e4", LdapResultCode.InvalidAttributeSyntax, "mail")]
    [InlineData("objectClass=person|sn=s|telephoneNumber=_", LdapResultCode.InvalidAttributeSyntax, "telephoneNumber")]
    [InlineData("objectClass=person|sn=s|seeAlso=nobody", LdapResultCode.InvalidAttributeSyntax, "seeAlso")]
    [InlineData("objectClass=person|sn=", LdapResultCode.InvalidAttributeSyntax, "sn")]
    [InlineData("objectClass=person|sn=\ufffd", LdapResultCode.InvalidAttributeSyntax, "sn")]
    [InlineData("objectClass=country|c=DEU|cn=x", LdapResultCode.InvalidAttributeSyntax, "c: \"DEU\" is not valid by its syntax (Country String)")]
    [InlineData("objectClass=posternServer|posternSite=a+A", LdapResultCode.ConstraintViolation, "posternSite")]
    [InlineData("objectClass=person|sn=s+S", LdapResultCode.AttributeOrValueExists, "sn")]
    [InlineData("objectClass=person|sn=s|surname=t", LdapResultCode.AttributeOrValueExists, "sn")]
    [InlineData("objectClass=posternRecipient|posternSclDelete=nine", LdapResultCode.InvalidAttributeSyntax, "posternSclDelete")]
    public async Task Entry_that_breaks_a_rule_is_refused_with_its_code_and_name(string entry, LdapResultCode expected, string named)
    {
        await using TestDirectory directory = await CreateAsync();
        LdapAttribute[] attributes = [.. entry.Split('|').Select(a => new LdapAttribute(a.Split('=')[0], a.Split('=', 2)[1].Split('+')))];
        LdapResult result = await directory.System.AddAsync(new AddRequest("cn=x,o=edge", attributes));
        Assert.Equal(expected, result.Code);
        Assert.Contains(named, result.DiagnosticMessage, StringComparison.Ordinal);
        Assert.StartsWith("cn=x,o=edge", result.DiagnosticMessage, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("entryUUID=00000000-0000-4000-8000-000000000001,o=edge", LdapResultCode.NamingViolation)]
    [InlineData("userPassword=x,o=edge", LdapResultCode.NamingViolation)]
    [InlineData("shoeSize=5,o=edge", LdapResultCode.UndefinedAttributeType)]
    [InlineData("cn=x,ou=nowhere,o=edge", LdapResultCode.NoSuchObject)]
    [InlineData("cn=x,o=elsewhere", LdapResultCode.NoSuchObject)]
    [InlineData("cn", LdapResultCode.InvalidDNSyntax)]
    public async Task Name_that_cannot_be_is_refused(string dn, LdapResultCode expected)
    {
        await using TestDirectory directory = await CreateAsync();
        Assert.Equal(expected, (await directory.System.AddAsync(new AddRequest(
            dn, new LdapAttribute("objectClass", "person"), new LdapAttribute("cn", "x"), new LdapAttribute("sn", "s")))).Code);
    }

    [Fact]
    [Trait("RFC", "4519")]
    [Trait("RFC", "4524")]
    [Trait("RFC", "2798")]
    public async Task Person_with_everything_tools_write_is_taken()
    {
        await using TestDirectory directory = await CreateAsync();
        await Ok(directory.System.AddAsync(new AddRequest(
            "uid=anna,o=edge",
            new LdapAttribute("objectClass", "top", "person", "organizationalPerson", "inetOrgPerson", "posternMailRecipient"),
            new LdapAttribute("commonName", "Anna"), new LdapAttribute("surname", "Muster"), new LdapAttribute("gn", "Anna"),
            new LdapAttribute("mail", "anna@contoso.example"), new LdapAttribute("telephoneNumber", "+49 30 12-34"),
            new LdapAttribute("postalAddress", "Street 1$12345 Berlin"), new LdapAttribute("jpegPhoto", [0xff, 0xd8]),
            new LdapAttribute("userCertificate;binary", [0x30, 0]), new LdapAttribute("labeledURI", "https://contoso.example/ Anna"),
            new LdapAttribute("preferredLanguage", "de"), new LdapAttribute("x500UniqueIdentifier", "'01'B"),
            new LdapAttribute("proxyAddresses", "SMTP:anna@contoso.example"))));
        foreach (string filter in new[] { "(name=anna)", "(telephoneNumber=+493012*)", "(postalAddress=street 1$12345 berlin)", "(userCertificate=*)", "(userid=ANNA)", "(fax=*)" })
        {
            Assert.Equal(filter == "(fax=*)" ? 0 : 1, (await directory.SearchAsync(filter)).Count);
        }
    }
}

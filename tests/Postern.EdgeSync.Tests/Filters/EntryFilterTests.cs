using Postern.EdgeSync.Filters;
using Postern.Ldap;

namespace Postern.EdgeSync.Tests.Filters;

public sealed class EntryFilterTests
{
    private static readonly LdapEntry Anna = new(
        "CN=Anna,OU=Staff,DC=example,DC=com",
        [
            new LdapAttribute("objectClass", "top", "person", "organizationalPerson", "user"),
            new LdapAttribute("objectCategory", "CN=Person,CN=Schema,CN=Configuration,DC=example,DC=com"),
            new LdapAttribute("mail", "Anna@Example.com"),
            new LdapAttribute("userAccountControl", "514"),
            new LdapAttribute("msExchRecipientTypeDetails", "549755813888"),
            new LdapAttribute("msExchHideFromAddressLists", "TRUE"),
            new LdapAttribute("memberOf", "CN=All Staff,OU=Groups,DC=example,DC=com"),
            new LdapAttribute("extensionAttribute1", "Berlin Office"),
        ]);

    [Theory]
    [InlineData("(mail=anna@example.com)", true)]
    [InlineData("(mail=anna*)", true)]
    [InlineData("(proxyAddresses=*)", false)]
    [InlineData("(!(proxyAddresses=*))", true)]
    [InlineData("(objectClass=user)", true)]
    [InlineData("(objectClass=PERSON)", true)]
    [InlineData("(objectClass=msExchDynamicDistributionList)", false)]
    [InlineData("(objectCategory=person)", true)]
    [InlineData("(objectCategory=user)", true)]
    [InlineData("(objectCategory=group)", false)]
    [InlineData("(objectCategory=cn=person,cn=schema,cn=configuration,dc=example,dc=com)", true)]
    [InlineData("(userAccountControl:1.2.840.113556.1.4.803:=2)", true)]
    [InlineData("(userAccountControl:1.2.840.113556.1.4.803:=16)", false)]
    [InlineData("(msExchRecipientTypeDetails:1.2.840.113556.1.4.804:=549764202496)", true)]
    [InlineData("(msExchRecipientTypeDetails=549755813888)", true)]
    [InlineData("(&(userAccountControl>=514)(userAccountControl<=1000))", true)]
    [InlineData("(userAccountControl>=1000)", false)]
    [InlineData("(msExchHideFromAddressLists=true)", true)]
    [InlineData("(memberOf=cn=all staff, ou=groups, dc=example, dc=com)", true)]
    [InlineData("(extensionAttribute1=*office)", true)]
    [InlineData("(ou:dn:=staff)", true)]
    [InlineData("(memberOf:1.2.840.113556.1.4.1941:=cn=all staff,ou=groups,dc=example,dc=com)", null)]
    public void Filter_is_held_against_an_entry_as_the_directory_would(string filter, bool? expected) =>
        Assert.Equal(expected, EntryFilter.Parse(filter).Evaluate(Anna));

    [Theory]
    [InlineData("(&(mail=*)(memberOf:1.2.840.113556.1.4.1941:=cn=a))", "(memberOf:1.2.840.113556.1.4.1941:=cn=a)")]
    [InlineData("(|(anr=anna)(mail=*))", "(anr=anna)")]
    [InlineData("(:caseExactMatch:=a)", "(:caseExactMatch:=a)")]
    [InlineData("(&(mail=*)(userAccountControl:1.2.840.113556.1.4.803:=2))", null)]
    public void Items_that_only_the_source_can_decide_are_named(string filter, string? item) =>
        Assert.Equal(item, EntryFilter.Undecidable(Filter.Parse(filter))?.ToString());

    [Fact]
    public void Explanation_has_a_verdict_for_each_part_and_names_the_decisive_ones()
    {
        FilterExplanation why = FilterExplanation.Of(Filter.Parse("(&(mail=*)(!(|(msExchRecipientTypeDetails=8192)(msExchRecipientTypeDetails=549755813888)))(x:9.9.9:=1))"), Anna);
        Assert.Equal(
            """
            false  &
              true  (mail=*)
              false  !
                true  |
                  false  (msExchRecipientTypeDetails=8192)
                  true  (msExchRecipientTypeDetails=549755813888)
              undefined  (x:9.9.9:=1)

            """,
            why.Print());
        Assert.All(why.Decisive(), item => Assert.Equal(why.Verdict, item.Verdict));
        Assert.Equal(["(!(msExchRecipientTypeDetails=549755813888))"], why.Decisive().Select(item => item.Text));
    }
}

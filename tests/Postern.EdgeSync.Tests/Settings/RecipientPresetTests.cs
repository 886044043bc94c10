using Postern.EdgeSync.Filters;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Settings;

/// <summary>Each rule of each preset: what becomes of an object that is written <c>attribute=value|attribute=value</c>.</summary>
public sealed class RecipientPresetTests
{
    private static readonly AddressHashKey Key = AddressHashKey.Generate();

    [Theory]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=1", "1")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|proxyAddresses=smtp:b@x.org|mail=c@x.org", "2")]
    [InlineData("objectClass=group|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=256", "1")]
    [InlineData("objectClass=contact|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=64", "1")]
    [InlineData("objectClass=publicFolder|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=4096", "1")]
    [InlineData("objectClass=msExchDynamicDistributionList|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=2048", "1")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|msExchHideFromAddressLists=TRUE", "1")]
    [InlineData("objectClass=user|mail=a@x.org", "filtered")]
    [InlineData("objectClass=msExchExchangeServer|proxyAddresses=SMTP:a@x.org", "filtered")]
    [InlineData("objectClass=user|proxyAddresses=x500:/o=a", "skipped")]
    // Whose account is disabled: people go, rooms and shared mailboxes never logged on.
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514", "skipped")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514|msExchRecipientTypeDetails=1", "skipped")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=66050|msExchRecipientTypeDetails=1", "skipped")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514|msExchRecipientTypeDetails=8", "skipped")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514|msExchRecipientTypeDetails=128", "skipped")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514|msExchRecipientTypeDetails=2097152", "skipped")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514|msExchRecipientTypeDetails=2147483648", "skipped")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514|msExchRecipientTypeDetails=2", "1")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514|msExchRecipientTypeDetails=4", "1")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514|msExchRecipientTypeDetails=16", "1")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514|msExchRecipientTypeDetails=32", "1")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=514|msExchRecipientTypeDetails=34359738368", "1")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|userAccountControl=512|msExchRecipientTypeDetails=1", "1")]
    // Mailboxes that Exchange keeps for itself.
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=8192", "filtered")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=16384", "filtered")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=8388608", "filtered")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=16777216", "filtered")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=536870912", "filtered")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=549755813888", "filtered")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=4398046511104", "filtered")]
    [InlineData("objectClass=user|proxyAddresses=SMTP:a@x.org|msExchRecipientTypeDetails=70368744177664", "filtered")]
    // From inside only.
    [InlineData("objectClass=group|proxyAddresses=SMTP:a@x.org|msExchRequireAuthToSendTo=TRUE", "1 internal")]
    [InlineData("objectClass=group|proxyAddresses=SMTP:a@x.org|msExchRequireAuthToSendTo=FALSE", "1")]
    public void Exchange(string entry, string expected) => Assert.Equal(expected, Outcome("exchange", entry));

    [Theory]
    [InlineData("objectClass=user|mail=a@x.org", "1")]
    [InlineData("objectClass=user|mail=a@x.org|proxyAddresses=smtp:A@x.org|proxyAddresses=smtp:b@x.org", "2")]
    [InlineData("objectClass=group|mail=a@x.org", "1")]
    [InlineData("objectClass=contact|mail=a@x.org", "1")]
    [InlineData("objectClass=user", "filtered")]
    [InlineData("objectClass=organizationalUnit|mail=a@x.org", "filtered")]
    [InlineData("objectClass=user|mail=a@x.org|userAccountControl=514", "skipped")]
    [InlineData("objectClass=user|mail=a@x.org|userAccountControl=512", "1")]
    public void Active_directory(string entry, string expected) => Assert.Equal(expected, Outcome("activeDirectory", entry));

    [Theory]
    [InlineData("objectClass=inetOrgPerson|mail=a@x.org", "1")]
    [InlineData("objectClass=inetOrgPerson|mail=a@x.org|mail=b@x.org|mail= A@x.org ", "2")]
    [InlineData("objectClass=posternMailRecipient|proxyAddresses=SMTP:a@x.org", "1")]
    [InlineData("objectClass=qmailUser|mail=a@x.org|mailAlternateAddress=b@x.org", "2")]
    [InlineData("objectClass=inetLocalMailRecipient|mailLocalAddress=a@x.org|mailRoutingAddress=b@inside.x.org", "1")]
    [InlineData("objectClass=inetLocalMailRecipient|mailRoutingAddress=b@inside.x.org", "filtered")]
    [InlineData("objectClass=inetMailUser|mail=a@x.org|mailEquivalentAddress=b@x.org", "2")]
    [InlineData("objectClass=PostfixBookMailAccount|mail=a@x.org|mailAlias=b@x.org", "2")]
    [InlineData("objectClass=gosaMailAccount|mail=a@x.org|gosaMailAlternateAddress=b@x.org", "2")]
    [InlineData("objectClass=nisMailAlias|cn=staff|rfc822MailMember=a@x.org", "filtered")]
    [InlineData("objectClass=person", "filtered")]
    [InlineData("mail=a@x.org|accountStatus=active", "1")]
    [InlineData("mail=a@x.org|accountStatus=noaccess", "1")]
    [InlineData("mail=a@x.org|accountStatus=disabled", "skipped")]
    [InlineData("mail=a@x.org|accountStatus=Deleted", "skipped")]
    [InlineData("mail=a@x.org|mailUserStatus=active", "1")]
    [InlineData("mail=a@x.org|mailUserStatus=inactive", "1")]
    [InlineData("mail=a@x.org|mailUserStatus=hold", "1")]
    [InlineData("mail=a@x.org|mailUserStatus=overquota", "1")]
    [InlineData("mail=a@x.org|mailUserStatus=disabled", "skipped")]
    [InlineData("mail=a@x.org|mailUserStatus=deleted", "skipped")]
    [InlineData("mail=a@x.org|mailUserStatus=removed", "skipped")]
    [InlineData("mail=a@x.org|inetMailGroupStatus=inactive", "1")]
    [InlineData("mail=a@x.org|inetMailGroupStatus=disabled", "skipped")]
    [InlineData("mail=a@x.org|inetMailGroupStatus=deleted", "skipped")]
    [InlineData("mail=a@x.org|mailEnabled=TRUE", "1")]
    [InlineData("mail=a@x.org|mailEnabled=FALSE", "skipped")]
    public void Openldap(string entry, string expected) => Assert.Equal(expected, Outcome("openldap", entry));

    [Fact]
    public void Filters_of_presets_can_be_decided_by_the_hub() =>
        Assert.All(RecipientPreset.All, preset => Assert.Null(EntryFilter.Undecidable(Filter.Parse(preset.Filter))));

    private static string Outcome(string preset, string entry)
    {
        SourceSettings settings = new() { Name = "a", Type = SourceType.Ldap, Preset = RecipientPreset.Find(preset)! };
        HashSet<string> asked = new(settings.RequestedWithFilter, StringComparer.OrdinalIgnoreCase);
        LdapAttribute[] attributes = [.. entry.Split('|').Select(pair => pair.Split('=', 2)).Where(pair => asked.Contains(pair[0]))
            .GroupBy(pair => pair[0]).Select(group => new LdapAttribute(group.Key, [.. group.Select(pair => pair[1])]))];
        LdapEntry read = new("cn=a,dc=x,dc=org", attributes);
        if (!EntryFilter.Parse(settings.Filter).Matches(read))
        {
            return "filtered";
        }

        using RecipientProjection projection = new(settings, Key);
        return projection.Project(new SourceEntry(default, read)) == ProjectionVerdict.Skipped
            ? "skipped"
            : $"{projection.Claims.Length}{(projection.IsInternalOnly ? " internal" : "")}";
    }
}

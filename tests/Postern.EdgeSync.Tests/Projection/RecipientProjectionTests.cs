using System.Text;
using Postern.EdgeSync.Projection;
using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources;
using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync.Tests.Projection;

public sealed class RecipientProjectionTests : IDisposable
{
    private static readonly AddressHashKey Key = AddressHashKey.FromBytes(new byte[AddressHashKey.KeyBytes]);

    private readonly RecipientProjection _projection = Exchange();

    [Fact]
    public void Everything_that_is_carried_is_in_the_entry_and_nothing_else()
    {
        Assert.Equal(ProjectionVerdict.Projected, Project(
            Texts("proxyAddresses", "SMTP:anna@example.com", "x500:/o=Lab/cn=anna", "smtp:a.berg@example.com", "SIP:anna@example.com"),
            Texts("displayName", "Anna Berg"),
            Texts("msExchRequireAuthToSendTo", "TRUE"),
            Octets("msExchSafeSendersHash", 1, 0, 0, 0, 2, 0, 0, 0),
            Octets("msExchSafeRecipientsHash", 0, 0, 0, 1, 0, 0, 0, 2),
            Octets("msExchBlockedSendersHash", 7, 7, 7, 7),
            Texts("msExchMessageHygieneSCLDeleteThreshold", "-2147483639"),
            Texts("msExchMessageHygieneSCLRejectThreshold", "7"),
            Texts("msExchMessageHygieneFlags", "1")));
        Assert.Equal("", _projection.Reason);
        Assert.Equal(2, _projection.Claims.Length);
        Assert.Equal(
            [
                "posternInternalOnly=54525545", "posternSafeSenders=0100000002000000", "posternSafeRecipients=0000000100000002", "posternBlockedSenders=07070707",
                "posternSclDelete=39", "posternSclReject=3130", "posternSclQuarantine=", "posternAntispamBypass=54525545",
            ],
            Attributes());
    }

    [Fact]
    public void What_an_entry_does_not_say_is_taken_away_from_the_edge()
    {
        Project(Texts("proxyAddresses", "SMTP:anna@example.com"));
        Assert.All(_projection.Attributes(), attribute => Assert.Empty(attribute.Values));
        Assert.Equal(8, _projection.Attributes().Count);
    }

    [Theory]
    [InlineData("msExchRequireAuthToSendTo", "TRUE")]
    [InlineData("msExchMessageHygieneFlags", "1")]
    [InlineData("msExchMessageHygieneSCLDeleteThreshold", "9")]
    [InlineData("msExchMessageHygieneSCLRejectThreshold", "9")]
    [InlineData("msExchMessageHygieneSCLQuarantineThreshold", "9")]
    [InlineData("msExchSafeSendersHash", "aaaa")]
    [InlineData("msExchSafeRecipientsHash", "aaaa")]
    [InlineData("msExchBlockedSendersHash", "aaaa")]
    [InlineData("proxyAddresses", "smtp:another@example.com")]
    public void Digest_covers_each_part(string attribute, string value)
    {
        Project(Texts("proxyAddresses", "SMTP:anna@example.com"));
        UInt128 without = _projection.Digest;
        Project(Texts("proxyAddresses", "SMTP:anna@example.com"), Texts(attribute, value));
        Assert.NotEqual(without, _projection.Digest);
        Project(Texts("proxyAddresses", "ANNA@example.com "), Texts("displayName", "other"));
        Assert.Equal(without, _projection.Digest);
    }

    [Fact]
    public void Same_list_in_another_place_is_another_digest()
    {
        Project(Texts("proxyAddresses", "anna@example.com"), Texts("msExchSafeSendersHash", "aaaa"));
        UInt128 safe = _projection.Digest;
        Project(Texts("proxyAddresses", "anna@example.com"), Texts("msExchBlockedSendersHash", "aaaa"));
        Assert.NotEqual(safe, _projection.Digest);
    }

    [Theory]
    [InlineData("msExchSafeSendersHash", "aaaab", "5 octets")]
    [InlineData("msExchSafeSendersHash", "bbbbaaaa", "not sorted")]
    [InlineData("msExchMessageHygieneSCLDeleteThreshold", "nine", "no spam confidence")]
    [InlineData("msExchMessageHygieneSCLDeleteThreshold", "-2147483638", "no spam confidence")]
    [InlineData("proxyAddresses", "smtp:no-at-sign", "no @")]
    public void What_is_malformed_is_left_out_and_reported(string attribute, string value, string reason)
    {
        Project(Texts("proxyAddresses", "anna@example.com"));
        UInt128 without = _projection.Digest;
        Assert.Equal(ProjectionVerdict.Projected, Project(Texts("proxyAddresses", "anna@example.com"), Texts(attribute, value)));
        Assert.Contains(reason, _projection.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(value, _projection.Reason, StringComparison.Ordinal);
        Assert.Equal(without, _projection.Digest);
    }

    [Fact]
    public void Safelist_above_the_limit_is_left_out_and_one_at_the_limit_is_carried()
    {
        Project(Texts("proxyAddresses", "anna@example.com"), new LdapAttribute("msExchSafeSendersHash", new byte[1024 * 4]));
        Assert.Equal(("", 1024 * 4), (_projection.Reason, _projection.Attributes()[1].Values[0].Length));
        Project(Texts("proxyAddresses", "anna@example.com"), new LdapAttribute("msExchSafeSendersHash", new byte[1025 * 4]));
        Assert.Contains("at most 1024", _projection.Reason, StringComparison.Ordinal);
        Assert.Empty(_projection.Attributes()[1].Values);
    }

    [Fact]
    public void Thresholds_of_other_attributes_are_plain_numbers()
    {
        using RecipientProjection plain = new(
            new SourceSettings { Name = "a", Type = SourceType.OpenLdap, Map = RecipientPreset.OpenLdap.Map with { SclDelete = "spamDelete", SclReject = "spamReject" } }, Key);
        plain.Project(new SourceEntry(default, new LdapEntry("cn=a", [Texts("mail", "a@example.com"), Texts("spamDelete", "9"), Texts("spamReject", "10")])));
        Assert.Equal(["posternSclDelete=39", "posternSclReject=3130"], plain.Attributes().Skip(4).Take(2).Select(Show));
    }

    [Fact]
    public void Disabled_and_excluded_entries_are_skipped_without_a_fault()
    {
        using RecipientProjection projection = new(new SourceSettings { Name = "a", Type = SourceType.ActiveDirectory, ExcludedSubtrees = ["OU=Test,DC=example"] }, Key);
        Assert.Equal((ProjectionVerdict.Skipped, ""), Outcome("cn=a,dc=example", "514"));
        Assert.Equal((ProjectionVerdict.Projected, ""), Outcome("cn=a,dc=example", "512"));
        Assert.Equal((ProjectionVerdict.Skipped, ""), Outcome("cn=a,ou=deeper, ou=test, dc=example", "512"));
        Assert.Equal((ProjectionVerdict.Projected, ""), Outcome("cn=a,ou=untest,dc=example", "512"));

        (ProjectionVerdict, string) Outcome(string dn, string control) =>
            (projection.Project(new SourceEntry(default, new LdapEntry(dn, [Texts("mail", "a@example.com"), Texts("userAccountControl", control)]))), projection.Reason);
    }

    public void Dispose() => _projection.Dispose();

    private static RecipientProjection Exchange() =>
        new(new SourceSettings { Name = "corp", Type = SourceType.ActiveDirectory, Preset = RecipientPreset.Exchange }, Key);

    private ProjectionVerdict Project(params LdapAttribute[] attributes) => _projection.Project(new SourceEntry(default, new LdapEntry("cn=a,dc=example", attributes)));

    private IEnumerable<string> Attributes() => _projection.Attributes().Select(Show);

    private static string Show(LdapAttribute attribute) =>
        $"{attribute.Description}={string.Concat(attribute.Values.Select(value => Convert.ToHexString(value.Span)))}";

    private static LdapAttribute Texts(string description, params string[] values) => new(description, [.. values.Select(value => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(value))]);

    private static LdapAttribute Octets(string description, params byte[] value) => new(description, value);
}

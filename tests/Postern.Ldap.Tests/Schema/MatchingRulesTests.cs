using System.Text;

namespace Postern.Ldap.Tests.Schema;

public class MatchingRulesTests
{
    [Theory]
    [InlineData(MatchingRule.CaseIgnore, "  Foo \t Bar ", "foo bar")]
    [InlineData(MatchingRule.CaseIgnore, "ÄÖÜ\u00a0 x", "äöü x")]
    [InlineData(MatchingRule.CaseIgnore, "a\u00adb\u200bc", "abc")]
    [InlineData(MatchingRule.CaseIgnore, "   ", " ")]
    [InlineData(MatchingRule.CaseIgnore, "\u00a0", " ")]
    [InlineData(MatchingRule.CaseIgnore, "𐐀", "𐐨")]
    [InlineData(MatchingRule.CaseExact, " Foo  Bar", "Foo Bar")]
    [InlineData(MatchingRule.OctetString, " A ", " A ")]
    [InlineData(MatchingRule.None, "", "")]
    [InlineData(MatchingRule.Boolean, "true", "TRUE")]
    [InlineData(MatchingRule.Boolean, "FALSE", "FALSE")]
    [InlineData(MatchingRule.ObjectIdentifier, "inetOrgPerson", "inetorgperson")]
    [InlineData(MatchingRule.ObjectIdentifier, "2.5.6.0", "2.5.6.0")]
    [InlineData(MatchingRule.DistinguishedName, "CN=A , DC=B", "cn=a,dc=b")]
    [InlineData(MatchingRule.GeneralizedTime, "20260131235959Z", "20260131235959.000000000Z")]
    [InlineData(MatchingRule.GeneralizedTime, "202601312359-0130", "20260201012900.000000000Z")]
    [InlineData(MatchingRule.GeneralizedTime, "2026013123.5+01", "20260131223000.000000000Z")]
    [InlineData(MatchingRule.GeneralizedTime, "20260131235960,25Z", "20260201000000.250000000Z")]
    public void Value_has_its_normal_form(MatchingRule rule, string value, string normal)
    {
        Assert.True(MatchingRules.TryNormalize(rule, Encoding.UTF8.GetBytes(value), out byte[] octets));
        Assert.Equal(normal, Encoding.UTF8.GetString(octets));
    }

    [Theory]
    [InlineData(MatchingRule.CaseIgnore, "")]
    [InlineData(MatchingRule.CaseIgnore, "a\ufffdb")]
    [InlineData(MatchingRule.Integer, "")]
    [InlineData(MatchingRule.Integer, "-")]
    [InlineData(MatchingRule.Integer, "+1")]
    [InlineData(MatchingRule.Integer, "1 ")]
    [InlineData(MatchingRule.Boolean, "yes")]
    [InlineData(MatchingRule.Boolean, "")]
    [InlineData(MatchingRule.ObjectIdentifier, "a b")]
    [InlineData(MatchingRule.ObjectIdentifier, " a")]
    [InlineData(MatchingRule.ObjectIdentifier, "a;b")]
    [InlineData(MatchingRule.ObjectIdentifier, "")]
    [InlineData(MatchingRule.Uuid, "597ae2f6-16a6-1027-98f4-d28b5365dc1")]
    [InlineData(MatchingRule.Uuid, "597ae2f6016a6-1027-98f4-d28b5365dc14")]
    [InlineData(MatchingRule.Uuid, "g97ae2f6-16a6-1027-98f4-d28b5365dc14")]
    [InlineData(MatchingRule.DistinguishedName, "x")]
    [InlineData(MatchingRule.GeneralizedTime, "")]
    [InlineData(MatchingRule.GeneralizedTime, "2026")]
    [InlineData(MatchingRule.GeneralizedTime, "20260230000000Z")]
    [InlineData(MatchingRule.GeneralizedTime, "20260131240000Z")]
    [InlineData(MatchingRule.GeneralizedTime, "20260131000000")]
    [InlineData(MatchingRule.GeneralizedTime, "20260131000000.Z")]
    [InlineData(MatchingRule.GeneralizedTime, "20260131000000.1234567890Z")]
    [InlineData(MatchingRule.GeneralizedTime, "20260131000000Z ")]
    [InlineData(MatchingRule.GeneralizedTime, "20260131000000+0160")]
    [InlineData(MatchingRule.GeneralizedTime, "00010101000000+0100")]
    [InlineData(MatchingRule.GeneralizedTime, "99991231235960Z")]
    public void Value_of_another_syntax_has_none(MatchingRule rule, string value) =>
        Assert.False(MatchingRules.TryNormalize(rule, Encoding.UTF8.GetBytes(value), out _));

    [Fact]
    public void Octets_that_are_not_text_have_no_text_form()
    {
        Assert.False(MatchingRules.TryNormalize(MatchingRule.CaseIgnore, [0x61, 0xff], out _));
        Assert.False(MatchingRules.TryNormalize(MatchingRule.DistinguishedName, [0xff], out _));
        Assert.False(MatchingRules.TryNormalize(MatchingRule.ObjectIdentifier, [0xff], out _));
    }

    [Fact]
    public void Integers_keep_their_order_at_any_size()
    {
        string[] ascending = ["-1000000000000000000000", "-11", "-10", "-9", "-1", "0", "1", "9", "10", "11", "99", "1000000000000000000000"];
        byte[][] normals = [.. ascending.Select(Normal)];
        for (int i = 1; i < normals.Length; i++)
        {
            Assert.True(normals[i - 1].AsSpan().SequenceCompareTo(normals[i]) < 0, ascending[i]);
        }

        Assert.Equal(Normal("0"), Normal("-00"));
        Assert.Equal(Normal("7"), Normal("007"));

        static byte[] Normal(string text)
        {
            Assert.True(MatchingRules.TryNormalize(MatchingRule.Integer, Encoding.ASCII.GetBytes(text), out byte[] normal));
            return normal;
        }
    }

    [Fact]
    public void Uuid_is_its_octets_whatever_the_case()
    {
        Assert.True(MatchingRules.TryNormalize(MatchingRule.Uuid, "597AE2f6-16a6-1027-98f4-d28b5365dc14"u8, out byte[] normal));
        Assert.Equal("597ae2f616a6102798f4d28b5365dc14", Convert.ToHexStringLower(normal));
    }

    [Fact]
    public void Text_too_long_for_the_stack_is_prepared_the_same()
    {
        string value = new string('A', 1000) + "  B";
        Assert.True(MatchingRules.TryNormalize(MatchingRule.CaseIgnore, Encoding.UTF8.GetBytes(value), out byte[] normal));
        Assert.Equal(new string('a', 1000) + " b", Encoding.UTF8.GetString(normal));
        Assert.Equal("cn=" + new string('a', 1000) + " b", DistinguishedName.Root.Child("cn", value).Normalized);
    }
}

namespace Postern.Ldap.Tests.Controls;

public sealed class RangeOptionTests
{
    [Theory]
    [InlineData("member;range=0-1499", "member", 0, 1499)]
    [InlineData("proxyAddresses;Range=1500-*", "proxyAddresses", 1500, null)]
    [InlineData("cn;lang-de;range=3-3", "cn;lang-de", 3, 3)]
    [InlineData("cn;range=3-4;binary", "cn;binary", 3, 4)]
    public void Part_of_an_attribute_is_understood(string description, string attribute, int low, int? high)
    {
        Assert.True(RangeOption.TryParse(description, out RangeOption? range));
        Assert.Equal(new RangeOption(attribute, low, high), range);
        Assert.True(RangeOption.TryParse(range.ToString(), out RangeOption? again));
        Assert.Equal(range, again);
    }

    [Theory]
    [InlineData("member")]
    [InlineData("member;binary")]
    [InlineData("member;range=")]
    [InlineData("member;range=1")]
    [InlineData("member;range=*-*")]
    [InlineData("member;range=5-4")]
    [InlineData("member;range=-1-4")]
    [InlineData("member;range=0-99999999999")]
    [InlineData("member;")]
    public void Anything_else_is_no_range(string description) => Assert.False(RangeOption.TryParse(description, out _));
}

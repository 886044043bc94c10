using System.Net;

namespace Postern.Mail.Tests.Transport;

public sealed class AddressRangeTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", "192.0.2.1")]
    [InlineData("192.0.2.0/24", "192.0.2.0", "192.0.2.255")]
    [InlineData("192.0.2.5/32", "192.0.2.5", "192.0.2.5")]
    [InlineData("0.0.0.0/0", "0.0.0.0", "255.255.255.255")]
    [InlineData("192.0.2.1 - 192.0.3.9", "192.0.2.1", "192.0.3.9")]
    [InlineData("2001:DB8::/32", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")]
    public void Range_has_a_first_and_a_last_address(string text, string first, string last)
    {
        Assert.True(AddressRange.TryParse(text, out AddressRange? range, out string? error), error);

        Assert.Equal((IPAddress.Parse(first), IPAddress.Parse(last)), (range.First, range.Last));
        Assert.True(range.Contains(range.First) && range.Contains(range.Last));
    }

    [Theory]
    [InlineData("")]
    [InlineData("192.0.2")]
    [InlineData("192.0.2.256")]
    [InlineData("192.0.2.0/33")]
    [InlineData("192.0.2.0/-1")]
    [InlineData("192.0.2.1/24")]
    [InlineData("2001:db8::/129")]
    [InlineData("192.0.2.9-192.0.2.1")]
    [InlineData("192.0.2.1-2001:db8::1")]
    [InlineData("mail.example.com")]
    public void What_is_no_range_is_refused(string text) => Assert.False(AddressRange.TryParse(text, out _, out _));

    [Fact]
    public void Range_contains_what_is_between_its_ends()
    {
        Assert.True(AddressRange.TryParse("192.0.2.10-192.0.2.20", out AddressRange? range, out _));

        Assert.True(range.Contains(IPAddress.Parse("192.0.2.15")));
        Assert.True(range.Contains(IPAddress.Parse("::ffff:192.0.2.15")));
        Assert.False(range.Contains(IPAddress.Parse("192.0.2.9")));
        Assert.False(range.Contains(IPAddress.Parse("192.0.2.21")));
        Assert.False(range.Contains(IPAddress.Parse("2001:db8::1")));
    }
}

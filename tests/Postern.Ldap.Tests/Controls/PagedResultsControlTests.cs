namespace Postern.Ldap.Tests.Controls;

public class PagedResultsControlTests
{
    [Fact]
    public void Size_and_cookie_come_back()
    {
        LdapControl control = PagedResultsControl.Create(1000, "cookie"u8.ToArray(), critical: true);
        Assert.Equal((LdapOids.PagedResults, true), (control.Oid, control.Critical));
        Assert.Equal("300c020203e80406636f6f6b6965", Convert.ToHexStringLower(control.Value!.Value.Span)); // RFC 2696 section 2
        (int size, ReadOnlyMemory<byte> cookie) = PagedResultsControl.Decode(control);
        Assert.Equal(1000, size);
        Assert.Equal("cookie"u8.ToArray(), cookie.ToArray());
        Assert.True(PagedResultsControl.Decode(PagedResultsControl.Create(0, default, critical: false)).Cookie.IsEmpty);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("3000")]
    [InlineData("3003020101")]
    [InlineData("30050201ff0400")]
    [InlineData("3005020101040000")]
    [InlineData("30060201010401")]
    public void Value_that_is_none_is_refused(string? hex) => Assert.Throws<LdapProtocolException>(() => PagedResultsControl.Decode(
        new LdapControl(LdapOids.PagedResults, false, hex is null ? (ReadOnlyMemory<byte>?)null : Convert.FromHexString(hex))));

    [Fact]
    public void Another_control_is_a_mistake_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => PagedResultsControl.Decode(new LdapControl("1.2", false, null)));
}

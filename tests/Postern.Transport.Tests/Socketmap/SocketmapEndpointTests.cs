namespace Postern.Transport.Tests.Socketmap;

public class SocketmapEndpointTests
{
    [Theory]
    [InlineData("127.0.0.1:8024")]
    [InlineData("[::1]:8024")]
    [InlineData("0.0.0.0:0")]
    [InlineData("unix:/var/lib/postern/socketmap.sock")]
    [InlineData("unix:relative.sock")]
    public void Endpoint_is_read_and_printed(string text) => Assert.Equal(text, SocketmapEndpoint.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("8024")]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("localhost:8024")]
    [InlineData("::1:8024")]
    [InlineData("unix:")]
    public void Bad_endpoint_is_refused_by_name(string text) =>
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => SocketmapEndpoint.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Path_of_the_limit_is_taken_and_one_octet_more_refused()
    {
        Assert.NotNull(SocketmapEndpoint.Parse("unix:/" + new string('p', 102)).Path);
        Assert.Contains("103", Assert.Throws<FormatException>(() => SocketmapEndpoint.Parse("unix:/" + new string('p', 103))).Message, StringComparison.Ordinal);
    }
}

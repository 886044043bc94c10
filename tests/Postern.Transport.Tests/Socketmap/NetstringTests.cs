using System.Buffers;
using System.Text;

namespace Postern.Transport.Tests.Socketmap;

public class NetstringTests
{
    private const int Limit = 20;

    private static NetstringStatus Read(string input, out string content, out int consumed)
    {
        byte[] octets = Encoding.ASCII.GetBytes(input);
        NetstringStatus status = Netstring.TryRead(octets, Limit, out Range range, out consumed);
        content = Encoding.ASCII.GetString(octets[range]);
        return status;
    }

    [Theory]
    [InlineData("5:hello,", "hello", 8)]
    [InlineData("0:,", "", 3)]
    [InlineData("5:hello,5:world,", "hello", 8)]
    [InlineData("20:01234567890123456789,", "01234567890123456789", 24)]
    public void Netstring_is_read(string input, string content, int consumed)
    {
        Assert.Equal(NetstringStatus.Complete, Read(input, out string read, out int used));
        Assert.Equal(content, read);
        Assert.Equal(consumed, used);
    }

    [Fact]
    public void Every_truncation_is_incomplete()
    {
        const string whole = "20:01234567890123456789,";
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.Equal(NetstringStatus.Incomplete, Read(whole[..length], out _, out _));
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData(":")]
    [InlineData("-1:")]
    [InlineData(" 5:hello,")]
    [InlineData("05:hello,")]
    [InlineData("00:,")]
    [InlineData("5;hello,")]
    [InlineData("5:hello;")]
    [InlineData("5:hellos,")]
    [InlineData("GET / HTTP/1.0\r\n")]
    public void Garbage_is_invalid_as_soon_as_it_can_be_seen(string input) => Assert.Equal(NetstringStatus.Invalid, Read(input, out _, out _));

    [Theory]
    [InlineData("21")]
    [InlineData("21:")]
    [InlineData("100000:")]
    [InlineData("9999999999:")]
    [InlineData("99999999999999999999999999999999")]
    public void Netstring_above_the_limit_is_refused_before_its_content(string input) => Assert.Equal(NetstringStatus.TooLong, Read(input, out _, out _));

    [Fact]
    public void Written_netstring_counts_octets()
    {
        ArrayBufferWriter<byte> output = new();

        Netstring.Write("OK é", output);

        Assert.Equal("5:OK é,", Encoding.UTF8.GetString(output.WrittenSpan));
    }
}

using System.Security.Cryptography;
using System.Text;

namespace Postern.Mail.Tests.Addresses;

public class AddressHasherTests
{
    private static readonly AddressHashKey Key = AddressHashKey.FromBytes([.. Enumerable.Range(0, AddressHashKey.KeyBytes).Select(i => (byte)i)]);

    [Theory]
    [InlineData("anna.berg@example.com")]
    [InlineData("jörg@xn--bcher-kva.example")]
    public void Hash_is_HMAC_SHA256_of_the_UTF8_octets(string address)
    {
        using AddressHasher hasher = new(Key);
        byte[] expected = HMACSHA256.HashData(Key.ToBytes(), Encoding.UTF8.GetBytes(address));

        Assert.Equal(expected, hasher.Hash(address));
        Assert.Equal(expected, hasher.Hash(address));
        Assert.Equal(expected, AddressHasher.HashOnce(Key, address));
        Assert.Equal(AddressHasher.HashBytes, expected.Length);
    }

    [Fact]
    public void Hash_under_another_key_is_another()
    {
        using AddressHasher one = new(Key);
        using AddressHasher other = new(AddressHashKey.Generate());

        Assert.NotEqual(one.Hash("anna@example.com"), other.Hash("anna@example.com"));
    }

    [Fact]
    public void Hash_takes_the_longest_address_and_refuses_a_longer_text()
    {
        using AddressHasher hasher = new(Key);

        Assert.Equal(AddressHasher.HashBytes, hasher.Hash(new string('a', MailAddress.MaxOctets)).Length);
        Assert.Throws<ArgumentException>(() => hasher.Hash(new string('a', MailAddress.MaxOctets + 1)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void Key_has_exactly_32_octets(int length) => Assert.Throws<ArgumentException>(() => AddressHashKey.FromBytes(new byte[length]));

    [Fact]
    public void Key_shows_itself_to_nobody()
    {
        Assert.DoesNotContain(Convert.ToHexString(Key.ToBytes())[..8], Key.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Convert.ToBase64String(Key.ToBytes())[..8], Key.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Key_hands_out_copies()
    {
        byte[] octets = Key.ToBytes();
        octets[0] ^= 0xFF;

        Assert.NotEqual(octets, Key.ToBytes());
        Assert.NotEqual(AddressHashKey.Generate().ToBytes(), AddressHashKey.Generate().ToBytes());
    }
}

using System.Text;

namespace Postern.Mail.Tests.Addresses;

public sealed class SubaddressTests
{
    [Theory]
    [InlineData("anna+list@example.com", "+", "anna@example.com")]
    [InlineData("anna+a+b@example.com", "+", "anna@example.com")]
    [InlineData("anna-a+b@example.com", "+-", "anna@example.com")]
    [InlineData("anna+@example.com", "+", "anna@example.com")]
    [InlineData("anna.+x@example.com", "+", "\"anna.\"@example.com")]
    [InlineData("\"anna berg+x\"@example.com", "+", "\"anna berg\"@example.com")]
    [InlineData("\"anna+two words\"@example.com", "+", "anna@example.com")]
    [InlineData("\"a@b+c\"@example.com", "+", "\"a@b\"@example.com")]
    [InlineData("jörg+x@example.com", "+", "jörg@example.com")]
    [InlineData("anna@example.com", "+", null)]
    [InlineData("+list@example.com", "+", null)]
    [InlineData("anna-list@example.com", "+", null)]
    public void Detail_is_taken_off(string address, string delimiters, string? mailbox)
    {
        Assert.True(MailAddress.TryNormalize(address, out string normalized, out _));
        Assert.Equal(mailbox is not null, Subaddress.TryStrip(normalized, delimiters, out string stripped));
        Assert.Equal(mailbox ?? "", stripped);
    }

    [Theory]
    [InlineData("+", true)]
    [InlineData("+-=_", true)]
    [InlineData("", false)]
    [InlineData("+-=_#", false)]
    [InlineData("a", false)]
    [InlineData("@", false)]
    [InlineData(".", false)]
    [InlineData(" ", false)]
    [InlineData("é", false)]
    public void Delimiters_are_signs_that_need_no_quotes(string delimiters, bool good)
    {
        Assert.Equal(good, Subaddress.IsDelimiter(delimiters, out string? error));
        Assert.Equal(good, error is null);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Normal_form_is_its_own_normal_form_and_so_is_the_mailbox_of_an_address(int seed)
    {
        Random random = new(seed);
        string[] pieces = ["a", "B", "ß", "İ", "o\u0308", "+", "+", "-", ".", "\"", "\\", " ", "@", "smtp:", "SMTP:", "漢", "😀", "example", ".com", "Bücher", "x500:"];
        int valid = 0;
        for (int i = 0; i < 20_000; i++)
        {
            StringBuilder text = new();
            for (int n = random.Next(1, 7); n > 0; n--)
            {
                text.Append(pieces[random.Next(pieces.Length)]);
            }

            string written = random.Next(3) == 0 ? $"\"{text}\"@Example.com" : $" {text}@example.COM ";
            if (!MailAddress.TryNormalize(written, out string normalized, out _))
            {
                continue;
            }

            valid++;
            AssertNormal(normalized, written);
            if (Subaddress.TryStrip(normalized, "+", out string mailbox))
            {
                AssertNormal(mailbox, written);
                Assert.True(mailbox.Length < normalized.Length + 2, written);
                Assert.False(Subaddress.TryStrip(mailbox, "+", out _), written);
            }
        }

        Assert.True(valid > 2_000, $"only {valid} were addresses");
    }

    private static void AssertNormal(string address, string written)
    {
        Assert.True(MailAddress.TryNormalize(address, out string again, out string? error), $"{written}: {error}");
        Assert.True(address == again, $"{written}: {address} became {again}");
    }
}

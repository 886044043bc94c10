namespace Postern.Certificates.Tests.Local;

public sealed class MailServicesTextTests
{
    [Theory]
    [InlineData("smtp", MailServices.Smtp)]
    [InlineData("SMTP, imap,POP", MailServices.Smtp | MailServices.Imap | MailServices.Pop)]
    [InlineData("iis", MailServices.Https)]
    [InlineData("ldaps edgesync", MailServices.Ldaps | MailServices.EdgeSync)]
    public void Words_are_read_in_any_case_and_order(string text, MailServices expected)
    {
        Assert.True(MailServicesText.TryParse(text, out MailServices services, out _));
        Assert.Equal(expected, services);
    }

    [Theory]
    [InlineData("")]
    [InlineData("um")]
    [InlineData("auth")]
    [InlineData("smtp,fax")]
    public void What_is_no_service_is_refused_with_those_that_are(string text)
    {
        Assert.False(MailServicesText.TryParse(text, out _, out string? error));
        Assert.Contains("smtp", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Mask_and_words_say_the_same()
    {
        Assert.Equal("I..S...", MailServicesText.Mask(MailServices.Imap | MailServices.Smtp));
        Assert.Equal(["imap", "smtp"], MailServicesText.ToWords(MailServices.Imap | MailServices.Smtp));
    }
}

namespace Postern.Mail.Tests.Addresses;

public class UnicodeTextTests
{
    [Theory]
    [InlineData("ÄÖÜ", "äöü")]
    [InlineData("A\u0308", "ä")]
    [InlineData("I\u0307", "\u0130")]
    public void Folding_gives_composed_lower_case(string text, string expected) => Assert.Equal(expected, UnicodeText.FoldedNfc(text));
}

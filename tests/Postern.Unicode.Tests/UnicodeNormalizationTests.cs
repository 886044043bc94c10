namespace Postern.Unicode.Tests;

public class UnicodeNormalizationTests
{
    // From NormalizationTest.txt of Unicode 14.0.0: column 1 and column 2. The whole of Unicode was compared with CPython's unicodedata
    // when the table was made.
    [Theory]
    [InlineData("\u1E0A", "\u1E0A")]
    [InlineData("D\u0307", "\u1E0A")]
    [InlineData("\u1E0C\u0307", "\u1E0C\u0307")]
    [InlineData("D\u0307\u0323", "\u1E0C\u0307")]
    [InlineData("\u1E0A\u0323", "\u1E0C\u0307")]
    [InlineData("\u212B", "\u00C5")]
    [InlineData("\u0344", "\u0308\u0301")]
    [InlineData("\u0958", "\u0915\u093C")]
    [InlineData("\uFB1F", "\u05F2\u05B7")]
    [InlineData("\u1100\u1161\u11A8", "\uAC01")]
    [InlineData("\uAC00\u11A8", "\uAC01")]
    [InlineData("\uAC00\u11A7", "\uAC00\u11A7")]
    [InlineData("\uD834\uDD5E", "\uD834\uDD57\uD834\uDD65")]
    [InlineData("\u0061\u05AE\u0300\u0315\u0062", "\u00E0\u05AE\u0315\u0062")]
    [InlineData("\u09C7\u0334\u09BE", "\u09C7\u0334\u09BE")]
    [InlineData("plain", "plain")]
    public void Text_has_the_form_that_the_standard_says(string text, string expected) => Assert.Equal(expected, UnicodeNormalization.C(text));
}

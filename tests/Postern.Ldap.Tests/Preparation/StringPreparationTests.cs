using System.Globalization;
using System.Text;

namespace Postern.Ldap.Tests.Preparation;

[Trait("RFC", "4518")]
public class StringPreparationTests
{
    public static string VectorsFile => Path.Combine(AppContext.BaseDirectory, "Preparation", "vectors.txt");

    [Fact]
    public void Vectors_of_another_implementation_are_met()
    {
        int seen = 0;
        foreach (string line in File.ReadLines(VectorsFile).Where(l => !l.StartsWith('#')))
        {
            string[] fields = [.. line.Split(';').Select(Text)];
            Assert.True(StringPreparation.TryPrepare(Encoding.UTF8.GetBytes(fields[0]), ignoreCase: true, out byte[] folded), line);
            Assert.True(StringPreparation.TryPrepare(Encoding.UTF8.GetBytes(fields[0]), ignoreCase: false, out byte[] exact), line);
            Assert.Equal((fields[1], fields[2], line), (Encoding.UTF8.GetString(folded), Encoding.UTF8.GetString(exact), line));
            Assert.Equal(fields[1], StringPreparation.Prepare(fields[0], ignoreCase: true));
            seen++;
        }

        Assert.Equal(1000, seen);
    }

    [Theory]
    [InlineData("Stra\u00dfe", "strasse")] // full case folding
    [InlineData("\ufb01n", "fin")] // ligature
    [InlineData("\uff21\uff22", "ab")] // full width
    [InlineData("e\u0301", "\u00e9")] // composed
    [InlineData("\u1e9b\u0323", "\u1e69")] // UAX #15's example
    [InlineData("\u212b", "\u00e5")] // angstrom sign
    [InlineData("\u1100\u1161\u11a8", "\uac01")] // Hangul
    [InlineData("\u0130", "i\u0307")]
    [InlineData("a\u3000\u2028b", "a b")]
    [InlineData("a\u00ad\u200d\ufe0fb", "ab")]
    [InlineData("\u03a3\u03c2", "\u03c3\u03c3")] // both small sigmas
    [InlineData("\u2460", "1")]
    public void Texts_that_people_take_for_equal_are(string text, string expected) =>
        Assert.Equal(expected, StringPreparation.Prepare(text, ignoreCase: true));

    [Theory]
    [InlineData("\ufffd")]
    [InlineData("a\ue000")] // private use
    [InlineData("\uffff")] // no character
    [InlineData("\U000e0080x")] // unassigned
    public void Prohibited_characters_are_refused(string text) =>
        Assert.False(StringPreparation.TryPrepare(Encoding.UTF8.GetBytes(text), ignoreCase: true, out _));

    [Fact]
    public void Preparing_twice_changes_nothing()
    {
        Random random = new(4518);
        for (int i = 0; i < 2000; i++)
        {
            StringBuilder text = new();
            for (int k = random.Next(8); k >= 0; k--)
            {
                int point = random.Next(0x20, 0x3000);
                text.Append(Rune.IsValid(point) ? new Rune(point).ToString() : "x");
            }

            string once = StringPreparation.Prepare(text.ToString(), ignoreCase: true);
            Assert.Equal(once, StringPreparation.Prepare(once, ignoreCase: true));
        }
    }

    [Fact]
    public void Long_run_of_marks_is_ordered_in_time()
    {
        string marks = string.Concat(Enumerable.Range(0, 100_000).Select(i => i % 2 == 0 ? '\u0301' : '\u0323'));
        string prepared = StringPreparation.Prepare($"a{marks}", ignoreCase: true);
        Assert.Equal("\u1ea1\u0323", prepared[..2]);
        Assert.Equal(100_000, prepared.Length);
    }

    private static string Text(string points) =>
        string.Concat(points.Split(' ').Select(p => new Rune(int.Parse(p, NumberStyles.HexNumber, CultureInfo.InvariantCulture)).ToString()));
}

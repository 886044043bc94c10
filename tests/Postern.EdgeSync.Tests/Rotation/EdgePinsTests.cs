using Postern.EdgeSync.Rotation;

namespace Postern.EdgeSync.Tests.Rotation;

public sealed class EdgePinsTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Week = TimeSpan.FromDays(7);

    private static readonly ReadOnlyMemory<byte> A = new byte[] { 1 };
    private static readonly ReadOnlyMemory<byte> B = new byte[] { 2 };
    private static readonly ReadOnlyMemory<byte> C = new byte[] { 3 };
    private static readonly ReadOnlyMemory<byte> None = Array.Empty<byte>();

    private static string Text(EdgePins pins) => $"{Letter(pins.Current)}{Letter(pins.Next)}{Letter(pins.Previous)}";

    private static string Letter(ReadOnlyMemory<byte> one) => one.IsEmpty ? "-" : ((char)('@' + one.Span[0])).ToString();

    private static ReadOnlyMemory<byte> Of(char letter) => letter switch { 'A' => A, 'B' => B, 'C' => C, _ => None };

    private static EdgePins Pins(string text, DateTimeOffset? since = null) => new(Of(text[0]), Of(text[1]), Of(text[2]), since);

    /// <summary>Before, shown, announced (current and next), after.</summary>
    [Theory]
    [InlineData("A--", 'A', "A-", "A--")]
    [InlineData("A--", 'A', "AB", "AB-")] // announced
    [InlineData("AB-", 'A', "AB", "AB-")]
    [InlineData("AB-", 'A', "AC", "AC-")] // another one instead
    [InlineData("AB-", 'A', "A-", "A--")] // taken back
    [InlineData("AB-", 'B', "B-", "B-A")] // changed over
    [InlineData("AB-", 'B', "BC", "BCA")] // and announced another one at once
    [InlineData("AB-", 'B', "AB", "B-A")] // changed over, not yet said
    [InlineData("AB-", 'A', "B-", "AB-")] // changed over after the handshake
    [InlineData("B-A", 'B', "BC", "BCA")]
    [InlineData("BCA", 'C', "C-", "C-B")]
    [InlineData("A--", 'A', "AA", "A--")]
    [InlineData("A--", 'C', "CB", "A--")] // nobody we know
    public void Pins_follow_what_the_edge_shows_and_says(string before, char shown, string said, string after) => Assert.Equal(
        after, Text(Pins(before, Now).After(Of(shown), new EdgeAnnouncement(Of(said[0]), Of(said[1])), Now, Week)));

    [Fact]
    public void Edge_that_says_nothing_changes_nothing()
    {
        Assert.Equal("AB-", Text(Pins("AB-").After(A, announced: null, Now, Week)));
        Assert.Equal("A--", Text(Pins("A--").After(A, announced: null, Now, Week)));
    }

    [Fact]
    public void Previous_pin_stays_a_week_and_goes_in_a_session_with_the_current_one()
    {
        EdgePins pins = Pins("AB-").After(B, new EdgeAnnouncement(B, None), Now, Week);
        Assert.Equal(("B-A", Now), (Text(pins), pins.Since));
        Assert.Equal("B-A", Text(pins.After(B, null, Now + Week - TimeSpan.FromTicks(1), Week)));
        Assert.Equal("B--", Text(pins.After(B, null, Now + Week, Week)));
    }

    [Fact]
    public void Edge_that_was_set_back_stays_trusted_for_a_while_and_may_announce_nothing()
    {
        EdgePins pins = Pins("B-A", Now);
        Assert.Same(pins, pins.After(A, new EdgeAnnouncement(A, C), Now + Week, Week));
        Assert.Same(pins, pins.After(A, new EdgeAnnouncement(A, C), Now + (Week * 4) - TimeSpan.FromTicks(1), Week));
        Assert.Equal("B--", Text(pins.After(A, new EdgeAnnouncement(A, C), Now + (Week * 4), Week))); // whatever it shows, however often
    }

    [Fact]
    public void Credentials_are_sealed_for_the_certificate_that_will_last()
    {
        Assert.Equal(A, Pins("A--").Sealing);
        Assert.Equal(B, Pins("AB-").Sealing);
        Assert.Equal(B, Pins("B-A").Sealing);
        Assert.Equal(3, Pins("BCA").All.Count);
        Assert.True(Pins("BCA").Trusts(C));
        Assert.False(Pins("AB-").Trusts(C));
    }
}

using Postern.Certificates;

namespace Postern.EdgeSync.Rotation;

/// <summary>
/// The certificates that hubs take for an edge's, as the organization directory has them. A hub that sees more of the edge brings them up to
/// date: only in a session that one of them authenticated, and by what the edge itself says there.
/// </summary>
/// <param name="Current">DER.</param>
/// <param name="Next">DER; trusted already, and what credentials are sealed for. Empty: none is announced.</param>
/// <param name="Previous">DER; trusted for a while. Empty: none.</param>
/// <param name="Since">When the current one took the place of the previous one.</param>
internal sealed record EdgePins(ReadOnlyMemory<byte> Current, ReadOnlyMemory<byte> Next, ReadOnlyMemory<byte> Previous, DateTimeOffset? Since)
{
    /// <summary>In the order in which they are likely.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> All => [.. new[] { Current, Next, Previous }.Where(one => !one.IsEmpty)];

    /// <summary>What credentials for the edge are sealed for: it has the keys of both, but only the next one will last.</summary>
    public ReadOnlyMemory<byte> Sealing => Next.IsEmpty ? Current : Next;

    /// <summary>The pins after a session.</summary>
    /// <param name="shown">What the edge showed in the handshake: one of these.</param>
    /// <param name="announced">What it says of itself in that session; null: nothing, as an edge of an earlier version.</param>
    /// <param name="previousStays">For so long after a change the previous one stays.</param>
    public EdgePins After(ReadOnlyMemory<byte> shown, EdgeAnnouncement? announced, DateTimeOffset now, TimeSpan previousStays)
    {
        if (Same(shown, Previous) && !Same(shown, Current))
        {
            // It was set back to a backup, or somebody else has the key of what it has put away. What it showed stays good for a while, but it
            // cannot say what is good instead, nor how long: an old key would be good for ever.
            return now - Since >= previousStays * CertificateTimetable.ShownStays ? this with { Previous = default } : this;
        }

        EdgePins pins = this;
        if (Same(shown, Next) && !Same(shown, Current))
        {
            pins = new EdgePins(Next, default, Current, now);
        }
        else if (!Same(shown, Current))
        {
            return this;
        }

        // It may have changed over between the handshake and the question: then the next look sees both.
        if (announced is { } said && Same(said.Current, shown) && !Same(said.Next, pins.Next))
        {
            pins = pins with { Next = Same(said.Next, pins.Current) ? default : said.Next };
        }

        return !pins.Previous.IsEmpty && now - pins.Since >= previousStays ? pins with { Previous = default, Since = pins.Since } : pins;
    }

    public bool IsSame(EdgePins other) => Same(Current, other.Current) && Same(Next, other.Next) && Same(Previous, other.Previous) && Since == other.Since;

    public bool Trusts(ReadOnlyMemory<byte> certificate) => All.Any(one => Same(one, certificate));

    public override string ToString() => string.Join(", ", All.Select(one => CertificatePin.Of(one.Span)));

    private static bool Same(ReadOnlyMemory<byte> one, ReadOnlyMemory<byte> other) => one.Span.SequenceEqual(other.Span);
}

/// <summary>What an edge says of its own certificates (cn=subscription,o=edge).</summary>
/// <param name="Current">DER.</param>
/// <param name="Next">DER; empty: none.</param>
internal sealed record EdgeAnnouncement(ReadOnlyMemory<byte> Current, ReadOnlyMemory<byte> Next);

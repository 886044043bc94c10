namespace Postern.EdgeSync.Auth;

/// <summary>The auth certificates of an organization (fact sheet 8.1): one signs, one will, one did. DER; empty: there is none.</summary>
/// <param name="Issuer">Of the tokens: a URN that no other organization has.</param>
/// <param name="Effective">When the next one becomes the current one; null: there is no next one.</param>
/// <param name="Changed">When the current one became that.</param>
public sealed record AuthConfiguration(
    string Issuer, ReadOnlyMemory<byte> Current, ReadOnlyMemory<byte> Next, ReadOnlyMemory<byte> Previous, DateTimeOffset? Effective, DateTimeOffset? Changed)
{
    /// <summary>Whose signatures count now: the next one's from its time on, also where no hub has rolled it yet.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Trusted(DateTimeOffset now) =>
        [.. new[] { Current, Previous, IsDue(now) ? Next : default }.Where(one => !one.IsEmpty)];

    public bool IsDue(DateTimeOffset now) => !Next.IsEmpty && now >= Effective;

    /// <summary>The next one in the place of the current one, which is trusted still: tokens that it signed are out.</summary>
    public AuthConfiguration Rolled(DateTimeOffset now) => this with { Current = Next, Next = default, Previous = Current, Effective = null, Changed = now };
}

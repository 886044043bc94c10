namespace Postern.Ldap.Tests.Generation;

/// <summary>Makes arbitrary contents of controls and of extended values.</summary>
internal static class Words
{
    public static ReadOnlyMemory<byte>? Optional(this Generator generator)
    {
        // Not a conditional expression: its null would become an empty memory.
        if (generator.Coin())
        {
            return null;
        }

        return generator.Octets();
    }

    public static string? OptionalText(this Generator generator) => generator.Coin() ? generator.Text() : null;

    public static SortKey SortKey(this Generator generator) => new(generator.Description(), generator.Coin() ? "2.5.13.3" : null, generator.Coin());

    public static Filter SimpleItem(this Generator generator)
    {
        Filter filter = generator.Filter(depth: 1);
        return filter is ExtensibleFilter extensible ? extensible with { DnAttributes = false } : filter;
    }

    public static List<T> Some<T>(this Generator generator, int max, Func<T> make) => [make(), .. generator.Many(max - 1, make)];

    public static Guid Uuid(this Generator generator)
    {
        byte[] octets = new byte[16];
        for (int i = 0; i < octets.Length; i++)
        {
            octets[i] = (byte)generator.Number(256);
        }

        return new Guid(octets, bigEndian: true);
    }

    public static SyncRequest SyncRequest(this Generator generator) =>
        new(generator.Pick(Enum.GetValues<SyncMode>()), generator.Optional(), generator.Coin());

    public static SyncState SyncState(this Generator generator) =>
        new(generator.Pick(Enum.GetValues<SyncEntryState>()), generator.Uuid(), generator.Optional());

    public static SyncInfo SyncInfo(this Generator generator) => generator.Number(4) switch
    {
        0 => new SyncNewCookie(generator.Octets()),
        1 => new SyncRefreshDelete(generator.Optional(), generator.Coin()),
        2 => new SyncRefreshPresent(generator.Optional(), generator.Coin()),
        _ => new SyncIdSet(generator.Optional(), generator.Coin(), [.. generator.Many(5, generator.Uuid).Order(Comparer<Guid>.Create(BigEndian))]),
    };

    public static LdapControl Control(this Generator generator) => new("1.2." + generator.Number(1000), generator.Coin(), generator.Optional());

    public static TransactionOutcome TransactionOutcome(this Generator generator) => new(
        generator.Coin() ? generator.Number(int.MaxValue) : null,
        generator.Many(3, () => (generator.Number(int.MaxValue), (IReadOnlyList<LdapControl>)generator.Many(2, generator.Control))));

    // A SET OF is written in the order of its octets.
    private static int BigEndian(Guid x, Guid y) => x.ToByteArray(bigEndian: true).AsSpan().SequenceCompareTo(y.ToByteArray(bigEndian: true));
}

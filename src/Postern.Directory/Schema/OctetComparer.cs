namespace Postern.Directory;

/// <summary>Compares values by their octets.</summary>
internal sealed class OctetComparer : IEqualityComparer<ReadOnlyMemory<byte>>
{
    public static OctetComparer Instance { get; } = new();

    public bool Equals(ReadOnlyMemory<byte> x, ReadOnlyMemory<byte> y) => x.Span.SequenceEqual(y.Span);

    public int GetHashCode(ReadOnlyMemory<byte> value)
    {
        HashCode hash = default;
        hash.AddBytes(value.Span);
        return hash.ToHashCode();
    }
}

using System.Buffers.Binary;

namespace Postern.EdgeSync.Projection;

/// <summary>One keyed hash of 32 octets as a value: compares as its octets do.</summary>
internal readonly record struct AddressHash(UInt128 High, UInt128 Low) : IComparable<AddressHash>
{
    public static AddressHash FromBytes(ReadOnlySpan<byte> octets) =>
        new(BinaryPrimitives.ReadUInt128BigEndian(octets), BinaryPrimitives.ReadUInt128BigEndian(octets[16..]));

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt128BigEndian(destination, High);
        BinaryPrimitives.WriteUInt128BigEndian(destination[16..], Low);
    }

    public int CompareTo(AddressHash other)
    {
        int high = High.CompareTo(other.High);
        return high != 0 ? high : Low.CompareTo(other.Low);
    }
}

/// <summary>
/// What has been claimed in one cycle: a set of 16-octet values that are uniformly distributed (halves of hashes), so that they are their
/// own hash codes. 16 octets per slot, at most three quarters full: a million recipients with 2.7 addresses take 64 MiB.
/// </summary>
internal sealed class ClaimSet
{
    private UInt128[] _slots = new UInt128[InitialSlots];
    private bool _hasZero;

    private const int InitialSlots = 1024;

    public int Count { get; private set; }

    /// <returns>False when the value was claimed before.</returns>
    public bool Add(UInt128 value)
    {
        if (value == UInt128.Zero)
        {
            // Zero marks a free slot.
            bool first = !_hasZero;
            _hasZero = true;
            return first;
        }

        if (Count >= _slots.Length / 4 * 3)
        {
            Grow();
        }

        if (!Insert(_slots, value))
        {
            return false;
        }

        Count++;
        return true;
    }

    private static bool Insert(UInt128[] slots, UInt128 value)
    {
        int mask = slots.Length - 1;
        for (int i = (int)(ulong)value & mask; ; i = (i + 1) & mask)
        {
            if (slots[i] == value)
            {
                return false;
            }

            if (slots[i] == UInt128.Zero)
            {
                slots[i] = value;
                return true;
            }
        }
    }

    private void Grow()
    {
        UInt128[] larger = new UInt128[_slots.Length * 2];
        foreach (UInt128 value in _slots)
        {
            if (value != UInt128.Zero)
            {
                Insert(larger, value);
            }
        }

        _slots = larger;
    }
}

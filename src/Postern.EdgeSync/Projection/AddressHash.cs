using System.Buffers.Binary;
using Postern.Mail;

namespace Postern.EdgeSync.Projection;

/// <summary>One keyed hash of 32 octets as a value: compares as its octets do.</summary>
internal readonly record struct AddressHash(UInt128 High, UInt128 Low) : IComparable<AddressHash>
{
    public const int Bytes = AddressHasher.HashBytes;

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

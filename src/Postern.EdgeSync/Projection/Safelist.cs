using System.Buffers.Binary;

namespace Postern.EdgeSync.Projection;

/// <summary>A list of senders as Exchange keeps it in the directory: hashes of four octets, one after the other, sorted (fact sheet 5.1).
/// Carried as it is; the hashes cannot be turned back.</summary>
internal static class Safelist
{
    /// <summary>Of one hash.</summary>
    public const int HashBytes = 4;

    /// <returns>Null, or what is wrong with it.</returns>
    public static string? Check(ReadOnlySpan<byte> list, int maxEntries)
    {
        if (list.Length % HashBytes != 0)
        {
            return $"{list.Length} octets are no hashes of {HashBytes}";
        }

        if (list.Length / HashBytes > maxEntries)
        {
            return $"{list.Length / HashBytes} entries; at most {maxEntries} are carried (maxSafelistEntries)";
        }

        // Which octet of a hash counts most is not documented, so either order will do.
        return IsSorted(list, littleEndian: true) || IsSorted(list, littleEndian: false) ? null : "its hashes are not sorted";
    }

    private static bool IsSorted(ReadOnlySpan<byte> list, bool littleEndian)
    {
        uint last = 0;
        for (int i = 0; i < list.Length; i += HashBytes)
        {
            uint hash = littleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(list[i..]) : BinaryPrimitives.ReadUInt32BigEndian(list[i..]);
            if (hash < last)
            {
                return false;
            }

            last = hash;
        }

        return true;
    }
}

using System.Buffers.Binary;
using System.Text;

namespace Postern.Directory.Storage;

/// <summary>
/// The hash inside index keys. Part of the file's format: never change it without a migration. It spreads, it does not protect: every hit is
/// compared with the entry itself, so that a collision costs a look and nothing else.
/// </summary>
internal static class KeyHash
{
    /// <summary>Bits of the hash in a key; the attribute's number stands above them.</summary>
    public const int Bits = 48;

    private const ulong Prime1 = 0x9E3779B97F4A7C15;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private const long Mask = (1L << Bits) - 1;

    public static long Of(ReadOnlySpan<byte> value, long seed = 0)
    {
        ulong hash = unchecked((ulong)seed * Prime2) ^ ((ulong)value.Length * Prime1);
        while (value.Length >= sizeof(ulong))
        {
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(value));
            value = value[sizeof(ulong)..];
        }

        if (value.Length > 0)
        {
            Span<byte> rest = stackalloc byte[sizeof(ulong)];
            rest.Clear();
            value.CopyTo(rest);
            hash = Fold(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest));
        }

        return (long)Fold(hash ^ Prime2) & Mask;
    }

    public static long Of(string value, long seed)
    {
        const int StackBytes = 512;
        int max = Encoding.UTF8.GetMaxByteCount(value.Length);
        Span<byte> buffer = max <= StackBytes ? stackalloc byte[StackBytes] : new byte[max];
        return Of(buffer[..Encoding.UTF8.GetBytes(value, buffer)], seed);
    }

    /// <summary>The two halves of a 128-bit product, folded: every input bit reaches every output bit.</summary>
    private static ulong Fold(ulong value)
    {
        ulong high = Math.BigMul(value, Prime1, out ulong low);
        return high ^ low ^ (value << 1);
    }
}

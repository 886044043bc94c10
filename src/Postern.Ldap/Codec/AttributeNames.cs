using System.Collections.Concurrent;
using System.Text;

namespace Postern.Ldap.Codec;

/// <summary>Shares the strings of attribute descriptions: a directory of millions of entries uses a few dozen of them.</summary>
internal static class AttributeNames
{
    /// <summary>Names kept; a peer that invents names cannot make the process keep more. Ours: a rich schema has some 1,000 in use.</summary>
    private const int MaxShared = 4096;

    /// <summary>Longer descriptions are not worth sharing. Octets.</summary>
    private const int MaxSharedBytes = 64;

    private static readonly ConcurrentDictionary<string, string> Shared = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> SharedBySpan =
        Shared.GetAlternateLookup<ReadOnlySpan<char>>();

    private static int _count; // the dictionary's own Count takes all its locks

    public static string Get(ReadOnlySpan<byte> octets)
    {
        if (octets.Length > MaxSharedBytes || !Ascii.IsValid(octets))
        {
            return BerReader.DecodeString(octets, "attribute type");
        }

        Span<char> text = stackalloc char[MaxSharedBytes];
        Ascii.ToUtf16(octets, text, out int length);
        return Get(text[..length]);
    }

    public static string Get(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxSharedBytes)
        {
            return text.ToString();
        }

        if (SharedBySpan.TryGetValue(text, out string? name))
        {
            return name;
        }

        name = text.ToString();
        if (Volatile.Read(ref _count) < MaxShared && Shared.TryAdd(name, name))
        {
            Interlocked.Increment(ref _count);
        }

        return name;
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Postern.EdgeSync.Sources;

/// <summary>What an entry is known by, on the source and on the edge: 16 octets, written as 32 lower-case hexadecimal digits.</summary>
public readonly record struct EntryId(UInt128 Value)
{
    public const int Bytes = 16;

    public static EntryId FromBytes(ReadOnlySpan<byte> octets) => new(BinaryPrimitives.ReadUInt128BigEndian(octets));

    public static EntryId FromGuid(Guid guid)
    {
        Span<byte> octets = stackalloc byte[Bytes];
        guid.TryWriteBytes(octets, bigEndian: true, out _);
        return FromBytes(octets);
    }

    /// <summary>The first 16 octets of SHA-256 over scope, a line feed and the name: for entries without an id of their own.</summary>
    public static EntryId FromName(string scope, string name)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{scope}\n{name}"), hash);
        return FromBytes(hash[..Bytes]);
    }

    public static bool TryParse(ReadOnlySpan<char> text, out EntryId id)
    {
        bool good = text.Length == 2 * Bytes & UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 value);
        id = new EntryId(value);
        return good;
    }

    /// <summary>The same from UTF-8.</summary>
    public static bool TryParse(ReadOnlySpan<byte> utf8, out EntryId id)
    {
        bool good = utf8.Length == 2 * Bytes & UInt128.TryParse(utf8, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 value);
        id = new EntryId(value);
        return good;
    }

    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}

using Postern.Ldap;

namespace Postern.Directory.Storage;

internal enum IndexKind
{
    /// <summary>By hash: equality and presence.</summary>
    Hash = 0,

    /// <summary>By the value's normal form: equality, presence and prefix.</summary>
    Text = 1,
}

/// <param name="Number">The attribute's number in index keys, 1 to 32767; kept in the file.</param>
internal sealed record IndexedAttribute(int Number, AttributeType Type, IndexKind Kind)
{
    /// <summary>Octets of a normal form that the text index keeps; the rest is compared with the entry.</summary>
    public const int MaxTextBytes = 128;

    public const int MaxNumber = short.MaxValue;

    public static IndexKind KindOf(AttributeType type) => type.Equality is MatchingRule.CaseIgnore or MatchingRule.CaseExact or MatchingRule.CaseIgnoreIA5 or MatchingRule.CaseExactIA5
        ? IndexKind.Text
        : IndexKind.Hash;

    public long Key(ReadOnlySpan<byte> normal) => KeyHash.Of(normal) | FirstKey;

    /// <summary>Keys of this attribute lie from here up to and including <see cref="LastKey"/>.</summary>
    public long FirstKey => (long)Number << KeyHash.Bits;

    public long LastKey => FirstKey | ((1L << KeyHash.Bits) - 1);

    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> normal) => normal[..Math.Min(normal.Length, MaxTextBytes)];
}

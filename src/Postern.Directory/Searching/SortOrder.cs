using System.Buffers.Binary;
using Postern.Ldap;

namespace Postern.Directory.Searching;

// RFC 2891 (complete): also page by page

/// <summary>The order that a sort control asks for (RFC 2891), and entries' places in it.</summary>
internal sealed class SortOrder
{
    /// <summary>Octets of a value's normal form by which entries are ordered; what differs only beyond counts as equal. Bounds what a sort
    /// keeps in memory, and the cookies of its pages.</summary>
    private const int MaxKeyBytes = 256;

    private readonly List<Key> _keys = [];

    private SortOrder()
    {
    }

    /// <summary>Whether entries must be looked at with what the directory adds to them.</summary>
    public bool NeedsOperational => _keys.Exists(k => k.Pattern.Type!.Operational);

    /// <param name="failure">Why there is no such order, and the attribute because of which, RFC 2891 section 1.2.</param>
    public static SortOrder? Create(IReadOnlyList<SortKey> keys, DirectorySchema schema, out (LdapResultCode Code, string Attribute) failure)
    {
        SortOrder order = new();
        failure = default;
        foreach (SortKey key in keys)
        {
            AttributePattern pattern = new(key.Attribute, schema);
            if (pattern.Type is not { } type)
            {
                failure = (LdapResultCode.NoSuchAttribute, key.Attribute);
                return null;
            }

            MatchingRule kind = key.OrderingRule is null ? OwnOrder(type)
                : MatchingRuleDefinition.Find(key.OrderingRule) is { } rule && rule.AppliesTo(type) ? rule.Kind
                : MatchingRule.None;
            if (order._keys.Exists(k => k.Pattern.Type == type && string.Equals(k.Attribute, key.Attribute, StringComparison.OrdinalIgnoreCase)))
            {
                failure = (LdapResultCode.UnwillingToPerform, key.Attribute); // section 1.1: each only once
                return null;
            }

            if (!MatchingRules.IsOrdered(kind))
            {
                failure = (LdapResultCode.InappropriateMatching, key.Attribute);
                return null;
            }

            order._keys.Add(new Key(key.Attribute, pattern, kind, key.Reverse));
        }

        return order;
    }

    /// <summary>An entry's place: for each key the least of its values (RFC 2891 section 2.2), null without one.</summary>
    public SortPlace Place(SeenEntry seen, long id)
    {
        byte[]?[] values = new byte[]?[_keys.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = Least(_keys[i], seen.Operational, Least(_keys[i], seen.User, null));
        }

        return new SortPlace(values, id);
    }

    /// <summary>An entry without the attribute counts as larger than every other; entries that are equal keep the order of their ids.</summary>
    public int Compare(SortPlace x, SortPlace y)
    {
        for (int i = 0; i < _keys.Count; i++)
        {
            int order = (x.Values[i], y.Values[i]) switch
            {
                (null, null) => 0,
                (null, _) => 1,
                (_, null) => -1,
                var (a, b) => a.AsSpan().SequenceCompareTo(b),
            };
            if (order != 0)
            {
                return _keys[i].Reverse ? -order : order;
            }
        }

        return x.Id.CompareTo(y.Id);
    }

    public byte[] Encode(SortPlace place)
    {
        List<byte> octets = [];
        Span<byte> length = stackalloc byte[sizeof(short)];
        foreach (byte[]? value in place.Values)
        {
            BinaryPrimitives.WriteInt16BigEndian(length, (short)(value?.Length ?? -1));
            octets.AddRange(length);
            octets.AddRange(value ?? []);
        }

        return [.. octets];
    }

    /// <exception cref="LdapException">unwillingToPerform: these are no keys of this order.</exception>
    public SortPlace Decode(ReadOnlySpan<byte> encoded, long id)
    {
        byte[]?[] values = new byte[]?[_keys.Count];
        for (int i = 0; i < values.Length; i++)
        {
            int length = BinaryPrimitives.TryReadInt16BigEndian(encoded, out short read) ? read : short.MaxValue;
            if (length > MaxKeyBytes || length + sizeof(short) > encoded.Length)
            {
                throw new LdapException(LdapResultCode.UnwillingToPerform, "paged results: the cookie is damaged");
            }

            encoded = encoded[sizeof(short)..];
            if (length >= 0)
            {
                values[i] = encoded[..length].ToArray();
                encoded = encoded[length..];
            }
        }

        return new SortPlace(values, id);
    }

    /// <summary>Few standard attributes have an ordering rule; those whose values have a natural order are sorted by it all the same.</summary>
    private static MatchingRule OwnOrder(AttributeType type) => type.OrderingRule?.Kind ?? type.Equality;

    private static byte[]? Least(Key key, IReadOnlyList<LdapAttribute> attributes, byte[]? least)
    {
        for (int i = 0; i < attributes.Count; i++)
        {
            if (!key.Pattern.Covers(attributes[i].Description))
            {
                continue;
            }

            foreach (ReadOnlyMemory<byte> value in attributes[i].Values)
            {
                if (MatchingRules.TryNormalize(key.Kind, value.Span, out byte[] normal)
                    && (least is null || normal.AsSpan().SequenceCompareTo(least) < 0))
                {
                    least = normal.Length > MaxKeyBytes ? normal[..MaxKeyBytes] : normal;
                }
            }
        }

        return least;
    }

    private sealed record Key(string Attribute, AttributePattern Pattern, MatchingRule Kind, bool Reverse);
}

/// <summary>Where an entry stands in an order.</summary>
internal sealed record SortPlace(byte[]?[] Values, long Id);

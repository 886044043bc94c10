using Postern.Directory.Storage;
using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>Finds, for a filter, the few entries that can match it. What it finds is a superset: every entry is still compared.</summary>
internal sealed class IndexLookup(ReadSession session, IndexSet indexes, DirectorySchema schema)
{
    /// <summary>Beyond this many, reading the scope in order costs less than looking entries up one by one. Entries.</summary>
    private const int MaxCandidates = 10_000;

    /// <summary>A set this small is not worth making smaller by the other parts of an "and". Entries.</summary>
    private const int FewEnough = 16;

    /// <summary>Levels of a filter that are looked into: those that messages may have, twice over. What lies deeper is compared only.</summary>
    private const int MaxDepth = 64;

    /// <returns>Ids without duplicates, or null when no index narrows the filter down.</returns>
    public List<long>? Find(Filter filter) => Find(filter, 0);

    private List<long>? Find(Filter filter, int depth) => filter switch
    {
        _ when depth > MaxDepth => null,
        AndFilter and => FindSmallest(and.Filters, depth + 1),
        OrFilter or => FindUnion(or.Filters, depth + 1),
        EqualityFilter equality => IsUnknown(equality.Attribute) ? [] : FindEqual(equality.Attribute, equality.Value),
        ApproximateFilter approximate => IsUnknown(approximate.Attribute) ? [] : FindEqual(approximate.Attribute, approximate.Value),
        SubstringFilter substring => IsUnknown(substring.Attribute) ? []
            : substring.Initial is { } initial ? FindPrefix(substring.Attribute, initial) : null,
        PresentFilter present => IsUnknown(present.Attribute) ? [] : FindPresent(present.Attribute),
        GreaterOrEqualFilter item => IsUnknown(item.Attribute) ? [] : FindRange(item.Attribute, item.Value, upwards: true),
        LessOrEqualFilter item => IsUnknown(item.Attribute) ? [] : FindRange(item.Attribute, item.Value, upwards: false),
        _ => null,
    };

    /// <summary>What the schema does not know is undefined for every entry, RFC 4511 section 4.5.1.7: no entry is found by it.</summary>
    private bool IsUnknown(string attribute) => schema.FindAttribute(SchemaWords.TypeName(attribute)) is null;

    private List<long>? FindSmallest(IReadOnlyList<Filter> filters, int depth)
    {
        List<long>? smallest = null;
        for (int i = 0; i < filters.Count && smallest is not { Count: <= FewEnough }; i++)
        {
            if (Find(filters[i], depth) is { } found && (smallest is null || found.Count < smallest.Count))
            {
                smallest = found;
            }
        }

        return smallest;
    }

    private List<long>? FindUnion(IReadOnlyList<Filter> filters, int depth)
    {
        HashSet<long> union = [];
        for (int i = 0; i < filters.Count; i++)
        {
            if (Find(filters[i], depth) is not { } found)
            {
                return null;
            }

            union.UnionWith(found);
            if (union.Count > MaxCandidates)
            {
                return null;
            }
        }

        return [.. union];
    }

    private List<long>? FindEqual(string attribute, ReadOnlyMemory<byte> value)
    {
        if (Index(attribute) is not { } index)
        {
            return null;
        }

        if (!schema.TryNormalize(index.Type, value, out ReadOnlyMemory<byte> normal))
        {
            return []; // undefined for every entry, RFC 4511 section 4.5.1.7
        }

        if (index.Kind == IndexKind.Hash)
        {
            long key = index.Key(normal.Span);
            return Collect(session.ByKey.Bind(1, key).Bind(2, MaxCandidates + 1), unique: true);
        }

        ReadOnlySpan<byte> text = IndexedAttribute.Cut(normal.Span);
        return Collect(session.ByText.Bind(1, index.Number).Bind(2, text).Bind(3, text).Bind(4, MaxCandidates + 1), unique: true);
    }

    private List<long>? FindPrefix(string attribute, ReadOnlyMemory<byte> initial)
    {
        // A blank at the end may stand for several, and is not part of a prefix of the normal form.
        if (Index(attribute) is not { Kind: IndexKind.Text } index
            || !schema.TryNormalize(index.Type, initial, out ReadOnlyMemory<byte> normal))
        {
            return null;
        }

        ReadOnlySpan<byte> first = IndexedAttribute.Cut(normal.Span.TrimEnd((byte)' '));
        byte[] end = [.. first, 0xff]; // no octet of UTF-8
        return first.Length == 0
            ? null
            : Collect(session.ByPrefix.Bind(1, index.Number).Bind(2, first).Bind(3, end).Bind(4, MaxCandidates + 1), unique: false);
    }

    /// <summary>By the order of a text index. The index keeps the beginnings of values, whose order is the values' own.</summary>
    private List<long>? FindRange(string attribute, ReadOnlyMemory<byte> value, bool upwards)
    {
        if (Index(attribute) is not { Kind: IndexKind.Text } index || index.Type.Ordering == MatchingRule.None
            || !MatchingRules.TryNormalize(index.Type.Ordering, value.Span, out byte[] normal))
        {
            return null;
        }

        ReadOnlySpan<byte> text = IndexedAttribute.Cut(normal);
        byte[] end = upwards ? [0xff] : [.. text, 0];
        return Collect(session.ByPrefix.Bind(1, index.Number).Bind(2, upwards ? text : []).Bind(3, end).Bind(4, MaxCandidates + 1), unique: false);
    }

    private List<long>? FindPresent(string attribute) => Index(attribute) switch
    {
        { Kind: IndexKind.Hash } index =>
            Collect(session.ByKeys.Bind(1, index.FirstKey).Bind(2, index.LastKey).Bind(3, MaxCandidates + 1), unique: false),
        { } index => Collect(session.ByAnyText.Bind(1, index.Number).Bind(2, MaxCandidates + 1), unique: false),
        null => null,
    };

    /// <summary>None for a type whose subtypes it means too, and for objectClass, which means subclasses: their values are elsewhere.</summary>
    private IndexedAttribute? Index(string attribute) =>
        schema.FindAttribute(SchemaWords.TypeName(attribute)) is { } type && !schema.HasSubtypes(type) && !type.Name.Equals(SchemaWords.ObjectClass, StringComparison.Ordinal)
            ? indexes.Find(type)
            : null;

    private static List<long>? Collect(Statement rows, bool unique)
    {
        List<long> ids = [];
        while (rows.Step())
        {
            ids.Add(rows.Integer(0));
        }

        rows.Reset();
        return ids.Count > MaxCandidates ? null : unique ? ids : [.. ids.Distinct()];
    }
}

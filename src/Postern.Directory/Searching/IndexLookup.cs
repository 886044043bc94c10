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

    /// <returns>Ids without duplicates, or null when no index narrows the filter down.</returns>
    public List<long>? Find(Filter filter) => filter switch
    {
        AndFilter and => FindSmallest(and.Filters),
        OrFilter or => FindUnion(or.Filters),
        EqualityFilter equality => FindEqual(equality.Attribute, equality.Value),
        ApproximateFilter approximate => FindEqual(approximate.Attribute, approximate.Value),
        SubstringFilter { Initial: { } initial } substring => FindPrefix(substring.Attribute, initial),
        PresentFilter present => FindPresent(present.Attribute),
        _ => null,
    };

    private List<long>? FindSmallest(IReadOnlyList<Filter> filters)
    {
        List<long>? smallest = null;
        for (int i = 0; i < filters.Count && smallest is not { Count: <= FewEnough }; i++)
        {
            if (Find(filters[i]) is { } found && (smallest is null || found.Count < smallest.Count))
            {
                smallest = found;
            }
        }

        return smallest;
    }

    private List<long>? FindUnion(IReadOnlyList<Filter> filters)
    {
        HashSet<long> union = [];
        for (int i = 0; i < filters.Count; i++)
        {
            if (Find(filters[i]) is not { } found)
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

    private List<long>? FindPresent(string attribute) => Index(attribute) switch
    {
        { Kind: IndexKind.Hash } index =>
            Collect(session.ByKeys.Bind(1, index.FirstKey).Bind(2, index.LastKey).Bind(3, MaxCandidates + 1), unique: false),
        { } index => Collect(session.ByAnyText.Bind(1, index.Number).Bind(2, MaxCandidates + 1), unique: false),
        null => null,
    };

    private IndexedAttribute? Index(string attribute) =>
        schema.FindAttribute(SchemaWords.TypeName(attribute)) is { } type ? indexes.Find(type) : null;

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

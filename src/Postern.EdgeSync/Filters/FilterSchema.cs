using System.Text;
using Postern.Directory;
using Postern.Ldap;

namespace Postern.EdgeSync.Filters;

/// <summary>
/// A schema to hold the filter of a source against its entries with, without asking the source for its own: the standard words, and what the
/// filter names beyond them. Those are numbers where the filter counts or looks at bits, distinguished names where it writes one, and else
/// texts without regard to case, as nearly all attributes of directories are.
/// </summary>
internal static class FilterSchema
{
    /// <summary>For types that a filter names and no standard defines; never seen outside.</summary>
    private const string Arc = "2.25.256481978171974681550175430638571322913.9";

    /// <summary>Of the filters only the known words are looked at by octets or dates: a number with more digits is still a number.</summary>
    private const int MaxDigits = 20;

    public static DirectorySchema For(Filter filter)
    {
        Dictionary<string, MatchingRule> kinds = new(StringComparer.OrdinalIgnoreCase);
        foreach (Filter item in Items(filter))
        {
            string? type = AttributeOf(item) is { } description ? AttributeDescription.TypeOf(description).ToString() : null;
            if (type is not null && PosternSchema.Organization.FindAttribute(type) is null)
            {
                // One item may only test presence, another one tell what the values are.
                MatchingRule kind = KindOf(item);
                kinds[type] = kinds.TryGetValue(type, out MatchingRule before) && kind == MatchingRule.CaseIgnore ? before : kind;
            }
        }

        if (kinds.Count == 0)
        {
            return PosternSchema.Organization;
        }

        int number = 0;
        return new DirectorySchema(
            [.. PosternSchema.Organization.Attributes, .. kinds.Select(kind => new AttributeType(kind.Key, $"{Arc}.{++number}", kind.Value))],
            PosternSchema.Organization.Classes);
    }

    /// <summary>The items of a filter, those that hold no others.</summary>
    public static IEnumerable<Filter> Items(Filter filter)
    {
        Stack<Filter> open = new([filter]);
        while (open.TryPop(out Filter? next))
        {
            IReadOnlyList<Filter> inner = next switch
            {
                AndFilter and => and.Filters,
                OrFilter or => or.Filters,
                NotFilter not => [not.Inner],
                _ => [],
            };
            if (next is not (AndFilter or OrFilter or NotFilter))
            {
                yield return next;
            }

            for (int i = inner.Count - 1; i >= 0; i--)
            {
                open.Push(inner[i]);
            }
        }
    }

    /// <summary>What an item looks at; null for a matching rule without a type.</summary>
    public static string? AttributeOf(Filter item) => item switch
    {
        PresentFilter present => present.Attribute,
        EqualityFilter equality => equality.Attribute,
        ApproximateFilter approximate => approximate.Attribute,
        GreaterOrEqualFilter greater => greater.Attribute,
        LessOrEqualFilter less => less.Attribute,
        SubstringFilter substring => substring.Attribute,
        ExtensibleFilter extensible => extensible.Attribute,
        _ => null,
    };

    private static MatchingRule KindOf(Filter item) => item switch
    {
        ExtensibleFilter { MatchingRule: { } name } when MatchingRuleDefinition.Find(name) is { } rule => rule.Kind,
        GreaterOrEqualFilter { Value: var value } when IsNumber(value.Span) => MatchingRule.Integer,
        LessOrEqualFilter { Value: var value } when IsNumber(value.Span) => MatchingRule.Integer,
        EqualityFilter { Value: var value } when IsName(value.Span) => MatchingRule.DistinguishedName,
        _ => MatchingRule.CaseIgnore,
    };

    private static bool IsNumber(ReadOnlySpan<byte> value) =>
        value.Length is > 0 and <= MaxDigits && !value[(value[0] == '-' ? 1 : 0)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static bool IsName(ReadOnlySpan<byte> value) =>
        value.Contains((byte)'=') && DistinguishedName.TryParse(Encoding.UTF8.GetString(value), out _, out _);
}

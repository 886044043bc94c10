using System.Text;
using Postern.Ldap;

namespace Postern.EdgeSync.Filters;

/// <summary>
/// The filter of a source, held against entries on the hub: for sources whose change feed shows what left the filter only to who looks at
/// all changes, for files, and for explanations. One caller at a time.
/// </summary>
internal sealed class EntryFilter
{
    private const string ObjectCategory = "objectCategory";

    private readonly CompiledFilter _compiled;

    public EntryFilter(Filter filter)
    {
        Filter readable = Rewrite(filter);
        DirectorySchema schema = FilterSchema.For(readable);
        _compiled = CompiledFilter.Compile(readable, schema);
        Concerning = FindConcerning(readable, schema);
    }

    /// <summary>All names of the attributes that make a difference: entries without any of them are all the same to the filter. Null when that
    /// cannot be said by names.</summary>
    public IReadOnlySet<string>? Concerning { get; }

    public static EntryFilter Parse(string filter) => new(Filter.Parse(filter));

    /// <summary>Undefined does not match, RFC 4511 section 4.5.1.7.</summary>
    /// <param name="entry">With all attributes that the filter looks at; see <see cref="AttributesOf"/>.</param>
    public bool Matches(LdapEntry entry) => _compiled.Matches(entry) == true;

    /// <summary>True, false, or undefined.</summary>
    public bool? Evaluate(LdapEntry entry) => _compiled.Matches(entry);

    /// <summary>The attributes that a filter looks at.</summary>
    public static IEnumerable<string> AttributesOf(Filter filter) => FilterSchema.Items(filter).Select(FilterSchema.AttributeOf).OfType<string>();

    /// <summary>The first item that nobody but the source can decide: a rule that only it knows (membership through other groups), a search
    /// over names (anr), a rule over all attributes. Null: the filter can be held against entries here.</summary>
    public static Filter? Undecidable(Filter filter) => FilterSchema.Items(filter).FirstOrDefault(item => item switch
    {
        ExtensibleFilter { Attribute: null } => true,
        ExtensibleFilter { MatchingRule: { } rule } => MatchingRuleDefinition.Find(rule) is null,
        _ => AttributeDescription.Comparer.Equals(FilterSchema.AttributeOf(item), "anr"),
    });

    /// <summary>What is wrong with an item of <see cref="Undecidable"/>, in words.</summary>
    public static string ExplainUndecidable(Filter item) =>
        $"{item} can be decided by the source only; the hub knows equality, order, substrings, presence and the two bit rules";

    /// <summary>In Active Directory <c>(objectCategory=person)</c> means the class's category, which is stored as a distinguished name of the schema
    /// ([MS-ADTS] section 3.1.1.3.1.3.5).</summary>
    internal static Filter Rewrite(Filter filter) => filter switch
    {
        AndFilter and => new AndFilter([.. and.Filters.Select(Rewrite)]),
        OrFilter or => new OrFilter([.. or.Filters.Select(Rewrite)]),
        NotFilter not => new NotFilter(Rewrite(not.Inner)),
        EqualityFilter item when AttributeDescription.Comparer.Equals(item.Attribute, ObjectCategory) && !item.Value.Span.Contains((byte)'=') =>
            new SubstringFilter(item.Attribute, Encoding.UTF8.GetBytes($"CN={CategoryOf(Encoding.UTF8.GetString(item.Value.Span))},"), [], null),
        _ => filter,
    };

    private static HashSet<string>? FindConcerning(Filter filter, DirectorySchema schema)
    {
        HashSet<string> names = new(AttributeDescription.Comparer);
        foreach (Filter item in FilterSchema.Items(filter))
        {
            if (item is ExtensibleFilter { DnAttributes: true } || FilterSchema.AttributeOf(item) is not { } attribute
                || schema.FindAttribute(AttributeDescription.TypeOf(attribute).ToString()) is not { } type || schema.HasSubtypes(type))
            {
                return null;
            }

            names.UnionWith(type.Names);
            names.Add(type.Oid);
        }

        return names;
    }

    private static string CategoryOf(string name) =>
        name.Equals("user", StringComparison.OrdinalIgnoreCase) || name.Equals("contact", StringComparison.OrdinalIgnoreCase) ? "Person" : name;
}

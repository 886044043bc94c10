using System.Text;

namespace Postern.Ldap;

/// <summary>Search filter, RFC 4511 section 4.5.1.7. Text form (RFC 4515) by <see cref="FilterParser"/> and <see cref="object.ToString"/>.</summary>
public abstract record Filter
{
    /// <summary>Matches every entry: <c>(objectClass=*)</c>.</summary>
    public static Filter Anything { get; } = new PresentFilter("objectClass");

    public static Filter Equal(string attribute, string value) => new EqualityFilter(attribute, Encoding.UTF8.GetBytes(value));

    public static Filter Equal(string attribute, ReadOnlyMemory<byte> value) => new EqualityFilter(attribute, value);

    public static Filter Parse(string text) => FilterParser.Parse(text);

    public sealed override string ToString() => FilterPrinter.Print(this);
}

public sealed record AndFilter(IReadOnlyList<Filter> Filters) : Filter;

public sealed record OrFilter(IReadOnlyList<Filter> Filters) : Filter;

public sealed record NotFilter(Filter Inner) : Filter;

public sealed record EqualityFilter(string Attribute, ReadOnlyMemory<byte> Value) : Filter;

/// <param name="Initial">The text the value begins with, or null.</param>
/// <param name="Any">Texts in between, in order.</param>
/// <param name="Final">The text the value ends with, or null.</param>
public sealed record SubstringFilter(
    string Attribute, ReadOnlyMemory<byte>? Initial, IReadOnlyList<ReadOnlyMemory<byte>> Any, ReadOnlyMemory<byte>? Final) : Filter;

public sealed record GreaterOrEqualFilter(string Attribute, ReadOnlyMemory<byte> Value) : Filter;

public sealed record LessOrEqualFilter(string Attribute, ReadOnlyMemory<byte> Value) : Filter;

public sealed record PresentFilter(string Attribute) : Filter;

public sealed record ApproximateFilter(string Attribute, ReadOnlyMemory<byte> Value) : Filter;

/// <summary>MatchingRuleAssertion; rule or attribute may be absent, not both.</summary>
public sealed record ExtensibleFilter(string? MatchingRule, string? Attribute, ReadOnlyMemory<byte> Value, bool DnAttributes) : Filter;

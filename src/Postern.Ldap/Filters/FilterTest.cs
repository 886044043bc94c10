namespace Postern.Ldap;

/// <summary>What a filter's items are held against.</summary>
internal readonly record struct FilterSubject(string Dn, IReadOnlyList<LdapAttribute> User, IReadOnlyList<LdapAttribute> Operational)
{
    public int Count => User.Count + Operational.Count;

    public LdapAttribute this[int index] => index < User.Count ? User[index] : Operational[index - User.Count];
}

/// <summary>One item of a filter, ready for use.</summary>
internal abstract class FilterTest(AttributeType? attribute)
{
    public AttributeType? Attribute => attribute;

    public abstract bool? Matches(in FilterSubject subject);

    public static FilterTest Create(Filter filter, DirectorySchema schema) => filter switch
    {
        PresentFilter item => Described(item.Attribute, schema) is { } pattern ? new PresentTest(pattern) : UndefinedTest.Instance,
        EqualityFilter item => Compare(item.Attribute, item.Value, ValueComparison.Equal, schema),
        ApproximateFilter item => Compare(item.Attribute, item.Value, ValueComparison.Equal, schema), // as RFC 4511 section 4.5.1.7.6 allows
        GreaterOrEqualFilter item => Compare(item.Attribute, item.Value, ValueComparison.GreaterOrEqual, schema),
        LessOrEqualFilter item => Compare(item.Attribute, item.Value, ValueComparison.LessOrEqual, schema),
        SubstringFilter item => Described(item.Attribute, schema) is { } pattern
            && SubstringAssertion.TryCreate(pattern.Type!.Substrings, item, out SubstringAssertion? assertion)
                ? new ValueTest(pattern, assertion.MatchesAny)
                : UndefinedTest.Instance,
        ExtensibleFilter item => ExtensibleTest.Create(item, schema),
        _ => throw new ArgumentException($"no evaluation for {filter.GetType().Name}", nameof(filter)),
    };

    protected static AttributePattern? Described(string attribute, DirectorySchema schema)
    {
        AttributePattern pattern = new(attribute, schema);
        return pattern.Type is null ? null : pattern;
    }

    private static FilterTest Compare(string attribute, ReadOnlyMemory<byte> value, ValueComparison comparison, DirectorySchema schema)
    {
        if (Described(attribute, schema) is not { } pattern)
        {
            return UndefinedTest.Instance;
        }

        if (comparison == ValueComparison.Equal && pattern.Type!.Oid == ClassTest.ObjectClassOid)
        {
            return ClassTest.Create(pattern, value.Span, schema);
        }

        MatchingRule rule = comparison == ValueComparison.Equal ? pattern.Type!.Equality : pattern.Type!.Ordering;
        return ValueAssertion.TryCreate(rule, value.Span, comparison, schema, out ValueAssertion assertion)
            ? new ValueTest(pattern, assertion.MatchesAny)
            : UndefinedTest.Instance;
    }
}

internal sealed class UndefinedTest() : FilterTest(null)
{
    public static UndefinedTest Instance { get; } = new();

    public override bool? Matches(in FilterSubject subject) => null;
}

internal sealed class PresentTest(AttributePattern pattern) : FilterTest(pattern.Type)
{
    public override bool? Matches(in FilterSubject subject)
    {
        for (int i = 0; i < subject.Count; i++)
        {
            if (pattern.Covers(subject[i].Description))
            {
                return true;
            }
        }

        return false;
    }
}

/// <param name="matchesAny">Whether one of an attribute's values is what the filter asks for.</param>
internal sealed class ValueTest(AttributePattern pattern, Func<IReadOnlyList<ReadOnlyMemory<byte>>, bool> matchesAny) : FilterTest(pattern.Type)
{
    public override bool? Matches(in FilterSubject subject)
    {
        for (int i = 0; i < subject.Count; i++)
        {
            LdapAttribute attribute = subject[i];
            if (pattern.Covers(attribute.Description) && matchesAny(attribute.Values))
            {
                return true;
            }
        }

        return false;
    }
}

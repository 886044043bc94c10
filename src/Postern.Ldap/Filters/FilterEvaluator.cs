namespace Postern.Ldap;

/// <summary>Whether an entry matches a filter: true, false or undefined (null), RFC 4511 section 4.5.1.7.</summary>
/// <remarks>Undefined: an attribute or rule that the schema does not know, an assertion that is not of the attribute's syntax, a
/// comparison that its rule does not have. A search returns entries for which the whole filter is true.</remarks>
public static class FilterEvaluator
{
    public static bool? Matches(Filter filter, LdapEntry entry, DirectorySchema schema) => filter switch
    {
        AndFilter and => All(and.Filters, entry, schema),
        OrFilter or => Any(or.Filters, entry, schema),
        NotFilter not => !Matches(not.Inner, entry, schema),
        PresentFilter present => IsPresent(present.Attribute, entry, schema),
        EqualityFilter item => Compare(item.Attribute, item.Value, ValueComparison.Equal, entry, schema),
        ApproximateFilter item => Compare(item.Attribute, item.Value, ValueComparison.Equal, entry, schema), // as RFC 4511 allows
        GreaterOrEqualFilter item => Compare(item.Attribute, item.Value, ValueComparison.GreaterOrEqual, entry, schema),
        LessOrEqualFilter item => Compare(item.Attribute, item.Value, ValueComparison.LessOrEqual, entry, schema),
        SubstringFilter substring => MatchesSubstring(substring, entry, schema),
        ExtensibleFilter extensible => MatchesExtensible(extensible, entry, schema),
        _ => throw new ArgumentException($"no evaluation for {filter.GetType().Name}", nameof(filter)),
    };

    private static bool? All(IReadOnlyList<Filter> filters, LdapEntry entry, DirectorySchema schema)
    {
        bool? all = true;
        for (int i = 0; i < filters.Count; i++)
        {
            bool? one = Matches(filters[i], entry, schema);
            if (one == false)
            {
                return false;
            }

            all &= one;
        }

        return all;
    }

    private static bool? Any(IReadOnlyList<Filter> filters, LdapEntry entry, DirectorySchema schema)
    {
        bool? any = false;
        for (int i = 0; i < filters.Count; i++)
        {
            bool? one = Matches(filters[i], entry, schema);
            if (one == true)
            {
                return true;
            }

            any |= one;
        }

        return any;
    }

    private static bool? IsPresent(string attribute, LdapEntry entry, DirectorySchema schema)
    {
        if (TypeOf(attribute, schema) is not { } type)
        {
            return null;
        }

        foreach (LdapAttribute candidate in entry.Attributes)
        {
            if (IsOf(candidate, attribute, type, schema))
            {
                return true;
            }
        }

        return false;
    }

    private static bool? Compare(string attribute, ReadOnlyMemory<byte> value, ValueComparison comparison, LdapEntry entry, DirectorySchema schema)
    {
        if (TypeOf(attribute, schema) is not { } type || !ValueAssertion.TryCreate(type.Equality, value.Span, comparison, schema, out ValueAssertion assertion))
        {
            return null;
        }

        return Matches(assertion, attribute, type, entry, schema);
    }

    private static bool? Matches(ValueAssertion assertion, string attribute, AttributeType type, LdapEntry entry, DirectorySchema schema)
    {
        foreach (LdapAttribute candidate in entry.Attributes)
        {
            if (IsOf(candidate, attribute, type, schema) && assertion.MatchesAny(candidate.Values))
            {
                return true;
            }
        }

        return false;
    }

    private static bool? MatchesSubstring(SubstringFilter filter, LdapEntry entry, DirectorySchema schema)
    {
        if (TypeOf(filter.Attribute, schema) is not { } type || !SubstringAssertion.TryCreate(type.Equality, filter, out SubstringAssertion? assertion))
        {
            return null;
        }

        foreach (LdapAttribute candidate in entry.Attributes)
        {
            if (IsOf(candidate, filter.Attribute, type, schema) && assertion.MatchesAny(candidate.Values))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>MatchingRuleAssertion, RFC 4511 section 4.5.1.7.7. Without a type: every attribute whose own rule is the one asked for.</summary>
    private static bool? MatchesExtensible(ExtensibleFilter filter, LdapEntry entry, DirectorySchema schema)
    {
        AttributeType? type = filter.Attribute is null ? null : TypeOf(filter.Attribute, schema);
        MatchingRule? rule = filter.MatchingRule is null ? type?.Equality : MatchingRules.Find(filter.MatchingRule);
        if (rule is null || (filter.Attribute is not null && type is null)
            || !ValueAssertion.TryCreate(rule.Value, filter.Value.Span, ValueComparison.Equal, schema, out ValueAssertion assertion))
        {
            return null;
        }

        foreach (LdapAttribute candidate in entry.Attributes)
        {
            bool concerned = type is not null
                ? IsOf(candidate, filter.Attribute!, type, schema)
                : TypeOf(candidate.Description, schema)?.Equality == rule;
            if (concerned && assertion.MatchesAny(candidate.Values))
            {
                return true;
            }
        }

        return filter.DnAttributes && MatchesName(assertion, type, rule.Value, entry, schema);
    }

    private static bool MatchesName(ValueAssertion assertion, AttributeType? type, MatchingRule rule, LdapEntry entry, DirectorySchema schema)
    {
        if (!DistinguishedName.TryParse(entry.Dn, out DistinguishedName dn, out _))
        {
            return false;
        }

        foreach ((string partType, string partValue) in dn.Rdns.SelectMany(r => r.Parts))
        {
            AttributeType? found = TypeOf(partType, schema);
            bool concerned = type is not null ? found == type : found?.Equality == rule;
            if (concerned && assertion.Matches(System.Text.Encoding.UTF8.GetBytes(partValue)))
            {
                return true;
            }
        }

        return false;
    }

    private static AttributeType? TypeOf(string description, DirectorySchema schema) =>
        description.Contains(';', StringComparison.Ordinal)
            ? schema.FindAttribute(AttributeDescription.TypeOf(description).ToString())
            : schema.FindAttribute(description);

    /// <summary>Whether the entry's attribute is the one asked about: the same description, a subtype of it by options, or the same
    /// type under another of its names.</summary>
    private static bool IsOf(LdapAttribute candidate, string requested, AttributeType type, DirectorySchema schema)
    {
        if (candidate.Description.Length == requested.Length && AttributeDescription.Comparer.Equals(candidate.Description, requested))
        {
            return true;
        }

        bool sameType = TypeOf(candidate.Description, schema) == type;
        if (!sameType)
        {
            return false;
        }

        int semicolon = requested.IndexOf(';', StringComparison.Ordinal);
        return semicolon < 0
            || AttributeDescription.Matches(candidate.Description, string.Concat(AttributeDescription.TypeOf(candidate.Description), requested.AsSpan(semicolon)));
    }
}

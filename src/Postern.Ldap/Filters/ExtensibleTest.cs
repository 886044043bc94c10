using System.Text;

namespace Postern.Ldap;

/// <summary>
/// MatchingRuleAssertion, RFC 4511 section 4.5.1.7.7. Without a type: every attribute that the rule can compare. Rules of all uses: an
/// ordering rule says whether the value comes before the one asserted, a substrings rule takes <c>initial*any*final</c>.
/// </summary>
internal sealed class ExtensibleTest : FilterTest
{
    private readonly DirectorySchema _schema;
    private readonly AttributePattern? _pattern;
    private readonly MatchingRuleDefinition _rule;
    private readonly ValueAssertion _assertion;
    private readonly SubstringAssertion? _substrings;
    private readonly bool _dnAttributes;
    private readonly Dictionary<string, bool> _concerned = new(StringComparer.OrdinalIgnoreCase);

    private ExtensibleTest(
        DirectorySchema schema, AttributePattern? pattern, MatchingRuleDefinition rule, ValueAssertion assertion, SubstringAssertion? substrings, bool dnAttributes)
        : base(pattern?.Type)
    {
        (_schema, _pattern, _rule, _assertion, _substrings, _dnAttributes) = (schema, pattern, rule, assertion, substrings, dnAttributes);
    }

    public static FilterTest Create(ExtensibleFilter filter, DirectorySchema schema)
    {
        AttributePattern? pattern = filter.Attribute is null ? null : Described(filter.Attribute, schema);
        MatchingRuleDefinition? rule = filter.MatchingRule is null ? pattern?.Type!.EqualityRule : MatchingRuleDefinition.Find(filter.MatchingRule);
        if (rule is null || (filter.Attribute is not null && (pattern is null || !rule.AppliesTo(pattern.Type!))))
        {
            return UndefinedTest.Instance;
        }

        ValueAssertion assertion = default;
        SubstringAssertion? substrings = null;
        bool valid = rule.Use == MatchingUse.Substrings
            ? SubstringAssertion.TryCreate(rule.Kind, filter.Value, out substrings)
            : ValueAssertion.TryCreate(rule.Kind, filter.Value.Span, Comparison(rule.Use), schema, out assertion);
        return valid ? new ExtensibleTest(schema, pattern, rule, assertion, substrings, filter.DnAttributes) : UndefinedTest.Instance;
    }

    public override bool? Matches(in FilterSubject subject)
    {
        for (int i = 0; i < subject.Count; i++)
        {
            LdapAttribute attribute = subject[i];
            if (Concerns(attribute.Description) && (_substrings?.MatchesAny(attribute.Values) ?? _assertion.MatchesAny(attribute.Values)))
            {
                return true;
            }
        }

        return _dnAttributes && MatchesName(subject.Dn);
    }

    private static ValueComparison Comparison(MatchingUse use) => use switch
    {
        MatchingUse.Ordering => ValueComparison.Less,
        MatchingUse.BitAnd => ValueComparison.BitAnd,
        MatchingUse.BitOr => ValueComparison.BitOr,
        _ => ValueComparison.Equal,
    };

    private bool Concerns(string description)
    {
        if (_pattern is not null)
        {
            return _pattern.Covers(description);
        }

        if (!_concerned.TryGetValue(description, out bool concerned))
        {
            concerned = _schema.FindAttribute(AttributeDescription.TypeOf(description).ToString()) is { } type && _rule.AppliesTo(type);
            if (_concerned.Count < AttributePattern.MaxKnown)
            {
                _concerned.Add(description, concerned);
            }
        }

        return concerned;
    }

    private bool MatchesName(string name)
    {
        if (!DistinguishedName.TryParse(name, out DistinguishedName dn, out _))
        {
            return false;
        }

        foreach (RelativeDistinguishedName rdn in dn.Rdns)
        {
            foreach ((string type, string value) in rdn.Parts)
            {
                byte[] octets = Encoding.UTF8.GetBytes(value);
                if (Concerns(type) && (_substrings?.Matches(octets) ?? _assertion.Matches(octets)))
                {
                    return true;
                }
            }
        }

        return false;
    }
}

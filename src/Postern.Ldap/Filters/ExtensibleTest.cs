using System.Text;

namespace Postern.Ldap;

/// <summary>MatchingRuleAssertion, RFC 4511 section 4.5.1.7.7. Without a type: every attribute whose own rule is the one asked for.</summary>
internal sealed class ExtensibleTest : FilterTest
{
    private readonly DirectorySchema _schema;
    private readonly AttributePattern? _pattern;
    private readonly MatchingRule _rule;
    private readonly ValueAssertion _assertion;
    private readonly bool _dnAttributes;

    private ExtensibleTest(DirectorySchema schema, AttributePattern? pattern, MatchingRule rule, ValueAssertion assertion, bool dnAttributes)
        : base(pattern?.Type)
    {
        (_schema, _pattern, _rule, _assertion, _dnAttributes) = (schema, pattern, rule, assertion, dnAttributes);
    }

    public static FilterTest Create(ExtensibleFilter filter, DirectorySchema schema)
    {
        AttributePattern? pattern = filter.Attribute is null ? null : Described(filter.Attribute, schema);
        MatchingRule? rule = filter.MatchingRule is null ? pattern?.Type!.Equality : MatchingRules.Find(filter.MatchingRule);
        return rule is null || (filter.Attribute is not null && pattern is null)
            || !ValueAssertion.TryCreate(rule.Value, filter.Value.Span, ValueComparison.Equal, schema, out ValueAssertion assertion)
            ? UndefinedTest.Instance
            : new ExtensibleTest(schema, pattern, rule.Value, assertion, filter.DnAttributes);
    }

    public override bool? Matches(in FilterSubject subject)
    {
        for (int i = 0; i < subject.Count; i++)
        {
            LdapAttribute attribute = subject[i];
            if (Concerns(attribute.Description) && _assertion.MatchesAny(attribute.Values))
            {
                return true;
            }
        }

        return _dnAttributes && MatchesName(subject.Dn);
    }

    private bool Concerns(string description) => _pattern is not null
        ? _pattern.Covers(description)
        : _schema.FindAttribute(AttributeDescription.TypeOf(description).ToString())?.Equality == _rule;

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
                if (Concerns(type) && _assertion.Matches(Encoding.UTF8.GetBytes(value)))
                {
                    return true;
                }
            }
        }

        return false;
    }
}

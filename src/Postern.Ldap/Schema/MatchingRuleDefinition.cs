namespace Postern.Ldap;

/// <summary>What a matching rule is for.</summary>
public enum MatchingUse
{
    Equality,

    /// <summary>The value comes before the one asserted.</summary>
    Ordering,
    Substrings,

    /// <summary>The value has all bits of the one asserted.</summary>
    BitAnd,

    /// <summary>The value has a bit of the one asserted.</summary>
    BitOr,
}

/// <summary>A matching rule by its names, RFC 4512 section 4.1.3.</summary>
/// <param name="Syntax">OID of the assertion's syntax.</param>
public sealed record MatchingRuleDefinition(string Oid, string Name, MatchingUse Use, MatchingRule Kind, string Syntax)
{
    private static readonly Dictionary<string, MatchingRuleDefinition> ByName = new(StringComparer.OrdinalIgnoreCase);

    static MatchingRuleDefinition()
    {
        foreach (MatchingRuleDefinition rule in All)
        {
            ByName.Add(rule.Name, rule);
            ByName.Add(rule.Oid, rule);
        }
    }

    /// <summary>RFC 4517 section 4.2 in its order, RFC 4530, X.520 for what RFC 4517 leaves out, and Active Directory's two.</summary>
    public static IReadOnlyList<MatchingRuleDefinition> All { get; } =
    [
        new("2.5.13.16", "bitStringMatch", MatchingUse.Equality, MatchingRule.BitString, Syntaxes.BitString),
        new("2.5.13.13", "booleanMatch", MatchingUse.Equality, MatchingRule.Boolean, Syntaxes.Boolean),
        new("1.3.6.1.4.1.1466.109.114.1", "caseExactIA5Match", MatchingUse.Equality, MatchingRule.CaseExactIA5, Syntaxes.IA5String),
        new("2.5.13.5", "caseExactMatch", MatchingUse.Equality, MatchingRule.CaseExact, Syntaxes.DirectoryString),
        new("2.5.13.6", "caseExactOrderingMatch", MatchingUse.Ordering, MatchingRule.CaseExact, Syntaxes.DirectoryString),
        new("2.5.13.7", "caseExactSubstringsMatch", MatchingUse.Substrings, MatchingRule.CaseExact, Syntaxes.SubstringAssertion),
        new("1.3.6.1.4.1.1466.109.114.2", "caseIgnoreIA5Match", MatchingUse.Equality, MatchingRule.CaseIgnoreIA5, Syntaxes.IA5String),
        new("1.3.6.1.4.1.1466.109.114.3", "caseIgnoreIA5SubstringsMatch", MatchingUse.Substrings, MatchingRule.CaseIgnoreIA5, Syntaxes.SubstringAssertion),
        new("2.5.13.11", "caseIgnoreListMatch", MatchingUse.Equality, MatchingRule.CaseIgnoreList, Syntaxes.PostalAddress),
        new("2.5.13.12", "caseIgnoreListSubstringsMatch", MatchingUse.Substrings, MatchingRule.CaseIgnoreList, Syntaxes.SubstringAssertion),
        new("2.5.13.2", "caseIgnoreMatch", MatchingUse.Equality, MatchingRule.CaseIgnore, Syntaxes.DirectoryString),
        new("2.5.13.3", "caseIgnoreOrderingMatch", MatchingUse.Ordering, MatchingRule.CaseIgnore, Syntaxes.DirectoryString),
        new("2.5.13.4", "caseIgnoreSubstringsMatch", MatchingUse.Substrings, MatchingRule.CaseIgnore, Syntaxes.SubstringAssertion),
        new("2.5.13.1", "distinguishedNameMatch", MatchingUse.Equality, MatchingRule.DistinguishedName, Syntaxes.DistinguishedName),
        new("2.5.13.27", "generalizedTimeMatch", MatchingUse.Equality, MatchingRule.GeneralizedTime, Syntaxes.GeneralizedTime),
        new("2.5.13.28", "generalizedTimeOrderingMatch", MatchingUse.Ordering, MatchingRule.GeneralizedTime, Syntaxes.GeneralizedTime),
        new("2.5.13.29", "integerFirstComponentMatch", MatchingUse.Equality, MatchingRule.IntegerFirstComponent, Syntaxes.Integer),
        new("2.5.13.14", "integerMatch", MatchingUse.Equality, MatchingRule.Integer, Syntaxes.Integer),
        new("2.5.13.15", "integerOrderingMatch", MatchingUse.Ordering, MatchingRule.Integer, Syntaxes.Integer),
        new("2.5.13.8", "numericStringMatch", MatchingUse.Equality, MatchingRule.NumericString, Syntaxes.NumericString),
        new("2.5.13.9", "numericStringOrderingMatch", MatchingUse.Ordering, MatchingRule.NumericString, Syntaxes.NumericString),
        new("2.5.13.10", "numericStringSubstringsMatch", MatchingUse.Substrings, MatchingRule.NumericString, Syntaxes.SubstringAssertion),
        new("2.5.13.30", "objectIdentifierFirstComponentMatch", MatchingUse.Equality, MatchingRule.ObjectIdentifierFirstComponent, Syntaxes.ObjectIdentifier),
        new("2.5.13.0", "objectIdentifierMatch", MatchingUse.Equality, MatchingRule.ObjectIdentifier, Syntaxes.ObjectIdentifier),
        new("2.5.13.17", "octetStringMatch", MatchingUse.Equality, MatchingRule.OctetString, Syntaxes.OctetString),
        new("2.5.13.18", "octetStringOrderingMatch", MatchingUse.Ordering, MatchingRule.OctetString, Syntaxes.OctetString),
        new("2.5.13.19", "octetStringSubstringsMatch", MatchingUse.Substrings, MatchingRule.OctetString, Syntaxes.OctetString),
        new("2.5.13.20", "telephoneNumberMatch", MatchingUse.Equality, MatchingRule.TelephoneNumber, Syntaxes.TelephoneNumber),
        new("2.5.13.21", "telephoneNumberSubstringsMatch", MatchingUse.Substrings, MatchingRule.TelephoneNumber, Syntaxes.SubstringAssertion),
        new("2.5.13.23", "uniqueMemberMatch", MatchingUse.Equality, MatchingRule.UniqueMember, Syntaxes.NameAndOptionalUid),
        new("1.3.6.1.1.16.2", "UUIDMatch", MatchingUse.Equality, MatchingRule.Uuid, Syntaxes.Uuid),
        new("1.3.6.1.1.16.3", "UUIDOrderingMatch", MatchingUse.Ordering, MatchingRule.Uuid, Syntaxes.Uuid),
        new("1.2.840.113556.1.4.803", "integerBitAndMatch", MatchingUse.BitAnd, MatchingRule.Integer, Syntaxes.Integer),
        new("1.2.840.113556.1.4.804", "integerBitOrMatch", MatchingUse.BitOr, MatchingRule.Integer, Syntaxes.Integer),
    ];

    /// <summary>Null when there is no such rule.</summary>
    public static MatchingRuleDefinition? Find(string nameOrOid) => ByName.GetValueOrDefault(nameOrOid);

    /// <summary>The rule of a kind for a use; null when there is none, or the kind is none.</summary>
    public static MatchingRuleDefinition? Find(MatchingRule kind, MatchingUse use)
    {
        foreach (MatchingRuleDefinition rule in All)
        {
            if (rule.Kind == kind && rule.Use == use)
            {
                return rule;
            }
        }

        return null;
    }

    /// <summary>Whether values of an attribute can be compared by this rule: its kind is the attribute's, or both are texts.</summary>
    public bool AppliesTo(AttributeType type) => Kind == type.Equality || (IsText(Kind) && IsText(type.Equality));

    private static bool IsText(MatchingRule kind) => kind is MatchingRule.CaseIgnore or MatchingRule.CaseExact
        or MatchingRule.CaseIgnoreIA5 or MatchingRule.CaseExactIA5 or MatchingRule.TelephoneNumber or MatchingRule.NumericString;
}

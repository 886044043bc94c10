namespace Postern.Ldap;

/// <summary>How values of one kind are brought into the form in which equal ones are the same octets (RFC 4517 section 4.2). Equality,
/// ordering and substrings rules of one kind share it; <see cref="MatchingRuleDefinition"/> has them by name.</summary>
public enum MatchingRule
{
    /// <summary>No equality: values are compared as octets, only presence can be asked.</summary>
    None,
    CaseIgnore,
    CaseExact,
    OctetString,
    DistinguishedName,
    Integer,
    Boolean,
    GeneralizedTime,
    ObjectIdentifier,
    Uuid,

    /// <summary>As <see cref="CaseIgnore"/>, of ASCII only.</summary>
    CaseIgnoreIA5,

    /// <summary>As <see cref="CaseExact"/>, of ASCII only.</summary>
    CaseExactIA5,

    /// <summary>Digits; blanks are nothing.</summary>
    NumericString,

    /// <summary>Blanks and hyphens are nothing.</summary>
    TelephoneNumber,

    /// <summary>Lines, with <c>$</c> between them.</summary>
    CaseIgnoreList,
    BitString,

    /// <summary>A name with an optional bit string.</summary>
    UniqueMember,

    /// <summary>The number that a description begins with.</summary>
    IntegerFirstComponent,

    /// <summary>The OID that a description begins with.</summary>
    ObjectIdentifierFirstComponent,
}

namespace Postern.Ldap;

/// <summary>Equality matching rules of RFC 4517 that Postern's schema uses; ordering and substrings follow from the same normal form.</summary>
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
}

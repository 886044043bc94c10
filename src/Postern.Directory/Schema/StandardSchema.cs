using Postern.Ldap;

namespace Postern.Directory;

/// <summary>Attribute types and object classes of RFC 4512, 4519, 4530, 2798, 3112 and their kin, as far as our directories use them.</summary>
internal static class StandardSchema
{
    public static IReadOnlyList<AttributeType> Attributes { get; } =
    [
        // RFC 4512
        new(SchemaWords.ObjectClass, "2.5.4.0", MatchingRule.ObjectIdentifier),
        Maintained("createTimestamp", "2.5.18.1", MatchingRule.GeneralizedTime),
        Maintained("modifyTimestamp", "2.5.18.2", MatchingRule.GeneralizedTime),
        Maintained("subschemaSubentry", "2.5.18.10", MatchingRule.DistinguishedName),
        Maintained("attributeTypes", "2.5.21.5", MatchingRule.None) with { SingleValue = false },
        Maintained("objectClasses", "2.5.21.6", MatchingRule.None) with { SingleValue = false },
        RootDse("namingContexts", "1.3.6.1.4.1.1466.101.120.5", MatchingRule.DistinguishedName),
        RootDse("supportedExtension", "1.3.6.1.4.1.1466.101.120.7", MatchingRule.ObjectIdentifier),
        RootDse("supportedControl", "1.3.6.1.4.1.1466.101.120.13", MatchingRule.ObjectIdentifier),
        RootDse("supportedSASLMechanisms", "1.3.6.1.4.1.1466.101.120.14", MatchingRule.CaseIgnore),
        RootDse("supportedLDAPVersion", "1.3.6.1.4.1.1466.101.120.15", MatchingRule.Integer),
        RootDse("supportedFeatures", "1.3.6.1.4.1.4203.1.3.5", MatchingRule.ObjectIdentifier),

        // RFC 3045
        RootDse("vendorName", "1.3.6.1.1.4", MatchingRule.CaseExact),
        RootDse("vendorVersion", "1.3.6.1.1.5", MatchingRule.CaseExact),

        // RFC 4530, and OpenLDAP's change sequence number
        Maintained(SchemaWords.EntryUuid, "1.3.6.1.1.16.4", MatchingRule.Uuid),
        Maintained("entryCSN", "1.3.6.1.4.1.4203.666.1.7", MatchingRule.CaseIgnore),

        // RFC 4519
        new("cn", "2.5.4.3", MatchingRule.CaseIgnore),
        new("sn", "2.5.4.4", MatchingRule.CaseIgnore),
        new("c", "2.5.4.6", MatchingRule.CaseIgnore) { SingleValue = true },
        new("l", "2.5.4.7", MatchingRule.CaseIgnore),
        new("st", "2.5.4.8", MatchingRule.CaseIgnore),
        new("o", "2.5.4.10", MatchingRule.CaseIgnore),
        new("ou", "2.5.4.11", MatchingRule.CaseIgnore),
        new("title", "2.5.4.12", MatchingRule.CaseIgnore),
        new("description", "2.5.4.13", MatchingRule.CaseIgnore),
        new("telephoneNumber", "2.5.4.20", MatchingRule.CaseIgnore),
        new("member", "2.5.4.31", MatchingRule.DistinguishedName),
        new("givenName", "2.5.4.42", MatchingRule.CaseIgnore),
        new(SchemaWords.UserPassword, "2.5.4.35", MatchingRule.OctetString) { Description = "never shown; kept hashed" },
        new("seeAlso", "2.5.4.34", MatchingRule.DistinguishedName),
        new("uid", "0.9.2342.19200300.100.1.1", MatchingRule.CaseIgnore),
        new("mail", "0.9.2342.19200300.100.1.3", MatchingRule.CaseIgnore),
        new("dc", "0.9.2342.19200300.100.1.25", MatchingRule.CaseIgnore) { SingleValue = true },

        // RFC 2798
        new("displayName", "2.16.840.1.113730.3.1.241", MatchingRule.CaseIgnore) { SingleValue = true },
        new("employeeNumber", "2.16.840.1.113730.3.1.3", MatchingRule.CaseIgnore) { SingleValue = true },

        // Active Directory's, as lab sources carry it
        new("proxyAddresses", "1.2.840.113556.1.2.210", MatchingRule.CaseIgnore),
    ];

    public static IReadOnlyList<ObjectClass> Classes { get; } =
    [
        new("top", "2.5.6.0", ObjectClassKind.Abstract, [SchemaWords.ObjectClass], []) { Superior = "" },
        new("extensibleObject", "1.3.6.1.4.1.1466.101.120.111", ObjectClassKind.Auxiliary, [], []),
        new("subschema", "2.5.20.1", ObjectClassKind.Auxiliary, [], ["attributeTypes", "objectClasses"]),
        new("subentry", "2.5.17.0", ObjectClassKind.Structural, ["cn"], []),
        new("organization", "2.5.6.4", ObjectClassKind.Structural, ["o"], ["description", "l", "st", "telephoneNumber", "seeAlso", SchemaWords.UserPassword]),
        new("organizationalUnit", "2.5.6.5", ObjectClassKind.Structural, ["ou"], ["description", "l", "st", "telephoneNumber", "seeAlso", SchemaWords.UserPassword]),
        new("person", "2.5.6.6", ObjectClassKind.Structural, ["sn", "cn"], [SchemaWords.UserPassword, "telephoneNumber", "seeAlso", "description"]),
        new("organizationalPerson", "2.5.6.7", ObjectClassKind.Structural, [], ["title", "ou", "l", "st"]) { Superior = "person" },
        new("inetOrgPerson", "2.16.840.1.113730.3.2.2", ObjectClassKind.Structural, [], ["mail", "uid", "givenName", "displayName", "employeeNumber", "o", "proxyAddresses"])
        {
            Superior = "organizationalPerson",
        },
        new("groupOfNames", "2.5.6.9", ObjectClassKind.Structural, ["cn", "member"], ["description", "o", "ou", "seeAlso", "mail", "proxyAddresses"]),
        new("domain", "0.9.2342.19200300.100.4.13", ObjectClassKind.Structural, ["dc"], ["description", "o", "l", "st", "seeAlso"]),
        new("dcObject", "1.3.6.1.4.1.1466.344", ObjectClassKind.Auxiliary, ["dc"], []),
    ];

    private static AttributeType Maintained(string name, string oid, MatchingRule equality) =>
        new(name, oid, equality) { SingleValue = true, Operational = true, NoUserModification = true };

    private static AttributeType RootDse(string name, string oid, MatchingRule equality) =>
        new(name, oid, equality) { Operational = true, NoUserModification = true };
}

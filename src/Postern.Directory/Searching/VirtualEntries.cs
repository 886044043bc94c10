using System.Reflection;
using System.Text;
using Postern.Ldap;

namespace Postern.Directory.Searching;

/// <summary>Entries that are not stored: the root DSE (RFC 4512 section 5.1) and the subschema subentry (section 4.2).</summary>
internal sealed class VirtualEntries
{
    public const string SubschemaDn = "cn=subschema";

    private const string VendorName = "Postern";

    private static readonly DistinguishedName Subschema = DistinguishedName.Parse(SubschemaDn);

    private readonly LdapEntry _root;
    private readonly LdapEntry _subschema;

    public VirtualEntries(DirectoryOptions options, DirectorySchema schema)
    {
        string version = typeof(VirtualEntries).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";
        _root = new LdapEntry("", Present(
        [
            new LdapAttribute(SchemaWords.ObjectClass, "top"),
            new LdapAttribute("namingContexts", [.. options.Suffixes]),
            new LdapAttribute("subschemaSubentry", SubschemaDn),
            new LdapAttribute("supportedLDAPVersion", "3"),
            new LdapAttribute("supportedControl", [.. options.SupportedControls]),
            new LdapAttribute("supportedExtension", [.. options.SupportedExtensions]),
            new LdapAttribute("supportedFeatures", [.. options.SupportedFeatures]),
            new LdapAttribute("supportedSASLMechanisms", [.. options.SupportedSaslMechanisms]),
            new LdapAttribute("vendorName", VendorName),
            new LdapAttribute("vendorVersion", version),
        ]));
        _subschema = new LdapEntry(SubschemaDn, Present(
        [
            new LdapAttribute(SchemaWords.ObjectClass, "top", "subentry", "subschema"),
            new LdapAttribute("cn", "subschema"),
            new LdapAttribute("attributeTypes", [.. schema.Attributes.Select(Describe)]),
            new LdapAttribute("objectClasses", [.. schema.Classes.Select(Describe)]),
        ]));
    }

    /// <returns>The entries in scope, or null when the base is a stored entry's name.</returns>
    public IReadOnlyList<LdapEntry>? Find(DistinguishedName baseDn, SearchScope scope)
    {
        if (baseDn.IsRoot)
        {
            return scope == SearchScope.BaseObject
                ? [_root]
                : throw new LdapException(
                    LdapResultCode.NoSuchObject, "search under \"\": only the root DSE itself (scope base) is there; name a naming context as the base");
        }

        if (baseDn.Equals(Subschema))
        {
            return scope == SearchScope.SingleLevel ? [] : [_subschema];
        }

        return null;
    }

    private static List<LdapAttribute> Present(List<LdapAttribute> attributes) => attributes.FindAll(a => a.Values.Count > 0);

    /// <summary>AttributeTypeDescription, RFC 4512 section 4.1.2.</summary>
    private static string Describe(AttributeType type)
    {
        StringBuilder text = new($"( {type.Oid} NAME '{type.Name}'");
        AppendDescription(text, type.Description);
        if (RuleName(type.Equality) is { } rule)
        {
            text.Append(" EQUALITY ").Append(rule);
        }

        text.Append(" SYNTAX ").Append(type.Syntax);
        text.Append(type.SingleValue ? " SINGLE-VALUE" : "").Append(type.NoUserModification ? " NO-USER-MODIFICATION" : "");
        return text.Append(type.Operational ? " USAGE directoryOperation )" : " )").ToString();
    }

    /// <summary>ObjectClassDescription, RFC 4512 section 4.1.1.</summary>
    private static string Describe(ObjectClass objectClass)
    {
        StringBuilder text = new($"( {objectClass.Oid} NAME '{objectClass.Name}'");
        AppendDescription(text, objectClass.Description);
        if (objectClass.Superior.Length > 0 && objectClass.Superior != objectClass.Name)
        {
            text.Append(" SUP ").Append(objectClass.Superior);
        }

        text.Append(' ').Append(objectClass.Kind.ToString().ToUpperInvariant());
        AppendNames(text, "MUST", objectClass.Must);
        AppendNames(text, "MAY", objectClass.May);
        return text.Append(" )").ToString();
    }

    private static void AppendDescription(StringBuilder text, string description)
    {
        if (description.Length > 0)
        {
            text.Append(" DESC '").Append(description.Replace("\\", "\\5C", StringComparison.Ordinal).Replace("'", "\\27", StringComparison.Ordinal)).Append('\'');
        }
    }

    private static void AppendNames(StringBuilder text, string word, IReadOnlyList<string> names)
    {
        if (names.Count > 0)
        {
            text.Append(' ').Append(word).Append(" ( ").AppendJoin(" $ ", names).Append(" )");
        }
    }

    /// <summary>Names of RFC 4517 section 4.2.</summary>
    private static string? RuleName(MatchingRule rule) => rule switch
    {
        MatchingRule.CaseIgnore => "caseIgnoreMatch",
        MatchingRule.CaseExact => "caseExactMatch",
        MatchingRule.OctetString => "octetStringMatch",
        MatchingRule.DistinguishedName => "distinguishedNameMatch",
        MatchingRule.Integer => "integerMatch",
        MatchingRule.Boolean => "booleanMatch",
        MatchingRule.GeneralizedTime => "generalizedTimeMatch",
        MatchingRule.ObjectIdentifier => "objectIdentifierMatch",
        MatchingRule.Uuid => "UUIDMatch",
        _ => null,
    };
}

using System.Globalization;
using System.Reflection;
using Postern.Directory.Updates;
using Postern.Ldap;

namespace Postern.Directory.Searching;

// RFC 3045 (complete): nothing to add

/// <summary>Entries that are not stored: the root DSE (RFC 4512 section 5.1) and the subschema subentry (section 4.2).</summary>
internal sealed class VirtualEntries
{
    public const string SubschemaDn = "cn=subschema";

    /// <summary>Active Directory's name for it: the clock of this server, GeneralizedTime in whole seconds. Peers compare theirs with it.</summary>
    private const string CurrentTime = "currentTime";

    private const string VendorName = "Postern";

    private static readonly DistinguishedName Subschema = DistinguishedName.Parse(SubschemaDn);

    private readonly List<LdapAttribute> _root;
    private readonly TimeProvider _time;
    private readonly LdapEntry _subschema;

    public VirtualEntries(DirectoryOptions options, DirectorySchema schema, TimeProvider time)
    {
        _time = time;
        string version = typeof(VirtualEntries).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

        // The directory is opened now, and since then its schema is what it is.
        string opened = Print(time.GetUtcNow());
        _root = Present(
        [
            new LdapAttribute(SchemaWords.ObjectClass, "top", "extensibleObject"),
            new LdapAttribute("namingContexts", [.. options.Suffixes]),
            new LdapAttribute("subschemaSubentry", SubschemaDn),
            new LdapAttribute("supportedLDAPVersion", "3"),
            new LdapAttribute("supportedControl", Union(options.SupportedControls, SearchControls.Honoured, [LdapOids.SyncRequest], EntryComparison.HonouredControls, UpdateControls.Honoured)),
            new LdapAttribute("supportedExtension", [.. options.SupportedExtensions]),
            new LdapAttribute("supportedFeatures", Union(options.SupportedFeatures, Features)),
            new LdapAttribute("supportedSASLMechanisms", [.. options.SupportedSaslMechanisms]),
            new LdapAttribute("vendorName", VendorName),
            new LdapAttribute("vendorVersion", version),
            new LdapAttribute("entryDN", ""),
        ]);
        _subschema = new LdapEntry(SubschemaDn, Present(
        [
            new LdapAttribute(SchemaWords.ObjectClass, "top", "subentry", "subschema", "extensibleObject"),
            new LdapAttribute("cn", "subschema"),
            new LdapAttribute("attributeTypes", [.. schema.Attributes.Select(a => SchemaWriter.Describe(a, schema))]),
            new LdapAttribute("objectClasses", [.. schema.Classes.Select(SchemaWriter.Describe)]),
            new LdapAttribute("ldapSyntaxes", [.. Syntaxes.All.Select(s => SchemaWriter.DescribeSyntax(s.Oid))]),
            new LdapAttribute("matchingRules", [.. MatchingRuleDefinition.All.Select(SchemaWriter.Describe)]),
            new LdapAttribute("matchingRuleUse", [.. MatchingRuleDefinition.All.Select(r => SchemaWriter.DescribeUse(r, schema)).OfType<string>()]),
            new LdapAttribute("structuralObjectClass", "subentry"),
            new LdapAttribute("createTimestamp", opened),
            new LdapAttribute("modifyTimestamp", opened), // by which browsers know whether to read it again
            new LdapAttribute("subschemaSubentry", SubschemaDn),
            new LdapAttribute("entryDN", SubschemaDn),
            new LdapAttribute("hasSubordinates", "FALSE"),
        ]));
    }

    /// <summary>What the engine itself can do: RFC 3673, RFC 4526, RFC 4525.</summary>
    private static IReadOnlyList<string> Features { get; } =
        [LdapOids.AllOperationalAttributes, LdapOids.TrueFalseFilters, LdapOids.ModifyIncrement];

    /// <returns>The entries in scope, or null when the base is a stored entry's name.</returns>
    public IReadOnlyList<LdapEntry>? Find(DistinguishedName baseDn, SearchScope scope)
    {
        if (baseDn.IsRoot)
        {
            return scope == SearchScope.BaseObject
                ? [new LdapEntry("", [.. _root, new LdapAttribute(CurrentTime, Print(_time.GetUtcNow()))])]
                : throw new LdapException(
                    LdapResultCode.NoSuchObject, "search under \"\": only the root DSE itself (scope base) is there; name a naming context as the base");
        }

        if (baseDn.Equals(Subschema))
        {
            return scope == SearchScope.SingleLevel ? [] : [_subschema];
        }

        return null;
    }

    private static string Print(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMddHHmmss'Z'", CultureInfo.InvariantCulture);

    private static List<LdapAttribute> Present(List<LdapAttribute> attributes) => attributes.FindAll(a => a.Values.Count > 0);

    private static string[] Union(params IReadOnlyList<string>[] lists) => [.. lists.SelectMany(l => l).Distinct(StringComparer.Ordinal)];
}

using Postern.EdgeSync.Filters;
using Postern.Ldap;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>What a filter looks at, and what of that changes without a word.</summary>
internal static class FilterAttributes
{
    /// <summary>Ambiguous name resolution: a set of attributes that the server's schema defines.</summary>
    private const string AnyName = "anr";

    /// <summary>Computed, or kept at the other end of a link: they change while the object that shows them is not reported as changed.</summary>
    private static readonly HashSet<string> NotReported = new(StringComparer.OrdinalIgnoreCase)
    {
        "memberOf", "directReports", "managedObjects", "tokenGroups", "tokenGroupsGlobalAndUniversal", "tokenGroupsNoGCAcceptable", "canonicalName",
        "msDS-parentdistname", "msDS-memberOfTransitive", "msDS-User-Account-Control-Computed", "msDS-UserPasswordExpiryTimeComputed",
        "msDS-ReplAttributeMetaData", "parentGUID", "lastLogon", "logonCount", "badPwdCount",
    };

    /// <returns>Null: every attribute may matter (a rule without an attribute, a search over names).</returns>
    public static IReadOnlyCollection<string>? Of(Filter filter) =>
        FilterSchema.Items(filter).All(item => FilterSchema.AttributeOf(item) is { } attribute && !AttributeDescription.Comparer.Equals(attribute, AnyName))
            ? [.. EntryFilter.AttributesOf(filter).Distinct(StringComparer.OrdinalIgnoreCase)]
            : null;

    /// <summary>Whether no feed reports when it changes.</summary>
    public static bool IsUnreported(string attribute) => NotReported.Contains(attribute);
}

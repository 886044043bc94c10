using System.Globalization;
using System.Text;
using Postern.Ldap;

namespace Postern.Interop.Tests.Differential;

/// <summary>What a server made of a search, in a form in which two servers can be compared: names and descriptions without their case,
/// sets sorted. What differs on purpose is left out here, each with its reason.</summary>
internal sealed record SearchOutcome(LdapResultCode Code, string MatchedDn, IReadOnlyList<string> Entries)
{
    /// <summary>Values that a server makes up itself: names of schema entries, UUIDs, times, who did it (RFC 4512 section 3.4). Which of
    /// them exist beyond those of RFC 4512 is the server's choice.</summary>
    private static readonly HashSet<string> Operational = new(StringComparer.OrdinalIgnoreCase)
    {
        "createTimestamp", "modifyTimestamp", "creatorsName", "modifiersName", "entryUUID", "entryCSN", "entryDN", "hasSubordinates", "numSubordinates",
        "subschemaSubentry", "structuralObjectClass", "governingStructureRule", "contextCSN",
    };

    public static async Task<SearchOutcome> OfAsync(IDirectory directory, SearchRequest request)
    {
        List<LdapEntry> found = [];
        LdapResult result = LdapResult.Success;
        try
        {
            await foreach (LdapEntry entry in directory.SearchAsync(request))
            {
                found.Add(entry);
            }
        }
        catch (LdapException e)
        {
            result = e.Result;
        }

        // RFC 4511 section 4.5.1.4: which entries come before the limit is the server's choice; how many is not.
        IReadOnlyList<string> entries = result.Code == LdapResultCode.SizeLimitExceeded
            ? [string.Create(CultureInfo.InvariantCulture, $"{found.Count} entries")]
            : [.. found.Select(Describe).Order(StringComparer.Ordinal)];
        return new SearchOutcome(result.Code, Name(result.MatchedDn), entries);
    }

    /// <returns>Null when they are equal.</returns>
    public static string? Difference(SearchOutcome ours, SearchOutcome theirs)
    {
        if (ours.Code != theirs.Code || ours.MatchedDn != theirs.MatchedDn)
        {
            return $"ours {ours.Code} \"{ours.MatchedDn}\" with {ours.Entries.Count} entries, slapd's {theirs.Code} \"{theirs.MatchedDn}\" with {theirs.Entries.Count}";
        }

        string[] onlyOurs = [.. ours.Entries.Except(theirs.Entries)];
        string[] onlyTheirs = [.. theirs.Entries.Except(ours.Entries)];
        return onlyOurs.Length + onlyTheirs.Length == 0 && ours.Entries.Count == theirs.Entries.Count
            ? null
            : $"{ours.Entries.Count} and {theirs.Entries.Count} entries; {onlyOurs.Length} only ours: {string.Join(" | ", onlyOurs.Take(2))}; {onlyTheirs.Length} only slapd's: {string.Join(" | ", onlyTheirs.Take(2))}";
    }

    private static string Describe(LdapEntry entry)
    {
        IEnumerable<string> attributes = entry.Attributes
            .Where(a => !Operational.Contains(a.Description))

            // Ours shows it to nobody (RFC 4519 section 2.41 asks for protection); slapd shows it to its rootdn.
            .Where(a => !a.Description.Equals("userPassword", StringComparison.OrdinalIgnoreCase))
            .Select(a => $"{a.Description.ToLowerInvariant()}={string.Join('\u0001', a.Values.Select(v => Encoding.UTF8.GetString(v.Span)).Order(StringComparer.Ordinal))}")
            .Order(StringComparer.Ordinal);
        return $"{Name(entry.Dn)} {{{string.Join("; ", attributes)}}}";
    }

    private static string Name(string dn) => DistinguishedName.Parse(dn).Normalized;
}

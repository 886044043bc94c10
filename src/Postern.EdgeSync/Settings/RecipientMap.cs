using Postern.EdgeSync.Filters;
using Postern.Ldap;

namespace Postern.EdgeSync.Settings;

/// <summary>What of a source's entries means what for a recipient: <c>sources[].map</c> in hub.json. Attributes by name, conditions as filters
/// (RFC 4515) that are held against the entry on the hub; null: there is no such thing.</summary>
public sealed record RecipientMap
{
    /// <summary>Attributes that hold addresses, all their values.</summary>
    public required IReadOnlyList<string> Addresses { get; init; }

    /// <summary>Entries that take mail from inside only: the edge knows them, and refuses mail for them from outside.</summary>
    public string? InternalOnly { get; init; }

    /// <summary>Entries that are no recipients for the time being.</summary>
    public string? Disabled { get; init; }

    /// <summary>Packed hashes of senders, four octets each (fact sheet 5.1).</summary>
    public string? SafeSenders { get; init; }

    public string? SafeRecipients { get; init; }

    public string? BlockedSenders { get; init; }

    /// <summary>At most this many entries in one safelist; a longer one is left out and reported. Default 1024 (fact sheet 5.1), 1 to 65,536.</summary>
    public int MaxSafelistEntries { get; init; } = 1024;

    /// <summary>Spam confidence, 0 to 9, from which mail is deleted.</summary>
    public string? SclDelete { get; init; }

    public string? SclReject { get; init; }

    public string? SclQuarantine { get; init; }

    /// <summary>Entries whose mail no filter looks at.</summary>
    public string? AntispamBypass { get; init; }

    /// <summary>Everything that a reading has to ask for, so that the projection has what it needs.</summary>
    public IEnumerable<string> Attributes =>
        Addresses
            .Concat(new[] { SafeSenders, SafeRecipients, BlockedSenders, SclDelete, SclReject, SclQuarantine }.OfType<string>())
            .Concat(new[] { InternalOnly, Disabled, AntispamBypass }.OfType<string>().SelectMany(condition => EntryFilter.AttributesOf(Filter.Parse(condition))));
}

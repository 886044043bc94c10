using Postern.EdgeSync.Filters;
using Postern.EdgeSync.Sources;

namespace Postern.EdgeSync.Settings;

public enum SourceType
{
    /// <summary>OpenLDAP: entries are known by entryUUID.</summary>
    OpenLdap,

    /// <summary>Active Directory or Samba AD: entries are known by objectGUID.</summary>
    ActiveDirectory,

    /// <summary>Any other LDAP directory: entryUUID, objectGUID or nsUniqueId, whichever there is.</summary>
    Ldap,

    /// <summary>A file of RFC 2849.</summary>
    Ldif,
}

/// <summary>One source directory. The keys of <c>sources[]</c> in hub.json.</summary>
public sealed record SourceSettings
{
    private readonly RecipientPreset? _preset;
    private readonly string? _filter;
    private readonly RecipientMap? _map;

    /// <summary>Names the source in results and on the edge; unique.</summary>
    public required string Name { get; init; }

    public required SourceType Type { get; init; }

    /// <summary><c>ldap://host:port</c> or <c>ldaps://host:port</c>, the one to use first in front: servers that hold the same data. LDAP types only,
    /// and required there unless <see cref="Domain"/> says where.</summary>
    public IReadOnlyList<string> Urls { get; init; } = [];

    /// <summary>The first of <see cref="Urls"/>.</summary>
    public string? Url
    {
        get => Urls.Count > 0 ? Urls[0] : null;
        init => Urls = value is null ? [] : [value];
    }

    /// <summary>DNS name of the domain whose controllers are found by SRV records (RFC 2782), in place of <see cref="Urls"/>. They are spoken to by
    /// ldaps on port 636, or at the port of the record by <see cref="StartTls"/>. Active Directory only.</summary>
    public string? Domain { get; init; }

    /// <summary>How long a domain controller that does not answer is waited for before another one is read, which costs a whole comparison.
    /// Default 0: at once. (Exchange: 5 minutes, fact sheet 4.2.) Active Directory only.</summary>
    public TimeSpan FailoverDelay { get; init; }

    /// <summary>The subtree to read. LDAP types only, and required there.</summary>
    public string? BaseDn { get; init; }

    /// <summary>Subtrees, below the base or in the file, whose entries are no recipients. Distinguished names.</summary>
    public IReadOnlyList<string> ExcludedSubtrees { get; init; } = [];

    /// <summary>Whom to bind as; null binds anonymously. Active Directory also takes <c>name@domain</c> and <c>DOMAIN\name</c>.</summary>
    public string? BindDn { get; init; }

    /// <summary>The file with the password, read anew for each cycle; one final line end is not part of it.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>What <see cref="Filter"/> and <see cref="Map"/> are when they are not given. Default by type.</summary>
    public RecipientPreset Preset
    {
        get => _preset ?? RecipientPreset.DefaultOf(Type);
        init => _preset = value;
    }

    /// <summary>Which entries are read. RFC 4515. Default: the preset's.</summary>
    public string Filter
    {
        get => _filter ?? Preset.Filter;
        init => _filter = value;
    }

    /// <summary>What of an entry means what. Default: the preset's.</summary>
    public RecipientMap Map
    {
        get => _map ?? Preset.Map;
        init => _map = value;
    }

    /// <summary>The attribute that identifies an entry for life. Null: by type.</summary>
    public string? IdAttribute { get; init; }

    /// <summary>What a reading asks for and nothing else: the attributes of <see cref="Map"/>, and those that identify an entry.</summary>
    public IReadOnlyList<string> RequestedAttributes =>
        [.. Map.Attributes.Concat(EntryIdReader.For(this).Attributes).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The same with what <see cref="Filter"/> looks at: for sources that hold the filter against entries themselves.</summary>
    public IReadOnlyList<string> RequestedWithFilter =>
        [.. RequestedAttributes.Concat(EntryFilter.AttributesOf(Postern.Ldap.Filter.Parse(Filter))).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>PEM file with the authorities that may vouch for the source; null uses the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>Secures an <c>ldap://</c> connection before the bind, or fails.</summary>
    public bool StartTls { get; init; }

    /// <summary>Entries per page of a paged search (RFC 2696). Default 1000; Active Directory sends no more than that.</summary>
    public int PageSize { get; init; } = DefaultPageSize;

    /// <summary>How often a source that cannot notify is asked whether something has changed. Null: by what the question costs there (docs/sources.md).</summary>
    public TimeSpan? PollInterval { get; init; }

    /// <summary>At least this often everything is read and compared, whatever the change feed says. Default 1 day, 1 minute to 365 days.</summary>
    public TimeSpan FullCompareInterval { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The LDIF file. LDIF type only, and required there.</summary>
    public string? Path { get; init; }

    public const int DefaultPageSize = 1000;
}

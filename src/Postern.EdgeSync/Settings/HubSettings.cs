namespace Postern.EdgeSync.Settings;

/// <summary>hub.json, checked. Paths are absolute: relative ones count from the folder of the file.</summary>
public sealed record HubSettings
{
    /// <summary>The site that edges are subscribed to; any text, e.g. <c>Default-First-Site-Name</c>.</summary>
    public required string Site { get; init; }

    public required IReadOnlyList<SourceSettings> Sources { get; init; }

    /// <summary>At most this long between two recipient cycles (fact sheet 4.2). Default 5 minutes, at least 1 second.</summary>
    public TimeSpan RecipientSyncInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>At most this long between two configuration cycles. Default 3 minutes, at least 1 second.</summary>
    public TimeSpan ConfigurationSyncInterval { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>A cycle that would delete more than this share of what the edge holds is held. 0 to 1, default 0.1; 1 turns it off.</summary>
    public double DeleteGuardShare { get; init; } = 0.10;

    /// <summary>Fewer deletions than this are never held by the share. Default 50 entries.</summary>
    public int DeleteGuardMinimum { get; init; } = 50;
}

public enum SourceType
{
    /// <summary>OpenLDAP: entries are known by entryUUID.</summary>
    OpenLdap,

    /// <summary>Active Directory or Samba AD, read in full: entries are known by objectGUID.</summary>
    ActiveDirectory,

    /// <summary>Any other LDAP directory: entryUUID, objectGUID or nsUniqueId, whichever there is.</summary>
    Ldap,

    /// <summary>A file of RFC 2849.</summary>
    Ldif,
}

/// <summary>One source directory. The keys of <c>sources[]</c> in hub.json.</summary>
public sealed record SourceSettings
{
    /// <summary>Names the source in results and on the edge; unique.</summary>
    public required string Name { get; init; }

    public required SourceType Type { get; init; }

    /// <summary><c>ldap://host:port</c> or <c>ldaps://host:port</c>. LDAP types only, and required there.</summary>
    public string? Url { get; init; }

    /// <summary>The subtree to read. LDAP types only, and required there.</summary>
    public string? BaseDn { get; init; }

    /// <summary>Whom to bind as; null binds anonymously.</summary>
    public string? BindDn { get; init; }

    /// <summary>The file with the password, read anew for each cycle; one final line end is not part of it.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Which entries are read. RFC 4515.</summary>
    public string Filter { get; init; } = DefaultFilter;

    /// <summary>Attributes that hold addresses; nothing else of an entry is even asked for.</summary>
    public IReadOnlyList<string> AddressAttributes { get; init; } = DefaultAddressAttributes;

    /// <summary>The attribute that identifies an entry for life. Null: by type.</summary>
    public string? IdAttribute { get; init; }

    /// <summary>PEM file with the authorities that may vouch for the source; null uses the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>Secures an <c>ldap://</c> connection before the bind, or fails.</summary>
    public bool StartTls { get; init; }

    /// <summary>Entries per page of a paged search (RFC 2696). Default 1000; Active Directory sends no more than that.</summary>
    public int PageSize { get; init; } = DefaultPageSize;

    /// <summary>The LDIF file. LDIF type only, and required there.</summary>
    public string? Path { get; init; }

    public const string DefaultFilter = "(|(proxyAddresses=*)(mail=*))";

    public const int DefaultPageSize = 1000;

    public static IReadOnlyList<string> DefaultAddressAttributes { get; } = ["proxyAddresses", "mail"];
}

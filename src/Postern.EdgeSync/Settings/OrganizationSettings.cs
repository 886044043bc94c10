namespace Postern.EdgeSync.Settings;

/// <summary>Where the organization directory is, when hubs share one: the key <c>organization</c> of hub.json. Without it each hub keeps its own.</summary>
public sealed record OrganizationSettings
{
    /// <summary><c>ldap://host:port</c> or <c>ldaps://host:port</c>, the one to use first in front. They must hold the same data, and take writes.</summary>
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>The entry below which it is, e.g. <c>o=organization</c> or <c>ou=postern,dc=example,dc=com</c>. An o or ou is made if missing.</summary>
    public required string BaseDn { get; init; }

    /// <summary>An account that may read and write below the base; null binds anonymously.</summary>
    public string? BindDn { get; init; }

    /// <summary>The file with the password, read anew for each connection.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>PEM file with the authorities that may vouch for the server; null uses the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>Secures an <c>ldap://</c> connection before the bind, or fails.</summary>
    public bool StartTls { get; init; }
}

namespace Postern.Ldap;

/// <summary>What a decoder accepts before it looks further. Checked on announced and on arrived sizes, before allocation.</summary>
public sealed record LdapLimits
{
    /// <summary>A message's whole length in octets, tag and length included. Default 4 MiB.</summary>
    public int MaxMessageBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Nesting of a filter's and, or and not. Default 32 levels.</summary>
    public int MaxFilterDepth { get; init; } = 32;

    /// <summary>Nodes in one filter. Default 1024.</summary>
    public int MaxFilterNodes { get; init; } = 1024;

    /// <summary>Attributes in one entry, add or modify. Default 1024.</summary>
    public int MaxAttributes { get; init; } = 1024;

    /// <summary>Values of one attribute. Default 65536 (a large group has that many members).</summary>
    public int MaxValues { get; init; } = 65536;

    /// <summary>A distinguished name's length in octets. Default 8192.</summary>
    public int MaxDnBytes { get; init; } = 8192;

    /// <summary>Controls on one message. Default 32.</summary>
    public int MaxControls { get; init; } = 32;

    /// <summary>Keys of one sort (RFC 2891). Default 16.</summary>
    public int MaxSortKeys { get; init; } = 16;

    /// <summary>An LDAP URL's length (RFC 4516) in characters. Default 16384.</summary>
    public int MaxUrlChars { get; init; } = 16_384;

    /// <summary>Update operations in one LBURP batch (RFC 4373 section 5). Default 10,000.</summary>
    public int MaxBatchOperations { get; init; } = 10_000;

    public static LdapLimits Default { get; } = new();
}

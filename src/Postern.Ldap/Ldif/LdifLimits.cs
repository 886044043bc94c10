namespace Postern.Ldap;

/// <summary>What an LDIF file may hold. A file beyond them is refused with file and line.</summary>
public sealed record LdifLimits
{
    /// <summary>A logical line's length in octets, after unfolding. Default 16 MiB (a photo in base64).</summary>
    public int MaxLineBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>A record's length in octets, all its lines together. Default 64 MiB (a large group).</summary>
    public int MaxRecordBytes { get; init; } = 64 * 1024 * 1024;

    public static LdifLimits Default { get; } = new();
}

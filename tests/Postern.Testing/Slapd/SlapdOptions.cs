namespace Postern.Testing;

/// <summary>What a test wants of its slapd.</summary>
public sealed record SlapdOptions
{
    /// <summary>How many generated recipients it holds; 0: only the containers.</summary>
    public int Recipients { get; init; }

    /// <summary>Seed of the generator.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>More LDIF, loaded after the generated entries.</summary>
    public string ExtraLdif { get; init; } = "";

    /// <summary>The whole content instead of generated entries and <see cref="ExtraLdif"/>; the naming context stays dc=example,dc=com.</summary>
    public string? Ldif { get; init; }

    /// <summary>Files of further schema.</summary>
    public IReadOnlyList<string> Schemas { get; init; } = [];

    /// <summary>Lines of slapd.conf that belong to the database: overlays, limits, further indexes.</summary>
    public IReadOnlyList<string> DatabaseLines { get; init; } = [];

    /// <summary>Where it listens: an address of this machine.</summary>
    public string Address { get; init; } = "127.0.0.1";

    /// <summary>Entries that a search returns to anyone but the admin at most (slapd's <c>sizelimit</c>); 0: no limit.</summary>
    public int SizeLimit { get; init; }
}

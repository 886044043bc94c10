using Postern.Ldap;

namespace Postern.Directory;

/// <summary>What an identity is allowed to be; the rules themselves are in an <see cref="IAccessPolicy"/>.</summary>
public enum DirectoryRole
{
    Nobody,
    Lookup,
    Bootstrap,
    Replication,

    /// <summary>A hub that proved itself by its certificate: it may bring its own credential anew, nothing else.</summary>
    Hub,

    /// <summary>Whoever runs the directory: reads everything but secrets, and may write.</summary>
    Operator,

    /// <summary>The process itself. Never reachable over the wire.</summary>
    System,
}

/// <summary>Who acts.</summary>
/// <param name="Name">A DN, or a word for identities without an entry; for messages and the log.</param>
public sealed record Principal(string Name, DirectoryRole Role)
{
    /// <summary>Asked again by what goes on after its first answer: null, or why this identity is none any more.</summary>
    public Func<LdapResult?>? Refusal { get; init; }

    public static Principal System { get; } = new("system", DirectoryRole.System);

    public static Principal Nobody { get; } = new("anonymous", DirectoryRole.Nobody);
}

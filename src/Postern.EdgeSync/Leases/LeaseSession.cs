using Postern.Ldap;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Leases;

/// <summary>What asking for a lease needs of an edge: to read, and to change on a condition (RFC 4528).</summary>
public sealed class LeaseSession
{
    private readonly Func<IUpdateOperation, IReadOnlyList<LdapControl>, CancellationToken, Task<LdapAnswer>> _update;

    /// <summary>Over the wire.</summary>
    public LeaseSession(LdapConnection connection) => (Directory, _update) = (connection, connection.UpdateAsync);

    /// <summary>In the same process.</summary>
    public LeaseSession(IControlledDirectory directory) => (Directory, _update) = (directory, directory.UpdateAsync);

    public IDirectory Directory { get; }

    internal Task<LdapAnswer> UpdateAsync(IUpdateOperation operation, IReadOnlyList<LdapControl> controls, CancellationToken cancellationToken) =>
        _update(operation, controls, cancellationToken);
}

using Postern.Ldap;
using Postern.Mail;

namespace Postern.EdgeSync;

/// <summary>The organization's accepted domains. They reach the edges with the next configuration cycle.</summary>
public sealed class AcceptedDomains(IDirectory organization)
{
    /// <exception cref="LdapException">entryAlreadyExists when the domain is there; invalidAttributeSyntax when it is no domain.</exception>
    public Task<AcceptedDomain> AddAsync(string name, AcceptedDomainType type, CancellationToken cancellationToken = default) => throw new NotImplementedException($"{organization}");

    public Task<IReadOnlyList<AcceptedDomain>> ListAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <returns>False when there is no such domain.</returns>
    public Task<bool> RemoveAsync(string name, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}

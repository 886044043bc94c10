using Microsoft.Extensions.Logging;
using Postern.Directory;
using Postern.Ldap;
using Postern.Ldap.Server;

namespace Postern.EdgeSync.Accounts;

/// <summary>Who may log on to an edge directory, and as what.</summary>
public sealed class EdgeAuthenticator(DirectoryEngine engine, TimeProvider time, ILoggerFactory loggerFactory) : ILdapAuthenticator
{
    public IDirectory Anonymous(LdapPeer peer) => throw new NotImplementedException($"{engine}{time}{loggerFactory}");

    public Task<LdapBindOutcome> BindAsync(BindRequest request, LdapPeer peer, CancellationToken cancellationToken) => throw new NotImplementedException();
}

using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Postern.Ldap.Server;

/// <summary>An LDAPv3 server in front of an <see cref="IDirectory"/>.</summary>
public sealed class LdapServer : IAsyncDisposable
{
    private LdapServer(IReadOnlyList<IPEndPoint> endPoints) => EndPoints = endPoints;

    /// <summary>The addresses in use, in the order of the listeners asked for.</summary>
    public IReadOnlyList<IPEndPoint> EndPoints { get; }

    /// <param name="certificate">Asked at each handshake: a new certificate takes effect without dropping a session. Null: no TLS.</param>
    /// <exception cref="LdapListenException">An address is in use or not ours.</exception>
    public static Task<LdapServer> StartAsync(
        LdapServerOptions options,
        IReadOnlyList<LdapListener> listeners,
        Func<X509Certificate2>? certificate,
        ILdapAuthenticator authenticator,
        ILoggerFactory loggerFactory,
        TimeProvider time,
        CancellationToken cancellationToken = default)
    {
        options.Validate();
        throw new NotImplementedException("lands within the hour");
    }

    /// <summary>Takes no more connections, lets operations in flight end within <see cref="LdapServerOptions.ShutdownGrace"/>, says good-bye.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) =>
        EndPoints.Count >= 0 ? Task.CompletedTask : Task.FromCanceled(cancellationToken);

    public async ValueTask DisposeAsync() => await StopAsync();
}

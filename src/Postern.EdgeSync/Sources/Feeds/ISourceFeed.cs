using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.Feeds;

/// <summary>One way in which LDAP servers tell what changed.</summary>
internal interface ISourceFeed
{
    /// <summary>Begins a reading.</summary>
    /// <param name="connection">Belongs to the reading from now on; an exception leaves it to the caller.</param>
    /// <returns>Null: the server does not offer this feed after all.</returns>
    Task<ISourceReading?> OpenAsync(LdapConnection connection, ServerOffer offer, SourceCookie? since, CancellationToken cancellationToken);

    /// <summary>Rings as long as the connection lasts. Returns when this feed has no bell here.</summary>
    /// <param name="healthy">To be called when the bell hangs: attempts are counted anew.</param>
    /// <exception cref="SourceException">The connection was lost, or the server ended it.</exception>
    Task WatchAsync(LdapConnection connection, ServerOffer offer, Action healthy, CancellationToken cancellationToken);
}

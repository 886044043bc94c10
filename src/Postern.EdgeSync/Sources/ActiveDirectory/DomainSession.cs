using Postern.EdgeSync.Settings;
using Postern.EdgeSync.Sources.Connecting;
using Postern.Ldap.Client;

namespace Postern.EdgeSync.Sources.ActiveDirectory;

/// <summary>A bound connection to a domain controller and what it says about itself.</summary>
internal sealed class DomainSession(LdapConnection connection, LdapEndpoint endpoint, DomainControllerFacts facts, SourceSettings settings) : IAsyncDisposable
{
    public LdapConnection Connection => connection;

    public LdapEndpoint Endpoint => endpoint;

    public DomainControllerFacts Facts => facts;

    /// <summary>A failure of the directory in the words of the source.</summary>
    /// <param name="doing">What was under way.</param>
    public SourceException Explain(Exception failure, string doing) => SourceFailures.Explain(settings, failure, $"{endpoint}, {doing}");

    /// <summary>The same connection, with what the domain controller says of itself now.</summary>
    public async Task<DomainSession> RefreshAsync(CancellationToken cancellationToken) =>
        new(connection, endpoint, await DomainControllerFacts.ReadAsync(connection, settings, endpoint.ToString(), cancellationToken), settings);

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
